package reassembly

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// segment100 is a segment with a full list of options and 100 bytes of payload.
var segment100 = join("0400 0050 00000001 00000002 f018 1000 0000 0000 080a 00000001 00000002",
	"0101 0512 00000005 00000007 00000009 0000000b", "0101 0101 0101 0101 0101", make([]byte, 100))

// cut4 returns IPv4 packets with the pieces of a payload that end at the given places.
func cut4(protocol byte, payload []byte, ends ...int) (pieces [][]byte) {
	from := 0
	for _, end := range append(ends, len(payload)) {
		b := ip4(protocol, payload[from:end])
		place := uint16(from / 8)
		if end < len(payload) {
			place |= 0x2000
		}
		be.PutUint16(b[6:], place)
		pieces, from = append(pieces, b), end
	}
	return pieces
}

// cut6 does the same for IPv6.
func cut6(next byte, payload []byte, ends ...int) (pieces [][]byte) {
	from := 0
	for _, end := range append(ends, len(payload)) {
		header := unhex("06 00 0000 00000001")
		header[0] = next
		place := uint16(from)
		if end < len(payload) {
			place |= 1
		}
		be.PutUint16(header[2:], place)
		pieces, from = append(pieces, ip6(44, join(header, payload[from:end]))), end
	}
	return pieces
}

// feed decodes packets as raw IP, each a millisecond after the one before.
func feed(d *Decoder, packets ...[]byte) (verdicts []Verdict, seg Segment) {
	for i, data := range packets {
		f := Frame{Number: i + 1, Time: int64(i) * 1e6, LinkType: 101, Data: data, Length: len(data)}
		verdicts = append(verdicts, d.Decode(&f, &seg, new(ICMPError)))
	}
	return verdicts, seg
}

// TestFragments cuts the same segment in many ways: it must come out as if it had
// come whole, with the last piece.
func TestFragments(t *testing.T) {
	whole, _, _ := decode(101, ip4(6, segment100))
	inGRE := join("0000 0800", ip4(6, segment100))
	nested := cut4(4, ip4(6, segment100), 40)
	tests := []struct {
		name   string
		pieces [][]byte
	}{
		{"halves", cut4(6, segment100, 80)},
		{"a header in tiny pieces", cut4(6, segment100, 8, 16, 24, 32, 40, 48, 56)},
		{"IPv6", cut6(6, segment100, 80)},
		{"IPv6, tiny", cut6(6, segment100, 8, 16, 24, 32)},
		{"IPv6, an extension header in the first piece", cut6(60, join("06 00 0104 00000000", segment100), 8, 64)},
		{"a tunnel", cut4(47, inGRE, 8, 16, 80)},
		{"a tunnel in fragments of another", append(cut4(47, join("0000 0800", nested[0]), 16, 40), ip4(4, nested[1]))},
	}
	for _, tt := range tests {
		for range 20 {
			var d Decoder
			verdicts, got := feed(&d, tt.pieces...)
			last := len(verdicts) - 1
			for i, v := range verdicts[:last] {
				if v != Fragment {
					t.Errorf("%s: piece %d: %v", tt.name, i, v)
				}
			}
			want := whole
			want.Frame, want.Time = len(tt.pieces), got.Time
			want.IPID, want.HasIPID, want.TTL, want.View = got.IPID, got.HasIPID, got.TTL, got.View
			if strings.HasPrefix(tt.name, "IPv6") {
				want.Src.IP, want.Dst.IP = ipPort("[2001:db8::1]:0").IP, ipPort("[2001:db8::2]:0").IP
			}
			if diff := cmp.Diff(want, got); verdicts[last] != IsTCP || diff != "" {
				t.Fatalf("%s: %v\n%s", tt.name, verdicts, diff)
			}
			if d.Pieces() != last || len(d.fragments.open) != 0 || d.fragments.byAge.Len() != 0 {
				t.Errorf("%s: %d pieces before, %d packets still open", tt.name, d.Pieces(), len(d.fragments.open))
			}
			rand.Shuffle(len(tt.pieces), func(i, j int) { tt.pieces[i], tt.pieces[j] = tt.pieces[j], tt.pieces[i] })
		}
	}
}

// TestFragmentConflicts sends pieces that do not fit together.
func TestFragmentConflicts(t *testing.T) {
	halves, thirds, later := cut4(6, segment100, 80), cut4(6, segment100, 64, 128), cut4(6, segment100, 88)
	short, other := cut4(6, segment100[:120], 80), with(halves[1], 4, "4321")
	const piece, overlap = Fragment, OverlappingFragment
	tests := []struct {
		name   string
		pieces [][]byte
		want   []Verdict
	}{
		{"a copy of the first piece", [][]byte{halves[0], halves[0], halves[1]}, []Verdict{piece, piece, IsTCP}},
		{"a copy of the last piece", [][]byte{halves[1], halves[1], halves[0]}, []Verdict{piece, piece, IsTCP}},
		{"twice the whole", [][]byte{halves[0], halves[1], halves[0], halves[1]}, []Verdict{piece, IsTCP, piece, IsTCP}},
		{"another packet's piece", [][]byte{halves[0], other, halves[1]}, []Verdict{piece, piece, IsTCP}},
		{"overlap", [][]byte{halves[0], thirds[1], halves[1]}, []Verdict{piece, overlap, overlap}},
		{"overlap from the end", [][]byte{halves[1], later[0], halves[0]}, []Verdict{piece, overlap, overlap}},
		{"two ends", [][]byte{short[1], halves[1], halves[0]}, []Verdict{piece, overlap, overlap}},
		{"a piece behind the end", [][]byte{short[1], thirds[2]}, []Verdict{piece, overlap}},
		{"the end before a piece", [][]byte{thirds[2], short[1]}, []Verdict{piece, overlap}},
	}
	for _, tt := range tests {
		var d Decoder
		got, _ := feed(&d, tt.pieces...)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

// TestFragmentsCut holds pieces of which the capture has the beginnings only.
func TestFragmentsCut(t *testing.T) {
	halves := cut4(6, segment100, 80)
	for n := 20; n < 100; n++ {
		var d Decoder
		var seg Segment
		d.Decode(&Frame{LinkType: 101, Data: halves[0][:n], Length: 100}, &seg, new(ICMPError))
		v := d.Decode(&Frame{LinkType: 101, Data: halves[1], Length: 100}, &seg, new(ICMPError))
		switch {
		case n < 36 && v != CutBySnapLength:
			t.Errorf("%d bytes of the first piece: %v", n, v)
		case n >= 36 && (v != IsTCP || seg.Len != 100 || !seg.PayloadCut || seg.HeaderCut != (n < 80)):
			t.Errorf("%d bytes of the first piece: %v, %+v", n, v, seg)
		}
	}
}

// TestFragmentsLong has more payload than is kept of a packet.
func TestFragmentsLong(t *testing.T) {
	var d Decoder
	long := join(plainTCP[:20], make([]byte, 60000))
	if v, seg := feed(&d, cut4(6, long, 1480, 30000)...); v[2] != IsTCP || seg.Len != 60000 || seg.PayloadCut {
		t.Errorf("%v, %d bytes, cut %v", v, seg.Len, seg.PayloadCut)
	}
}

// TestFragmentsWait lets the second half of a packet come late.
func TestFragmentsWait(t *testing.T) {
	v4, v6 := cut4(6, segment100, 80), cut6(6, segment100, 80)
	tests := []struct {
		pieces [][]byte
		wait   int64
		want   Verdict
	}{
		{v4, ipv4Wait, IsTCP}, {v4, ipv4Wait + 1, Fragment},
		{v6, ipv6Wait, IsTCP}, {v6, ipv6Wait + 1, Fragment},
	}
	for _, tt := range tests {
		var d Decoder
		d.Decode(&Frame{Time: 5, LinkType: 101, Data: tt.pieces[0]}, new(Segment), new(ICMPError))
		v := d.Decode(&Frame{Time: 5 + tt.wait, LinkType: 101, Data: tt.pieces[1]}, new(Segment), new(ICMPError))
		if v != tt.want {
			t.Errorf("after %d ns: %v, want %v", tt.wait, v, tt.want)
		}
	}
}

// TestFragmentsBounded floods the decoder with pieces of packets that never come
// whole, and of one packet that has more holes than are kept.
func TestFragmentsBounded(t *testing.T) {
	var d Decoder
	var seg Segment
	first := cut4(6, segment100, 80)[0]
	for id := range 5 * maxPartial {
		be.PutUint16(first[4:], uint16(id))
		d.Decode(&Frame{LinkType: 101, Data: first}, &seg, new(ICMPError))
	}
	if n := len(d.fragments.open); n != maxPartial || d.fragments.byAge.Len() != n {
		t.Errorf("%d packets held, %d in order of age; want %d", n, d.fragments.byAge.Len(), maxPartial)
	}
	scattered := with(ip4(6, make([]byte, 8)), 4, "ffff 2000")
	var v Verdict
	for i := range 2 * maxIntervals {
		be.PutUint16(scattered[6:], 0x2000|uint16(2*i+2))
		v = d.Decode(&Frame{LinkType: 101, Data: scattered}, &seg, new(ICMPError))
	}
	if v != OverlappingFragment {
		t.Errorf("a packet with %d holes: %v", 2*maxIntervals, v)
	}
}

// TestFragmentQuoted has a router complain about the first piece of a packet.
func TestFragmentQuoted(t *testing.T) {
	for name, data := range map[string][]byte{
		"IPv4": ip4(1, join("0b01 0000 00000000", cut4(6, segment100, 80)[0][:28])),
		"IPv6": ip6(58, join("0300 0000 00000000", cut6(6, segment100, 80)[0])),
	} {
		if _, e, v := decode(101, data); v != IsICMPError || e.Src.Port != 1024 || e.Seq != 1 {
			t.Errorf("%s: %v, %+v", name, v, e)
		}
	}
}
