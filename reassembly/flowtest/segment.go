package flowtest

import (
	"encoding/binary"
	"net/netip"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Protocol numbers of the IP header.
const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

const (
	defaultTTL   = 64
	tcpHeader    = 20
	maxOptions   = 40 // bytes that the TCP header has for options (RFC 9293 §3.1)
	maxPayload   = 1<<16 - 1 - 20 - tcpHeader - maxOptions
	ipv4Header   = 20
	ipv6Header   = 40
	dontFragment = 0x4000
)

// DefaultClient and DefaultServer are the endpoints of a connection that names none.
func DefaultClient() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.1:40000") }

// DefaultServer returns the endpoint that DefaultClient talks to.
func DefaultServer() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.2:80") }

// Segment describes one TCP segment on its way. The zero value is a segment
// without flags from DefaultClient to DefaultServer.
type Segment struct {
	Src, Dst netip.AddrPort // both IPv4 or both IPv6; zero stands for the default endpoint
	Seq, Ack uint32
	Flags    reassembly.Flags
	Window   uint16 // as in the header, not scaled
	Urgent   uint16
	Options  []byte // as on the wire, at most 40 bytes; padded with zeros to whole words
	Payload  []byte
	ID       uint16 // IPv4 identification
	TTL      uint8  // or hop limit; zero stands for 64
}

// Ethernet returns the segment as an Ethernet frame.
func (s Segment) Ethernet() []byte {
	return Link{Type: LinkEthernet}.Frame(s.IP(), reassembly.Outgoing)
}

// IP returns the segment as an IP packet with right checksums.
func (s Segment) IP() []byte {
	src, dst := s.Src, s.Dst
	if !src.IsValid() {
		src = DefaultClient()
	}
	if !dst.IsValid() {
		dst = DefaultServer()
	}
	ttl := s.TTL
	if ttl == 0 {
		ttl = defaultTTL
	}
	tcp := s.tcp(src.Port(), dst.Port())
	sum := transportSum(src.Addr(), dst.Addr(), protoTCP, tcp)
	binary.BigEndian.PutUint16(tcp[16:], sum)
	return ipPacket(src.Addr(), dst.Addr(), protoTCP, ttl, s.ID, tcp)
}

// tcp returns header and payload, the checksum still zero.
func (s Segment) tcp(srcPort, dstPort uint16) []byte {
	header := tcpHeader + (len(s.Options)+3)/4*4
	b := make([]byte, header, header+len(s.Payload))
	binary.BigEndian.PutUint16(b[0:], srcPort)
	binary.BigEndian.PutUint16(b[2:], dstPort)
	binary.BigEndian.PutUint32(b[4:], s.Seq)
	binary.BigEndian.PutUint32(b[8:], s.Ack)
	binary.BigEndian.PutUint16(b[12:], uint16(header/4)<<12|uint16(s.Flags))
	binary.BigEndian.PutUint16(b[14:], s.Window)
	binary.BigEndian.PutUint16(b[18:], s.Urgent)
	copy(b[tcpHeader:], s.Options)
	return append(b, s.Payload...)
}

// ipPacket puts an IPv4 or IPv6 header, as src asks for, before payload.
func ipPacket(src, dst netip.Addr, proto, ttl uint8, id uint16, payload []byte) []byte {
	if src.Is4() {
		b := make([]byte, ipv4Header, ipv4Header+len(payload))
		b[0] = 4<<4 | ipv4Header/4
		binary.BigEndian.PutUint16(b[2:], uint16(ipv4Header+len(payload)))
		binary.BigEndian.PutUint16(b[4:], id)
		binary.BigEndian.PutUint16(b[6:], dontFragment)
		b[8], b[9] = ttl, proto
		copy(b[12:], src.AsSlice())
		copy(b[16:], dst.AsSlice())
		binary.BigEndian.PutUint16(b[10:], ^fold(sum16(b)))
		return append(b, payload...)
	}
	b := make([]byte, ipv6Header, ipv6Header+len(payload))
	b[0] = 6 << 4
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	b[6], b[7] = proto, ttl
	copy(b[8:], src.AsSlice())
	copy(b[24:], dst.AsSlice())
	return append(b, payload...)
}

// withTTL returns a copy of an IP packet that a router has passed on.
func withTTL(ip []byte, ttl uint8) []byte {
	b := append([]byte(nil), ip...)
	if b[0]>>4 == 6 {
		b[7] = ttl
		return b
	}
	b[8], b[10], b[11] = ttl, 0, 0
	binary.BigEndian.PutUint16(b[10:], ^fold(sum16(b[:ipv4Header])))
	return b
}

// transportSum returns the checksum of a TCP, UDP or ICMPv6 packet whose own
// checksum field is zero, the pseudo-header included (RFC 9293 §3.1, RFC 8200 §8.1).
func transportSum(src, dst netip.Addr, proto uint8, packet []byte) uint16 {
	pseudo := sum16(src.AsSlice()) + sum16(dst.AsSlice()) + uint64(proto) + uint64(len(packet))
	return ^fold(pseudo + sum16(packet))
}

// sum16 adds up the 16-bit words of b, which may end in half a word.
func sum16(b []byte) uint64 {
	var sum uint64
	for ; len(b) >= 2; b = b[2:] {
		sum += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	return sum
}

// fold brings a sum of 16-bit words to 16 bits in one's complement (RFC 1071).
func fold(sum uint64) uint16 {
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}
