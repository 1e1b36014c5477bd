package reassembly

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decode decodes data as one whole frame.
func decode(linkType uint16, data []byte) (Segment, ICMPError, Verdict) {
	var d Decoder
	var seg Segment
	var icmp ICMPError
	v := d.Decode(&Frame{Number: 7, Time: 9, LinkType: linkType, Data: data, Length: len(data)}, &seg, &icmp)
	return seg, icmp, v
}

func TestDecodeSYN(t *testing.T) {
	got, _, v := decode(1, unhex(`
		020000000002 020000000001 8100 // Ethernet, 802.1Q
		0064 0800                      // VLAN 100, IPv4
		45 00 0040 1234 4000 3f 06 0000 // 64 bytes, ID 0x1234, DF, TTL 63, TCP
		0a000001 0a000002
		d431 0050                      // 54321 to 80
		00000064 00000000              // seq 100
		b0c2 faf0 0000 0000            // 44 bytes of header; SYN, ECE, CWR; window 64240
		0204 05b4                      // MSS 1460
		0402                           // SACK permitted
		080a 00000bb8 00000000         // timestamps 3000 and 0
		01 0303 0e                     // NOP, window scale 14
		2202 0101                      // Fast Open without a cookie
	`))
	want := Segment{
		Frame: 7, Time: 9,
		Src: ipPort("10.0.0.1:54321"), Dst: ipPort("10.0.0.2:80"),
		Seq: 100, Flags: SYN | ECE | CWR, Window: 64240,
		Options: Options{
			Has: OptMSS | OptSACKPermitted | OptTimestamps | OptWindowScale | OptFastOpen,
			MSS: 1460, WindowScale: 14, TSVal: 3000,
		},
		IPID: 0x1234, HasIPID: true, TTL: 63,
		View: got.View,
	}
	if diff := cmp.Diff(want, got); v != IsTCP || diff != "" {
		t.Errorf("%v\n%s", v, diff)
	}
}

func TestDecodeData(t *testing.T) {
	got, _, v := decode(276, unhex(`
		86dd 0000 00000002 0304 04 06 020000000001 0000 // Linux cooked v2: interface 2, outgoing
		60000000 002f 06 40                             // 47 bytes of TCP, hop limit 64
		20010db8 00000000 00000000 00000001
		20010db8 00000000 00000000 00000002
		01bb d431                                       // 443 to 54321
		fffffffe 00000065                               // seq 2^32-2, ack 101
		a13f 0100 0000 0007                             // 40 bytes of header; AE and all but ECE and CWR; urgent 7
		0101 0512 00000001 00000003 00000005 00000009   // SACK 1-3, 5-9
		68656c6c6f2100                                  // 7 bytes
		dead                                            // a trailer
	`))
	want := Segment{
		Frame: 7, Time: 9,
		Src: ipPort("[2001:db8::1]:443"), Dst: ipPort("[2001:db8::2]:54321"),
		Seq: 0xfffffffe, Ack: 101, Flags: FIN | SYN | RST | PSH | ACK | URG | AE, Window: 256, Urgent: 7, Len: 7,
		Options: Options{Has: OptSACK, Blocks: 2, SACK: [4]Block{{1, 3}, {5, 9}}},
		TTL:     64, Direction: Outgoing, View: got.View,
		Sample: sample([]byte("hello!\x00")),
	}
	if diff := cmp.Diff(want, got); v != IsTCP || diff != "" {
		t.Errorf("%v\n%s", v, diff)
	}
}

func TestSampleTellsPayloadsApart(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 100} {
		b := make([]byte, n)
		was := sample(b)
		for _, at := range []int{0, n / 2, n - 1} {
			b[at] ^= 0x40
			if sample(b) == was {
				t.Errorf("%d bytes: another byte at %d makes no difference", n, at)
			}
			b[at] ^= 0x40
		}
		if sample(b) != was || was == 0 {
			t.Errorf("%d bytes: the same payload has sample %d, then %d", n, was, sample(b))
		}
	}
}

func TestVerdicts(t *testing.T) {
	v4 := join(ethernet4, ip4(6, plainTCP))
	tests := []struct {
		name     string
		linkType uint16
		data     []byte
		want     Verdict
	}{
		{"nothing", 1, nil, NotIP},
		{"ARP", 1, unhex("ffffffffffff 020000000001 0806 0001"), NotIP},
		{"spanning tree", 1, unhex("0180c2000000 020000000001 0026 424203 0000000000"), NotIP},
		{"UDP", 101, ip4(17, unhex("0035 0035 0008 0000")), NotTCP},
		{"ping", 101, ip4(1, unhex("0800 0000 00000000")), NotTCP},
		{"first fragment", 101, with(ip4(6, plainTCP[:24]), 6, "2000"), Fragment},
		{"later fragment", 101, with(ip4(6, plainTCP), 6, "0001"), Fragment},
		{"IPv6 fragment", 229, ip6(44, join("06 00 0001 00000001", plainTCP[:24])), Fragment},
		{"first fragment of an odd length", 101, with(ip4(6, plainTCP), 6, "2000"), BadIPHeader},
		{"fragment of nothing", 101, with(ip4(6, nil), 6, "0001"), BadIPHeader},
		{"fragment beyond any packet's end", 101, with(ip4(6, plainTCP), 6, "1fff"), BadIPHeader},
		{"version", 1, with(v4, 14, "65"), BadIPHeader},
		{"header length", 1, with(v4, 14, "44"), BadIPHeader},
		{"total length", 1, with(v4, 16, "0013"), BadIPHeader},
		{"jumbo length below its own header", 229, with(ip6(0, join("06 00 c204 00000007", plainTCP)), 4, "0000"), BadIPHeader},
		{"raw, neither version", 101, unhex("70"), BadIPHeader},
		{"data offset too small", 1, with(v4, 46, "40"), BadTCPHeader},
		{"data offset too large", 1, with(v4, 46, "70"), BadTCPHeader},
		{"no room for TCP", 101, ip4(6, plainTCP[:19]), BadTCPHeader},
		{"ESP", 101, ip4(50, make([]byte, 40)), UnknownEncapsulation},
		{"L2TP, control", 101, ip4(17, unhex("06a5 06a5 0014 0000 c802 000c 0001 0000 0000 0000")), NotTCP},
		{"L2TPv3, control", 101, ip4(115, unhex("00000000 c803 0008 00000001")), NotTCP},
		{"L2TPv3 with something else", 101, ip4(115, join("00000001", make([]byte, 40))), UnknownEncapsulation},
		{"L2F", 101, ip4(17, unhex("06a5 06a5 0010 0000 0001 0000 0000 0000")), UnknownEncapsulation},
		{"ERSPAN III, InfiniBand", 101, ip4(47, join("0000 22eb 2000 0000 00000000 0000 0400", make([]byte, 40))), UnknownEncapsulation},
		{"encrypted MACsec", 1, join("020000000002 020000000001 88e5 2c00 00000001", make([]byte, 40)), UnknownEncapsulation},
		{"VXLAN without the flag", 101, ip4(17, unhex("06a5 12b5 0010 0000 00000000 00000000")), UnknownEncapsulation},
		{"GRE with impossible routing", 101, ip4(47, unhex("4000 0800 00000000 0001 00ff")), UnknownEncapsulation},
		{"protected Wi-Fi", 105, join("0842 0000", make([]byte, 40)), UnknownEncapsulation},
		{"beacon", 105, join("8000 0000", make([]byte, 40)), NotIP},
		{"PPPoE discovery", 1, unhex("020000000002 020000000001 8863 1109 0000 0000"), NotIP},
		{"Wi-Fi without data", 105, join("4802 0000", make([]byte, 40)), NotIP},
		{"piece of a Wi-Fi frame", 105, join("0806 0000", make([]byte, 40)), UnknownEncapsulation},
		{"NFLOG without lengths", 239, make([]byte, 40), UnknownEncapsulation},
		{"NFLOG without a packet", 239, unhex("02000000 0800 0100 0800 0100 0800 0200 00000000"), UnknownEncapsulation},
		{"PPI with an unknown link", 192, unhex("0000 0800 ff000000 00"), UnknownLinkType},
		{"PPI without a link", 192, unhex("0000 0800 00000100 00"), UnknownEncapsulation},
		{"USB", 220, make([]byte, 64), UnknownLinkType},
		{"tags without end", 1, join("020000000002 020000000001", make8100(100)), TooDeep},
	}
	for _, tt := range tests {
		if _, _, v := decode(tt.linkType, tt.data); v != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, v, tt.want)
		}
	}
}

// make8100 returns n VLAN tags.
func make8100(n int) []byte {
	var tags []byte
	for range n {
		tags = append(tags, 0x81, 0x00, 0x00, 0x01)
	}
	return tags
}

// TestSnapLength cuts a segment with timestamps and 100 bytes of payload.
func TestSnapLength(t *testing.T) {
	whole := join(ethernet4, ip4(6, join("0400 0050 00000001 00000002 8010 1000 0000 0000 0101 080a 00000001 00000002", make([]byte, 100))))
	tests := []struct {
		captured              int
		verdict               Verdict
		headerCut, payloadCut bool
		has                   OptionSet
	}{
		{166, IsTCP, false, false, OptTimestamps},
		{165, IsTCP, false, true, OptTimestamps},
		{66, IsTCP, false, true, OptTimestamps},
		{65, IsTCP, true, true, 0},
		{54, IsTCP, true, true, 0},
		{50, IsTCP, true, true, 0},
		{49, CutBySnapLength, false, false, 0},
		{20, CutBySnapLength, false, false, 0},
		{3, CutBySnapLength, false, false, 0},
	}
	for _, tt := range tests {
		var d Decoder
		var seg Segment
		v := d.Decode(&Frame{LinkType: 1, Data: whole[:tt.captured], Length: len(whole)}, &seg, new(ICMPError))
		if v != tt.verdict || seg.HeaderCut != tt.headerCut || seg.PayloadCut != tt.payloadCut || seg.Options.Has != tt.has {
			t.Errorf("%d bytes: %v, header cut %v, payload cut %v, options %b",
				tt.captured, v, seg.HeaderCut, seg.PayloadCut, seg.Options.Has)
		}
		if v == IsTCP && seg.Len != 100 {
			t.Errorf("%d bytes: length %d, want 100", tt.captured, seg.Len)
		}
	}
}

// TestMinimumFrame has no length in its IP header and is padded by Ethernet.
func TestMinimumFrame(t *testing.T) {
	ack := with(join(ethernet4, ip4(6, plainTCP[:20]), make([]byte, 6)), 16, "0000")
	if seg, _, v := decode(1, ack); v != IsTCP || seg.Len != 0 || seg.PayloadCut {
		t.Errorf("%v, %d bytes, cut %v", v, seg.Len, seg.PayloadCut)
	}
}

// TestRecordTooShort has an IP header that counts more than the record of the
// frame: right when its checksum is.
func TestRecordTooShort(t *testing.T) {
	damaged := with(join(ethernet4, ip4(6, plainTCP)), 16, "05dc")
	right := with(damaged, 24, "4ee6")
	for name, tt := range map[string]struct {
		data []byte
		want int
	}{"damaged": {damaged, 5}, "right": {right, 1460}} {
		if seg, _, v := decode(1, tt.data); v != IsTCP || seg.Len != tt.want {
			t.Errorf("%s: %v, %d bytes, want %d", name, v, seg.Len, tt.want)
		}
	}
}

func TestRoutingHeader(t *testing.T) {
	const a, b = "20010db8 00000000 00000000 000000aa", "20010db8 00000000 00000000 000000bb"
	for _, tt := range []struct{ name, header string }{
		{"source route", "06 04 00 01 00000000" + b + a},
		{"home address", "06 02 02 01 00000000" + a},
		{"segment routing", "06 04 04 01 01000000" + a + b},
	} {
		seg, _, v := decode(229, ip6(43, join(tt.header, plainTCP)))
		if want := ipPort("[2001:db8::aa]:80"); v != IsTCP || seg.Dst != want {
			t.Errorf("%s: %v to %v, want %v", tt.name, v, seg.Dst, want)
		}
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name, hex string
		want      Options
	}{
		{"scale beyond 14", "0303ff", Options{Has: OptWindowScale, WindowScale: 14}},
		{"cookie", "220a 0102030405060708", Options{Has: OptFastOpen, CookieLength: 8}},
		{"experimental cookie", "fe08 f989 01020304", Options{Has: OptFastOpen, CookieLength: 4}},
		{"other experiment", "fe04 1234", Options{}},
		{"MPTCP", "1e0c 0081 0000000000000000", Options{Has: OptMPTCP}},
		{"MD5", "1312 00000000000000000000000000000000", Options{Has: OptSigned}},
		{"AO", "1d10 0000 000000000000000000000000", Options{Has: OptSigned}},
		{"after the end", "00 0402", Options{}},
		{"length 0 ends the list", "0204 05b4 0800 0402", Options{Has: OptMSS, MSS: 1460}},
		{"too long ends the list", "0402 080a 00000001", Options{Has: OptSACKPermitted}},
		{"wrong length is passed over", "0203 05 0402", Options{Has: OptSACKPermitted}},
		{"half a block", "050e 00000001 00000002 00000003 0402", Options{Has: OptSACKPermitted}},
	}
	for _, tt := range tests {
		var got Options
		got.read(unhex(tt.hex))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func TestDirection(t *testing.T) {
	for packetType, want := range map[string]Direction{
		"00": Incoming, "01": Incoming, "02": Incoming, "03": Passing, "04": Outgoing, "07": DirectionUnknown,
	} {
		seg, _, _ := decode(276, join("0800 0000 00000002 0001", packetType, "06 020000000001 0000", ip4(6, plainTCP)))
		if seg.Direction != want {
			t.Errorf("v2, packet type %s: %v, want %v", packetType, seg.Direction, want)
		}
		seg, _, _ = decode(113, join("00", packetType, "0001 0006 020000000001 0000 0800", ip4(6, plainTCP)))
		if seg.Direction != want {
			t.Errorf("v1, packet type %s: %v, want %v", packetType, seg.Direction, want)
		}
	}
}

// TestView changes one thing at a time about where a segment was seen.
func TestView(t *testing.T) {
	v4 := ip4(6, plainTCP)
	tagged := join("020000000002 020000000001 8100 0001 0800", v4)
	frames := []Frame{
		{LinkType: 1, Data: tagged},
		{LinkType: 1, Data: tagged, Interface: 1},
		{LinkType: 1, Data: with(tagged, 0, "02ff")},
		{LinkType: 1, Data: with(tagged, 10, "02")},
		{LinkType: 1, Data: with(tagged, 15, "02")},
		{LinkType: 276, Data: join("0800 0000 00000002 0001 00 06 020000000001 0000", v4)},
		{LinkType: 276, Data: join("0800 0000 00000003 0001 00 06 020000000001 0000", v4)},
		{LinkType: 276, Data: join("0800 0000 00000002 0001 04 06 020000000001 0000", v4)},
		{LinkType: 276, Data: join("0800 0000 00000002 0001 00 06 020000000002 0000", v4)},
	}
	seen := make(map[uint32]int)
	for i := range frames {
		var d Decoder
		var first, again Segment
		d.Decode(&frames[i], &first, new(ICMPError))
		d.Decode(&frames[i], &again, new(ICMPError))
		if first.View != again.View {
			t.Errorf("frame %d: view %#x, then %#x", i, first.View, again.View)
		}
		if other, ok := seen[first.View]; ok {
			t.Errorf("frames %d and %d have the same view", i, other)
		}
		seen[first.View] = i
	}
	priority, _, _ := decode(1, with(tagged, 14, "e0"))
	plain, _, _ := decode(1, tagged)
	if priority.View != plain.View {
		t.Error("the priority of a tag changes the view")
	}
}
