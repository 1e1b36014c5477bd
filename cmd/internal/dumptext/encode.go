package dumptext

import (
	"encoding/binary"
	"net/netip"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

const (
	linkTypeLinuxSLL2 = 276

	etherIPv4, etherARP, etherVLAN, etherIPv6 = 0x0800, 0x0806, 0x8100, 0x86dd

	protoICMP, protoTCP, protoICMPv6 = 1, 6, 58
	protoOther                       = 253 // for experiments (RFC 3692): what it was does not matter

	ipv4Size, ipv6Size, tcpSize, icmpSize = 20, 40, 20, 8

	usualTTL = 64
)

var be = binary.BigEndian

// encoder writes frames, each into the same buffer.
type encoder struct {
	buf    []byte
	ifaces map[string]uint32 // interface indices, by name
}

// frame fills in data and length of the frame of a packet.
func (e *encoder) frame(p *packet, f *reassembly.Frame) {
	e.buf = e.buf[:0]
	missing := 0
	e.link(p)
	switch p.kind {
	case tcpSegment:
		start := e.ip(p, protoTCP, 0)
		missing = e.tcp(&p.seg) + p.seg.length
		e.setLength(start, missing)
	case icmpError:
		e.icmp(p)
	case unknownTCP:
		missing = tcpSize
		e.setLength(e.ip(p, protoTCP, 0), missing)
	case otherIP:
		e.setLength(e.ip(p, protoOther, 0), 0)
	}
	f.LinkType, f.Data, f.Length = linkTypeLinuxSLL2, e.buf, len(e.buf)+missing
}

// link writes a Linux cooked v2 header
// (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html) and VLAN tags.
func (e *encoder) link(p *packet) {
	proto := uint16(etherIPv4)
	switch {
	case p.kind == notIP:
		proto = etherARP
	case p.src.Is6():
		proto = etherIPv6
	}
	first := proto
	if len(p.link.vlans) > 0 {
		first = etherVLAN
	}
	e.buf = be.AppendUint16(e.buf, first)
	e.buf = be.AppendUint32(append(e.buf, 0, 0), e.iface(p.link.iface))
	e.buf = append(e.buf, 0, 1, packetType(p.link.direction), 6)
	e.buf = append(append(e.buf, p.link.sender[:]...), 0, 0)
	for i, id := range p.link.vlans {
		next := proto
		if i+1 < len(p.link.vlans) {
			next = etherVLAN
		}
		e.buf = be.AppendUint16(be.AppendUint16(e.buf, id), next)
	}
}

// iface returns the index of an interface, counted from 1 in order of appearance.
func (e *encoder) iface(name string) uint32 {
	if name == "" {
		return 0
	}
	if e.ifaces == nil {
		e.ifaces = map[string]uint32{}
	}
	if e.ifaces[name] == 0 {
		e.ifaces[name] = uint32(len(e.ifaces) + 1)
	}
	return e.ifaces[name]
}

// packetType is the sll2_pkttype of packet(7); one that does not exist where the text
// does not tell the direction.
func packetType(d reassembly.Direction) byte {
	switch d {
	case reassembly.Incoming:
		return 0
	case reassembly.Passing:
		return 3
	case reassembly.Outgoing:
		return 4
	}
	return 0xff
}

// ip writes an IP header without its length, and returns where it begins.
func (e *encoder) ip(p *packet, proto4, proto6 uint8) (start int) {
	return e.ipHeader(p.src, p.dst, p.ip, proto4, max(proto4, proto6))
}

func (e *encoder) ipHeader(src, dst netip.Addr, f ipFields, proto4, proto6 uint8) (start int) {
	start = len(e.buf)
	ttl := f.ttl
	if ttl == 0 {
		ttl = usualTTL
	}
	if src.Is6() {
		e.buf = append(e.buf, 6<<4, 0, 0, 0, 0, 0, proto6, ttl)
	} else {
		const dontFragment = 0x40
		e.buf = append(e.buf, 4<<4|ipv4Size/4, 0, 0, 0, byte(f.id>>8), byte(f.id), dontFragment, 0, ttl, proto4, 0, 0)
	}
	if !src.IsValid() {
		src, dst = netip.IPv4Unspecified(), netip.IPv4Unspecified()
	}
	e.buf = append(e.buf, src.AsSlice()...)
	e.buf = append(e.buf, dst.AsSlice()...)
	return start
}

// setLength completes the IP header at start, behind which as many bytes are missing.
// A length above 65,535 is written as 0, as in a segment for the network card to cut.
func (e *encoder) setLength(start, missing int) {
	header := e.buf[start:]
	length := len(header) + missing
	if header[0]>>4 == 6 {
		header, length = header[2:], length-ipv6Size // the payload length stands two bytes further
	}
	if length >= 1<<16 {
		length = 0
	}
	be.PutUint16(header[2:], uint16(length))
}

// tcp writes a TCP header and returns how many bytes of it are missing.
func (e *encoder) tcp(s *segment) (missing int) {
	start := len(e.buf)
	e.buf = be.AppendUint16(be.AppendUint16(e.buf, s.src.Port), s.dst.Port)
	e.buf = be.AppendUint32(be.AppendUint32(e.buf, s.seq), s.ack)
	e.buf = be.AppendUint16(be.AppendUint16(e.buf, 0), s.window)
	e.buf = be.AppendUint16(be.AppendUint16(e.buf, 0), s.urgent)
	const mostOptions = 40
	for _, o := range s.options {
		if len(e.buf)-start-tcpSize+len(o) <= mostOptions {
			e.buf = append(e.buf, o...)
		}
	}
	for (len(e.buf)-start)%4 != 0 {
		e.buf = append(e.buf, 0)
	}
	size := len(e.buf) - start
	if s.cut {
		missing = tcpSize + mostOptions - size // how long the header was is not known
	}
	be.PutUint16(e.buf[start+12:], uint16(size+missing)/4<<12|uint16(s.flags))
	return missing
}

// icmp writes an ICMP error about p.seg: as much of it as a router has to quote.
func (e *encoder) icmp(p *packet) {
	start := e.ip(p, protoICMP, protoICMPv6)
	mtu := len(e.buf) + 4 // of an ICMPv6 header, 32 bits
	e.buf = append(e.buf, p.icmp.typ, p.icmp.code, 0, 0, 0, 0, 0, 0)
	if p.src.Is6() {
		be.PutUint32(e.buf[mtu:], p.icmp.mtu)
	} else {
		be.PutUint16(e.buf[mtu+2:], uint16(p.icmp.mtu))
	}
	quoted := e.ipHeader(p.seg.src.Addr(), p.seg.dst.Addr(), ipFields{}, protoTCP, protoTCP)
	e.buf = be.AppendUint16(be.AppendUint16(e.buf, p.seg.src.Port), p.seg.dst.Port)
	e.buf = be.AppendUint32(e.buf, p.seg.seq)
	e.setLength(quoted, tcpSize-icmpSize)
	e.setLength(start, 0)
}
