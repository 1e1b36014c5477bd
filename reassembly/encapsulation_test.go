package reassembly

import "testing"

// encapsulation is the segment plainTCP behind some headers.
type encapsulation struct {
	name     string
	linkType uint16
	data     []byte
	len      int // bytes of payload, where it is not plainTCP's
}

const plainLen = 5

// encapsulations holds plainTCP behind every kind of header.
func encapsulations() []encapsulation {
	const addresses = "020000000002 020000000001"
	const cisco = "00000c000002 00000c000001 0800" // tshark knows pseudowires by the maker of the card
	const snap = "aaaa03 000000 0800"
	v4, v6 := ip4(6, plainTCP), ip6(6, plainTCP)
	inEthernet := join(ethernet4, v4)
	udp := func(port string, payload ...any) []byte {
		b := join("ffff", port, "0000 0000", join(payload...))
		be.PutUint16(b[4:], uint16(len(b)))
		return ip4(17, b)
	}
	gre := func(parts ...any) []byte { return ip4(47, join(parts...)) }
	return []encapsulation{
		{name: "Ethernet", linkType: 1, data: inEthernet},
		{name: "padding", linkType: 1, data: join(inEthernet, "000000000000")},
		{name: "QinQ", linkType: 1, data: join(addresses, "88a8 0001 8100 0002 0800", v4)},
		{name: "old QinQ", linkType: 1, data: join(addresses, "9100 0001 8100 0002 0800", v4)},
		{name: "older QinQ", linkType: 1, data: join(addresses, "9200 0001 8100 0002 0800", v4)},
		{name: "LLC and SNAP", linkType: 1, data: join(addresses, "0035", snap, v4)},
		{name: "provider backbone", linkType: 1, data: join(addresses, "88e7 00000001", inEthernet)},
		{name: "MACsec, signed", linkType: 1, data: join(addresses, "88e5 2000 00000001 0200000000010001 0800", v4, make([]byte, 16))},
		{name: "Cisco metadata", linkType: 1, data: join(addresses, "8909 0101 0001 0007 0800", v4)},
		{name: "cooked", linkType: 113, data: join("0000 0001 0006 020000000001 0000 0800", v4)},
		{name: "cooked with VLAN", linkType: 113, data: join("0000 0001 0006 020000000001 0000 8100 0001 86dd", v6)},
		{name: "cooked v2 with VLAN", linkType: 276, data: join("8100 0000 00000002 0001 00 06 020000000001 0000 0001 0800", v4)},
		{name: "raw", linkType: 101, data: v4},
		{name: "raw of BSD", linkType: 12, data: v6},
		{name: "raw of OpenBSD", linkType: 14, data: v4},
		{name: "IPv4", linkType: 228, data: v4},
		{name: "IPv6", linkType: 229, data: v6},
		{name: "NULL, little endian", linkType: 0, data: join("02000000", v4)},
		{name: "NULL, Darwin", linkType: 0, data: join("1e000000", v6)},
		{name: "LOOP", linkType: 108, data: join("00000018", v6)},
		{name: "FDDI", linkType: 10, data: join("50", addresses, snap, v4)},
		{name: "RFC 1483", linkType: 100, data: join(snap, v4)},
		{name: "Cisco HDLC", linkType: 104, data: join("0f00 0800", v4)},
		{name: "Cisco HDLC with direction", linkType: 205, data: join("01 0f00 0800", v4)},
		{name: "Cisco HDLC as PPP", linkType: 50, data: join("0f00 0800", v4)},
		{name: "PPP", linkType: 9, data: join("ff03 0021", v4)},
		{name: "PPP, all compressed", linkType: 50, data: join("57", v6)},
		{name: "PPP with direction", linkType: 204, data: join("00 ff03 0021", v4)},
		{name: "PPPoE", linkType: 1, data: join(addresses, "8864 1100 0001 002f 0021", v4)},
		{name: "MPLS", linkType: 1, data: join(addresses, "8847 00001040 00002140", v4)},
		{name: "MPLS link", linkType: 219, data: join("00001140", v4)},
		{name: "pseudowire", linkType: 1, data: join(addresses, "8847 00001140 00000000", cisco, v4)},
		{name: "pseudowire without a control word", linkType: 1, data: join(addresses, "8848 00001140", cisco, v4)},
		{name: "NFLOG", linkType: 239, data: join(
			"02000000 0800 0100 0800 01 00 0500 0a00 00 000000 0800 0500 00000002 3100 0900", v4, "000000")},
		{name: "NFLOG, big endian", linkType: 239, data: join("0a000000 0008 0001 86dd 03 00 0045 0009", v6, "000000")},
		{name: "PFLOG", linkType: 117, data: join("3d 02 0000", make([]byte, 60), v4)},
		{name: "enc of OpenBSD", linkType: 109, data: join("02000000 00000001 00000000", v4)},
		{name: "PKTAP", linkType: 258, data: join("6c000000 01000000 01000000 656e3000", make([]byte, 20), "01000000", make([]byte, 68), inEthernet)},
		{name: "PPI", linkType: 192, data: join("0000 0800 01000000", inEthernet)},
		{name: "DSA", linkType: 284, data: join(addresses, "c0180000 0800", v4)},
		{name: "EtherType DSA", linkType: 285, data: join(addresses, "dada 0000 c0180000 0800", v4)},
		{name: "Broadcom tag", linkType: 281, data: join(addresses, "20000001 0800", v4)},
		{name: "Broadcom tag in front", linkType: 282, data: join("20000001", inEthernet)},
		{name: "IP options", linkType: 101, data: with(join(v4[:20], "01010101", v4[20:]), 0, "4600 0031")},
		{name: "TSO without a length", linkType: 1, data: join(with(inEthernet, 16, "0000"), make([]byte, 60)), len: 65},
		{name: "BIG TCP without a length", linkType: 229, data: join(with(v6, 4, "0000"), make([]byte, 60)), len: 65},
		{name: "BIG TCP of 70,000 bytes", linkType: 101, data: join(with(v4, 2, "0000"), make([]byte, 69995)), len: 70000},
		{name: "BIG TCP with a jumbo option behind others", linkType: 229,
			data: with(ip6(0, join("06 01 00 00 0502 0000 01 00 c204 00011194", plainTCP, make([]byte, 69995))), 4, "0000"), len: 70000},
		{name: "BIG TCP with a jumbo option", linkType: 229,
			data: with(ip6(0, join("06 00 c204 0001118c", plainTCP, make([]byte, 69995))), 4, "0000"), len: 70000},
		{name: "hop-by-hop", linkType: 229, data: ip6(0, join("3c 00 0104 00000000", "06 00 0104 00000000", plainTCP))},
		{name: "mobility", linkType: 229, data: ip6(135, join("06 00 0000 00000000", plainTCP))},
		{name: "HIP", linkType: 229, data: ip6(139, join("06 04 0011 00000000", make([]byte, 32), plainTCP))},
		{name: "shim6", linkType: 229, data: ip6(140, join("06 00 8000 00000000", plainTCP))},
		{name: "atomic fragment", linkType: 229, data: ip6(44, join("06 00 0000 00000001", plainTCP))},
		{name: "routing header, at its end", linkType: 229, data: ip6(43, join("06 02 04 00 00000000", make([]byte, 16), plainTCP))},
		{name: "segment routing", linkType: 229, data: ip6(43, join("06 02 04 01 00000000",
			"20010db8 00000000 00000000 00000002", plainTCP))},
		{name: "segment routing with IPv4", linkType: 229, data: ip6(43, join("04 02 04 00 00000000", make([]byte, 16), v4))},
		{name: "segment routing with Ethernet", linkType: 229, data: ip6(43, join("8f 02 04 00 00000000", make([]byte, 16), inEthernet))},
		{name: "AH", linkType: 101, data: ip4(51, join("06 04 0000 00000001 00000001", make([]byte, 12), plainTCP))},
		{name: "AH in IPv6", linkType: 229, data: ip6(51, join("06 04 0000 00000001 00000001", make([]byte, 12), plainTCP))},
		{name: "IP in IP", linkType: 1, data: join(ethernet4, ip4(4, v4))},
		{name: "6in4", linkType: 101, data: ip4(41, v6)},
		{name: "4in6", linkType: 229, data: ip6(4, v4)},
		{name: "6in6", linkType: 229, data: ip6(41, v6)},
		{name: "EtherIP", linkType: 101, data: ip4(97, join("3000", inEthernet))},
		{name: "MPLS in IP", linkType: 101, data: ip4(137, join("00001140", v4))},
		{name: "MPLS in UDP", linkType: 101, data: udp("19eb", "00001140", v4)},
		{name: "GRE", linkType: 101, data: gre("0000 0800", v4)},
		{name: "GRE with key", linkType: 101, data: gre("2000 0800 00000001", v4)},
		{name: "GRE with checksum, key and sequence", linkType: 101, data: gre("b000 86dd 0000 0000 00000001 00000001", v6)},
		{name: "GRE in IPv6", linkType: 229, data: ip6(47, join("0000 0800", v4))},
		{name: "GRE with a VLAN tag", linkType: 101, data: gre("0000 8100 0001 0800", v4)},
		{name: "PPTP", linkType: 101, data: gre("3081 880b 002f 0001 00000001 00000001 ff03 0021", v4)},
		{name: "GRE with Ethernet", linkType: 101, data: gre("0000 6558", inEthernet)},
		{name: "WCCP", linkType: 101, data: gre("0000 883e 00010000", v4)},
		{name: "WCCP version 1", linkType: 101, data: gre("0000 883e", v4)},
		{name: "ERSPAN", linkType: 101, data: gre("0000 88be", inEthernet)},
		{name: "ERSPAN II", linkType: 101, data: gre("1000 88be 00000001 1001 0001 00000000", inEthernet)},
		{name: "ERSPAN III", linkType: 101, data: gre("1000 22eb 00000001 2001 0001 00000000 0000 0000", inEthernet)},
		{name: "ERSPAN III with a subheader", linkType: 101, data: gre(
			"1000 22eb 00000001 2001 0001 00000000 0000 0001 0000000000000000", inEthernet)},
		{name: "VXLAN", linkType: 101, data: udp("12b5", "08000000 00000100", inEthernet)},
		{name: "VXLAN, the old port", linkType: 101, data: udp("2118", "08000000 00000100", inEthernet)},
		{name: "VXLAN-GPE", linkType: 101, data: udp("12b6", "0c000001 00000100", v4)},
		{name: "NSH in VXLAN-GPE", linkType: 101, data: udp("12b6", "0c000004 00000100", "0fc2 0201 000001ff", v4)},
		{name: "NSH with metadata", linkType: 1, data: join(addresses, "894f 0fc6 0103 000001ff", make([]byte, 16), inEthernet)},
		{name: "Geneve with options", linkType: 101, data: udp("17c1", "0100 6558 00000100 00000000", inEthernet)},
		{name: "Geneve with IP", linkType: 101, data: udp("17c1", "0000 86dd 00000100", v6)},
		{name: "GTP-U", linkType: 101, data: udp("0868", "30ff 002d 00000001", v4)},
		{name: "GTP-U with an extension", linkType: 101, data: udp("0868", "34ff 0035 00000001 0000 00 85 01 00 00 00", v4)},
		{name: "L2TP", linkType: 101, data: udp("06a5", "0002 0001 0001 ff03 0021", v4)},
		{name: "L2TP with all fields", linkType: 101, data: udp("06a5", "4a02 0041 0001 0001 0001 0000 0002 0000 ff03 0021", v4)},
		{name: "L2TP to another port", linkType: 101, data: ip4(17, join("06a5 ffff 003d 0000 0002 0001 0001 0021", v4))},
		{name: "L2TPv3 in IP", linkType: 101, data: ip4(115, join("00000001", inEthernet))},
		{name: "L2TPv3 in UDP with a sublayer", linkType: 101, data: udp("06a5", "0003 0000 00000001 40000000", inEthernet)},
		{name: "L2TPv3 with cookie and sublayer", linkType: 101, data: ip4(115, join("00000001 0102030405060708 40000000", inEthernet))},
		{name: "Wi-Fi", linkType: 105, data: join("0802 0000", make([]byte, 20), snap, v4, "00000000")},
		{name: "Wi-Fi, four addresses", linkType: 105, data: join("8803 0000", make([]byte, 28), snap, v4)},
		{name: "Wi-Fi with HT control", linkType: 105, data: join("8882 0000", make([]byte, 26), snap, v4)},
		{name: "Wi-Fi with radiotap", linkType: 127, data: join("00 00 0900 02000000 10", "8802 0000", make([]byte, 22), snap, v4, "00000000")},
		{name: "Wi-Fi with radiotap, padded", linkType: 127, data: join(
			"00 00 1900 03000080 00000080 00000000 0000000000000000 20", "8802 0000", make([]byte, 22), "0000", snap, v4)},
		{name: "A-MSDU", linkType: 105, data: join("8802 0000", make([]byte, 20), "8000", addresses, "0035", snap, v4)},
		{name: "VXLAN in GRE in IPv6", linkType: 229, data: ip6(47, join("0000 0800", udp("12b5", "08000000 00000100", inEthernet)))},
	}
}

// TestEncapsulations reads the same segment behind every kind of header, whole and
// cut by every snap length.
func TestEncapsulations(t *testing.T) {
	for _, e := range encapsulations() {
		t.Run(e.name, func(t *testing.T) {
			want := plainLen
			if e.len > 0 {
				want = e.len
			}
			seg, _, v := decode(e.linkType, e.data)
			if v != IsTCP || seg.Src.Port != 1024 || seg.Dst.Port != 80 || seg.Len != want || seg.PayloadCut {
				t.Fatalf("%v, %v > %v, %d bytes, cut %v", v, seg.Src, seg.Dst, seg.Len, seg.PayloadCut)
			}
			for n := range min(len(e.data), 1000) {
				var d Decoder
				var cut Segment
				v := d.Decode(&Frame{LinkType: e.linkType, Data: e.data[:n], Length: len(e.data)}, &cut, new(ICMPError))
				if v != CutBySnapLength && (v != IsTCP || cut.Dst != seg.Dst || cut.Len != seg.Len) {
					t.Errorf("cut after %d bytes: %v, %d bytes to %v", n, v, cut.Len, cut.Dst)
				}
			}
		})
	}
}

// TestAMSDU finds every segment of a Wi-Fi frame that holds three packets, of
// which the second is no TCP.
func TestAMSDU(t *testing.T) {
	const addresses, snap = "020000000002 020000000001", "aaaa03 000000 0800"
	v4 := ip4(6, plainTCP) // 45 bytes: 53 with SNAP
	frame := join("8802 0000", make([]byte, 20), "8000",
		addresses, "0035", snap, v4, "00",
		addresses, "0024", snap, ip4(17, make([]byte, 8)), "0000",
		addresses, "0035", snap, with(v4, 20, "0401"))
	var d Decoder
	var seg Segment
	var got []Verdict
	var ports []uint16
	v, more := d.Decode(&Frame{LinkType: 105, Data: frame, Length: len(frame)}, &seg, new(ICMPError)), true
	for ; more; v, more = d.More(&seg, new(ICMPError)) {
		got, ports = append(got, v), append(ports, seg.Src.Port)
	}
	if len(got) != 3 || got[0] != IsTCP || got[1] != NotTCP || got[2] != IsTCP || ports[0] != 1024 || ports[2] != 1025 {
		t.Errorf("%v from ports %v", got, ports)
	}
}
