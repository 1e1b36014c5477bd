package reassembly

import (
	"net/netip"
)

// Frame is one record of a capture, as a capture source hands it over.
type Frame struct {
	Number    int    // position in the capture, from 1, as Wireshark counts
	Time      int64  // nanoseconds since the Unix epoch, by the capture's clock
	LinkType  uint16 // LINKTYPE_ value (1 Ethernet, 113 Linux cooked, 276 Linux cooked v2, …)
	Interface uint32 // interface the frame was seen on, where the capture tells (pcapng); 0 otherwise
	Data      []byte // captured bytes; valid until the source is asked for the next frame
	Length    int    // bytes on the wire; more than len(Data) when the snap length cut the frame
}

// Endpoint is an IP address and a TCP port. IPv4 addresses are kept in their
// IPv4-mapped form, so that an Endpoint is comparable and free of pointers.
type Endpoint struct {
	IP   [16]byte
	Port uint16
}

// EndpointFrom returns the Endpoint of an address and port; the zone is dropped.
func EndpointFrom(ap netip.AddrPort) Endpoint {
	return Endpoint{IP: ap.Addr().As16(), Port: ap.Port()}
}

// Addr returns the address, IPv4 in its four-byte form.
func (e Endpoint) Addr() netip.Addr { return netip.AddrFrom16(e.IP).Unmap() }

// String returns "192.0.2.1:80" or "[2001:db8::1]:80" (RFC 5952 §6).
func (e Endpoint) String() string { return netip.AddrPortFrom(e.Addr(), e.Port).String() }

// Flags are the control bits of a TCP header (RFC 9293 §3.1, RFC 3168, RFC 9768).
type Flags uint16

// The control bits, by their position in the header.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	AE // the former NS bit, RFC 9768
)

// Has reports whether all bits of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// Any reports whether at least one bit of want is set.
func (f Flags) Any(want Flags) bool { return f&want != 0 }

// flagNames is in the order in which tcpdump prints them.
var flagNames = [...]struct {
	bit  Flags
	name string
}{
	{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"}, {URG, "URG"},
	{ECE, "ECE"}, {CWR, "CWR"}, {AE, "AE"}, {ACK, "ACK"},
}

// String joins the names of the bits with commas, in tcpdump's order: "SYN,ACK";
// "none" when no bit is set.
func (f Flags) String() string { return string(f.AppendTo(nil)) }

// AppendTo appends f.String() to b.
func (f Flags) AppendTo(b []byte) []byte {
	start := len(b)
	for _, n := range flagNames {
		if !f.Has(n.bit) {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, n.name...)
	}
	if len(b) == start {
		return append(b, "none"...)
	}
	return b
}

// OptionSet tells which TCP options a segment carries.
type OptionSet uint8

// The options that matter for what a connection goes through.
const (
	OptMSS OptionSet = 1 << iota
	OptWindowScale
	OptSACKPermitted
	OptSACK
	OptTimestamps
	OptFastOpen // with or without a cookie (RFC 7413)
	OptMPTCP
	OptSigned // MD5 (RFC 2385) or TCP-AO (RFC 5925)
)

// Block is one SACK block: [Left, Right) in sequence numbers (RFC 2018).
type Block struct{ Left, Right Seq }

// Options are the values of the options in Has; the others are zero.
type Options struct {
	Has          OptionSet
	WindowScale  uint8  // shift count, at most 14 (RFC 7323 §2.3)
	MSS          uint16 // bytes
	CookieLength uint8  // Fast Open cookie, bytes; 0 asks for one
	Blocks       uint8  // number of valid entries in SACK
	TSVal, TSEcr uint32 // RFC 7323 §3
	SACK         [4]Block
}

// Direction is what the capture says about how a frame passed the capturing host.
type Direction uint8

// Linux cooked captures tell the direction; others do not.
const (
	DirectionUnknown Direction = iota
	Incoming
	Outgoing
	Passing // sent by another host to another host
)

// Segment is one TCP segment with everything later stages need, as plain values.
type Segment struct {
	Frame    int   // number of the frame it came in (the last one, for IP fragments)
	Time     int64 // nanoseconds since the Unix epoch
	Src, Dst Endpoint
	Seq, Ack Seq // Ack means nothing unless Flags has ACK
	Flags    Flags
	Window   uint16 // as in the header, not scaled
	Urgent   uint16 // urgent pointer
	Len      int    // payload bytes by the IP header's length, whatever was captured
	Options  Options

	// What tells a copy of a packet from a repetition by its sender.
	IPID      uint16    // identification of the IPv4 header
	HasIPID   bool      // false for IPv6
	TTL       uint8     // TTL or hop limit
	Direction Direction // how it passed the capturing host
	View      uint32    // hash of interface, link addresses and VLAN tags: where on the path it was seen

	// Sample holds some of the payload's bytes, to tell whether the same bytes are
	// sent again; 0 when the payload was not captured whole, or not kept whole
	// while its IP fragments were put together.
	Sample uint64

	HeaderCut  bool // the snap length cut the TCP options: those missing are unknown
	PayloadCut bool // fewer payload bytes were captured than were sent
}

// End returns the sequence number after the segment: payload, SYN and FIN count.
func (s *Segment) End() Seq {
	end := s.Seq + Seq(uint32(s.Len))
	if s.Flags.Has(SYN) {
		end++
	}
	if s.Flags.Has(FIN) {
		end++
	}
	return end
}

// ICMPError is an ICMP or ICMPv6 error that quotes a TCP segment (RFC 792, RFC 4443).
type ICMPError struct {
	Frame    int
	Time     int64    // nanoseconds since the Unix epoch
	From     [16]byte // who sent it, IPv4 in its mapped form
	V6       bool
	Type     uint8
	Code     uint8
	MTU      uint32   // next-hop MTU of "fragmentation needed" and "packet too big"; 0 when absent
	Src, Dst Endpoint // of the quoted segment
	Seq      Seq      // of the quoted segment
	View     uint32   // as in Segment
}
