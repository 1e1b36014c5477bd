package reassembly

import "testing"

// fastFrames take the paths that must not allocate and that are measured.
var fastFrames = []struct {
	name  string
	frame Frame
}{
	{"EthernetIPv4", Frame{LinkType: 1, Data: join(ethernet4, ip4(6, unhex(`
		0400 0050 00000001 00000002 8010 1000 0000 0000 0101 080a 00000001 00000002`)), make([]byte, 1400))}},
	{"VLANIPv6", Frame{LinkType: 1, Data: join("020000000002 020000000001 8100 0001 86dd", ip6(6, plainTCP))}},
	{"CookedSACK", Frame{LinkType: 276, Data: join("0800 0000 00000002 0001 00 06 020000000001 0000", ip4(6, unhex(`
		0400 0050 00000001 00000002 d010 1000 0000 0000
		0101 080a 00000001 00000002 0101 0512 00000005 00000007 00000009 0000000b`)))}},
	{"IPInIP", Frame{LinkType: 101, Data: ip4(4, ip4(6, plainTCP))}},
	{"UDP", Frame{LinkType: 1, Data: join(ethernet4, ip4(17, make([]byte, 100)))}},
	{"ICMPError", Frame{LinkType: 101, Data: ip4(1, join("0301 0000 00000000", ip4(6, plainTCP)))}},
}

func TestNoAllocs(t *testing.T) {
	var d Decoder
	var seg Segment
	var icmp ICMPError
	for i := range fastFrames {
		f := &fastFrames[i].frame
		if n := testing.AllocsPerRun(100, func() { d.Decode(f, &seg, &icmp) }); n != 0 {
			t.Errorf("%s: %v allocations", fastFrames[i].name, n)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	var d Decoder
	var seg Segment
	var icmp ICMPError
	for i := range fastFrames {
		f := &fastFrames[i].frame
		b.Run(fastFrames[i].name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(f.Data)))
			for b.Loop() {
				d.Decode(f, &seg, &icmp)
			}
		})
	}
}

// BenchmarkKey goes from the frame to the hash that finds its connection.
func BenchmarkKey(b *testing.B) {
	var d Decoder
	var seg Segment
	seed := NewSeed()
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(&fastFrames[0].frame, &seg, nil)
		var k Key
		k.Join(&seg.Src, &seg.Dst)
		k.Hash(&seed)
	}
}

func BenchmarkTable(b *testing.B) {
	t := newKeyring()
	for i := range 1 << 16 {
		k, _ := KeyOf(Endpoint{Port: uint16(i)}, ipPort("10.0.0.2:80"))
		t.add(k)
	}
	for i := 0; b.Loop(); i++ {
		t.Get(&t.keys[i*7919%len(t.keys)])
	}
}
