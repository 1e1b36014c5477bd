package flowtest_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// parse returns the frames of a script.
func parse(t *testing.T, text string) []reassembly.Frame {
	t.Helper()
	s, err := flowtest.Parse(t.Name(), text)
	if err != nil {
		t.Fatal(err)
	}
	return s.Frames()
}

// tcpOf decodes a frame with gopacket.
func tcpOf(t *testing.T, f reassembly.Frame, first gopacket.Decoder) *layers.TCP {
	t.Helper()
	p := gopacket.NewPacket(f.Data, first, gopacket.Default)
	if p.ErrorLayer() != nil {
		t.Fatalf("frame %d: %v", f.Number, p.ErrorLayer().Error())
	}
	tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !ok {
		t.Fatalf("frame %d holds no TCP: %v", f.Number, p)
	}
	return tcp
}

// TestSegmentIsWhatGopacketWrites compares whole packets, lengths and checksums
// included.
func TestSegmentIsWhatGopacketWrites(t *testing.T) {
	v6 := flowtest.Segment{
		Src: netip.MustParseAddrPort("[2001:db8::1]:40000"), Dst: netip.MustParseAddrPort("[2001:db8::2]:80"),
		Seq: 1<<32 - 1, Flags: reassembly.SYN, Window: 64800, TTL: 3,
	}
	v4 := flowtest.Segment{
		Seq: 7, Ack: 9, Flags: reassembly.ACK | reassembly.PSH, Window: 63, ID: 4001,
		Options: []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, Payload: []byte("odd"),
	}
	ip6 := &layers.IPv6{
		Version: 6, NextHeader: layers.IPProtocolTCP, HopLimit: 3,
		SrcIP: net.ParseIP("2001:db8::1"), DstIP: net.ParseIP("2001:db8::2"),
	}
	ip4 := &layers.IPv4{
		Version: 4, Id: 4001, Flags: layers.IPv4DontFragment, TTL: 64, Protocol: layers.IPProtocolTCP,
		SrcIP: net.IPv4(192, 0, 2, 1), DstIP: net.IPv4(192, 0, 2, 2),
	}
	check := func(got []byte, ip gopacket.NetworkLayer, tcp *layers.TCP, payload string) {
		t.Helper()
		if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
			t.Fatal(err)
		}
		want := gopacket.NewSerializeBuffer()
		opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
		err := gopacket.SerializeLayers(want, opts, ip.(gopacket.SerializableLayer), tcp, gopacket.Payload(payload))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Bytes(), got); diff != "" {
			t.Errorf("packet (-gopacket +ours):\n%s", diff)
		}
	}
	check(v6.IP(), ip6, &layers.TCP{SrcPort: 40000, DstPort: 80, Seq: 1<<32 - 1, SYN: true, Window: 64800}, "")
	check(v4.IP(), ip4, &layers.TCP{
		SrcPort: 40000, DstPort: 80, Seq: 7, Ack: 9, ACK: true, PSH: true, Window: 63,
		Options: []layers.TCPOption{
			{OptionType: layers.TCPOptionKindNop}, {OptionType: layers.TCPOptionKindNop},
			{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: []byte{0, 0, 0, 1, 0, 0, 0, 2}},
		},
	}, "odd")
}

func TestFramesAreNumberedTimedAndRelative(t *testing.T) {
	frames := parse(t, "isn C 4294967290\n0.5 C> S 0:0(0)\n+0.25 S> S. 0:0(0) ack 1\n+0.000000001 C> P. 1:11(10) ack 1 <sack 5:9>\n")
	if got := frames[2].Time - frames[0].Time; got != 250_000_001 {
		t.Errorf("frame 3 is %d ns after frame 1", got)
	}
	syn, synAck, data := tcpOf(t, frames[0], layers.LayerTypeEthernet),
		tcpOf(t, frames[1], layers.LayerTypeEthernet), tcpOf(t, frames[2], layers.LayerTypeEthernet)
	if syn.Seq != 1<<32-6 || synAck.Ack != 1<<32-5 || data.Seq != 1<<32-5 || data.Ack != synAck.Seq+1 {
		t.Errorf("numbers are %d, %d, %d and %d", syn.Seq, synAck.Ack, data.Seq, data.Ack)
	}
	if got := string(data.Payload); got != "bcdefghijk" {
		t.Errorf("payload is %q", got)
	}
	if left := binary.BigEndian.Uint32(data.Options[0].OptionData); left != synAck.Seq+5 {
		t.Errorf("SACK begins at %d, want the server's 5", left)
	}
}

// TestRepeat asks that rounds differ as they should, overlap in order of time, and
// that a later repeat goes on with the connections of an earlier one.
func TestRepeat(t *testing.T) {
	type seen struct {
		Milliseconds int64
		Src, Dst     string
		Seq          uint32
		Echo         uint32 // of the timestamps
	}
	var got []seen
	frames := parse(t, `
isn S 100
repeat 2 every 0.010 client addr+1 port+2
0      C> S  0:0(0)
+0.015 S> S. 0:0(0) ack 1
end repeat
repeat 2 every 0.5 client addr+1 port+2
+0.975 S> . 1:1(0) ack 1
end repeat
`)
	for _, f := range frames {
		tcp := tcpOf(t, f, layers.LayerTypeEthernet)
		s := seen{Milliseconds: (f.Time - frames[0].Time) / 1e6, Seq: tcp.Seq}
		s.Src = fmt.Sprintf("%s:%d", net.IP(f.Data[26:30]), tcp.SrcPort)
		s.Dst = fmt.Sprintf("%s:%d", net.IP(f.Data[30:34]), tcp.DstPort)
		for _, o := range tcp.Options {
			if o.OptionType == layers.TCPOptionKindTimestamps {
				s.Echo = binary.BigEndian.Uint32(o.OptionData[4:])
			}
		}
		got = append(got, s)
	}
	const first, second, server = "192.0.2.1:40000", "192.0.2.2:40002", "192.0.2.2:80"
	want := []seen{
		{0, first, server, 1_000_000_000, 0},
		{10, second, server, 1_001_000_003, 0},
		{15, server, first, 100, 3_000_000_000},
		{25, server, second, 1_000_103, 3_000_000_010},
		{1000, server, first, 101, 3_000_000_000},
		{1500, server, second, 1_000_104, 3_000_000_010},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLinuxDefaults pins what a line may leave out.
func TestLinuxDefaults(t *testing.T) {
	frames := parse(t, `
0.000 C> S 0:0(0)
0.010 S> S. 0:0(0) ack 1
0.020 C> . 1:1(0) ack 1
0.030 C> R. 1:1(0) ack 1 win 63
0.040 S> R 1:1(0)
`)
	type line struct {
		ID, Window uint16
		Options    string
	}
	var got []line
	for _, f := range frames {
		tcp := tcpOf(t, f, layers.LayerTypeEthernet)
		var opts []string
		for _, o := range tcp.Options {
			opts = append(opts, fmt.Sprintf("%d:%x", o.OptionType, o.OptionData))
		}
		got = append(got, line{binary.BigEndian.Uint16(f.Data[18:]), tcp.Window, strings.Join(opts, " ")})
	}
	want := []line{
		{4001, 64240, "2:05b4 4: 8:b2d05e0000000000 1: 3:0a"},
		{0, 65160, "2:05b4 4: 8:3b9aca0ab2d05e00 1: 3:0a"},
		{4002, 63, "1: 1: 8:b2d05e143b9aca0a"},
		{4003, 63, "1: 1: 8:b2d05e1e3b9aca0a"},
		{0, 0, ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEchoedTimestamps holds the clock to RFC 7323 §4.3 and to Linux: each line
// says what the server's segments echo, in milliseconds of the client's clock.
func TestEchoedTimestamps(t *testing.T) {
	tests := []struct {
		name, text string
		want       []uint32
	}{
		{"crossing and delayed", `
0.000 C> S 0:0(0)
0.010 S> S. 0:0(0) ack 1
0.020 C> . 1:1(0) ack 1
0.040 C> P. 1:11(10) ack 1
0.050 C> P. 11:21(10) ack 1
0.060 S> P. 1:2(1) ack 1    # crossed the data
0.070 S> . 2:2(0) ack 21    # a delayed ACK echoes the first of the two
0.080 C> P. 11:21(10) ack 2 # repeats what is there
0.090 S> . 2:2(0) ack 21
`, []uint32{0, 20, 40, 80}},
		{"lost after capture", "0 C> S 0:0(0) lost\n1 C> S 0:0(0)\n+0.01 S> S. 0:0(0) ack 1", []uint32{1000}},
		{"SYN again", "0 C> S 0:0(0)\n+0.01 S> S. 0:0(0) ack 1\n1 C> S 0:0(0)\n+0.01 S> S. 0:0(0) ack 1", []uint32{0, 0}},
		{"FIN again in CLOSE_WAIT", `
0 C> F. 1:1(0) ack 1
+0.01 S> . 1:1(0) ack 2
1 C> F. 1:1(0) ack 1
+0.01 S> . 1:1(0) ack 2
`, []uint32{0, 1000}},
		{"FIN again in TIME_WAIT", `
0 C> . 1:1(0) ack 1
0 S> F. 1:1(0) ack 1
1 C> F. 1:1(0) ack 2
+0.01 S> . 2:2(0) ack 2
2 C> F. 1:1(0) ack 2
+0.01 S> . 2:2(0) ack 2
`, []uint32{0, 1000, 1000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var echoes []uint32
			for _, f := range parse(t, tt.text) {
				tcp := tcpOf(t, f, layers.LayerTypeEthernet)
				for _, o := range tcp.Options {
					if o.OptionType == layers.TCPOptionKindTimestamps && tcp.SrcPort == 80 {
						echoes = append(echoes, binary.BigEndian.Uint32(o.OptionData[4:])-3_000_000_000)
					}
				}
			}
			if diff := cmp.Diff(tt.want, echoes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	for _, tt := range []struct {
		link  string
		value uint16
		first gopacket.Decoder
		skip  int // bytes that gopacket cannot decode
	}{
		{"ethernet", 1, layers.LayerTypeEthernet, 0},
		{"sll", 113, layers.LayerTypeLinuxSLL, 0},
		{"sll2", 276, layers.LayerTypeIPv4, 20},
		{"raw", 101, layers.LayerTypeIPv4, 0},
		{"null", 0, layers.LayerTypeLoopback, 0},
	} {
		t.Run(tt.link, func(t *testing.T) {
			f := parse(t, "link "+tt.link+"\n0 C> S 0:0(0)")[0]
			if f.LinkType != tt.value {
				t.Errorf("link type is %d", f.LinkType)
			}
			f.Data = f.Data[tt.skip:]
			if tcp := tcpOf(t, f, tt.first); !tcp.SYN || tcp.DstPort != 80 {
				t.Errorf("not the SYN: %+v", tcp)
			}
		})
	}
}

func TestDuplicatesAreTheSamePacket(t *testing.T) {
	frames := parse(t, "0 C> S 0:0(0)\n+0.1 S> S. 0:0(0) ack 1\n+0.00001 dup\n+0.00001 dup 1 ttl 63 vlan 7\n+1 C> S 0:0(0)")
	if !bytes.Equal(frames[1].Data, frames[2].Data) {
		t.Error("a plain copy differs from its original")
	}
	const tag, ttl, checksum = 4, 14 + 8, 14 + 10
	copied := bytes.Clone(frames[3].Data)
	copied = append(copied[:12:12], copied[12+tag:]...)
	if copied[ttl] != 63 || bytes.Equal(copied[checksum:checksum+2], frames[0].Data[checksum:checksum+2]) {
		t.Error("a copy from behind a router keeps TTL or checksum")
	}
	if !bytes.Equal(copied[checksum+2:], frames[0].Data[checksum+2:]) {
		t.Error("a copy from behind a router differs in more than the hop")
	}
	if id := 14 + 4; bytes.Equal(frames[4].Data[id:id+2], frames[0].Data[id:id+2]) {
		t.Error("a retransmission has the identification of its original")
	}
}

func TestSnapLengthCutsDataOnly(t *testing.T) {
	f := parse(t, "snaplen 54\n0 C> P. 1:1001(1000) ack 1")[0]
	if len(f.Data) != 54 || f.Length != 14+20+32+1000 {
		t.Errorf("%d bytes of %d", len(f.Data), f.Length)
	}
}

func TestICMPQuotesTheSegment(t *testing.T) {
	f := parse(t, "0 C> S 0:0(0)\n+0.1 icmp 203.0.113.9 toobig 1400 C> P. 1:1449(1448) ack 1")[1]
	p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.Default)
	icmp, ok := p.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4)
	if !ok || icmp.TypeCode.Type() != 3 || icmp.TypeCode.Code() != 4 || icmp.Seq != 1400 {
		t.Fatalf("no such error: %v", p)
	}
	if len(f.Data) != 14+576 {
		t.Errorf("the frame has %d bytes", len(f.Data))
	}
	if port := binary.BigEndian.Uint16(icmp.Payload[20:]); port != 40000 {
		t.Errorf("the quoted port is %d", port)
	}
}

// TestTcpdumpFindsNothingWrong gives every kind of frame to tcpdump, which checks
// all checksums and lengths by itself.
func TestTcpdumpFindsNothingWrong(t *testing.T) {
	tcpdump, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed")
	}
	for _, family := range []string{"", "client [2001:db8::1]:40000\nserver [2001:db8::2]:80\n"} {
		router := "203.0.113.9"
		if family != "" {
			router = "2001:db8::9"
		}
		frames := parse(t, family+`
0 C> S 0:0(0)
+0.1 S> S. 0:0(0) ack 1
+0.1 C> P. 1:102(101) ack 1
+0.1 dup ttl 63
+0.1 S> . 1:1(0) ack 1 <nop,nop,TS,nop,nop,sack 50:102>
+0.1 icmp `+router+` unreachable host C> P. 1:102(101) ack 1
+0.1 udp
+0.1 arp
`)
		cmd := exec.Command(tcpdump, "-nvv", "-r", "-")
		cmd.Stdin = bytes.NewReader(flowtest.Pcap(frames))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, bad := range []string{"incorrect", "bad ", "wrong", "trunc", "invalid"} {
			if bytes.Contains(out, []byte(bad)) {
				t.Errorf("tcpdump says %q:\n%s", bad, out)
			}
		}
		if n := bytes.Count(out, []byte("(correct)")); n < 5 {
			t.Errorf("tcpdump found %d right checksums, want 5 or more:\n%s", n, out)
		}
	}
}
