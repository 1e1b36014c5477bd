package reassembly

import "math/bits"

const ethernetSize = 14

// ethernet reads destination, source and type or length.
func (p *packet) ethernet() Verdict {
	b := p.data
	if len(b) < ethernetSize {
		return p.short(ethernetSize, NotIP)
	}
	p.see(be.Uint64(b))
	p.see(uint64(be.Uint32(b[8:])))
	p.skip(ethernetSize, etherType(be.Uint16(b[12:])))
	return undecided
}

// fddi reads frame control, destination and source.
func (p *packet) fddi() Verdict {
	b := p.data
	if len(b) < 13 {
		return p.short(13, NotIP)
	}
	p.see(be.Uint64(b[1:]))
	p.see(uint64(be.Uint32(b[9:])))
	p.skip(13, headerLLC)
	return undecided
}

// vlan reads what follows the EtherType of a tag: TCI and the next EtherType.
func (p *packet) vlan() Verdict {
	b := p.data
	if len(b) < 4 {
		return p.short(4, NotIP)
	}
	p.see(uint64(be.Uint16(b) & 0x0fff))
	p.skip(4, etherType(be.Uint16(b[2:])))
	return undecided
}

// llc reads an 802.2 header with SNAP (RFC 1042); LLC alone never holds IP today.
func (p *packet) llc() Verdict {
	b := p.data
	if len(b) < 8 {
		return p.short(8, NotIP)
	}
	// DSAP, SSAP and control, then an OUI of zero or 802.1H's bridge tunnel.
	if snap := be.Uint64(b) >> 16; snap != 0xaaaa03_000000 && snap != 0xaaaa03_0000f8 {
		return NotIP
	}
	p.skip(8, etherType(be.Uint16(b[6:])))
	return undecided
}

// linuxSLL reads a header of Linux cooked capture
// (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html).
func (p *packet) linuxSLL() Verdict {
	b := p.data
	if len(b) < 16 {
		return p.short(16, NotIP)
	}
	p.direction = cookedDirection(be.Uint16(b))
	p.see(be.Uint64(b)) // packet type, device type, address length, address
	p.see(uint64(be.Uint32(b[8:])))
	p.skip(16, etherType(be.Uint16(b[14:])))
	return undecided
}

// linuxSLL2 reads a header of Linux cooked capture, version 2
// (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html).
func (p *packet) linuxSLL2() Verdict {
	b := p.data
	if len(b) < 20 {
		return p.short(20, NotIP)
	}
	p.direction = cookedDirection(uint16(b[10]))
	p.see(be.Uint64(b[4:])) // interface, device type, packet type, address length
	p.see(be.Uint64(b[12:]))
	p.skip(20, etherType(be.Uint16(b)))
	return undecided
}

// cookedDirection translates the packet type of a cooked header.
func cookedDirection(packetType uint16) Direction {
	switch packetType {
	case 0, 1, 2: // to us, broadcast, multicast
		return Incoming
	case 3:
		return Passing
	case 4:
		return Outgoing
	}
	return DirectionUnknown
}

// loopback reads the address family that BSD loopback devices put first: in the
// byte order of the host that captured (NULL) or in the network's (LOOP).
func (p *packet) loopback() Verdict {
	if len(p.data) < 4 {
		return p.short(4, NotIP)
	}
	family := be.Uint32(p.data)
	if family > 0xffff {
		family = bits.ReverseBytes32(family)
	}
	switch family {
	case 2:
		p.skip(4, headerIPv4)
	case 10, 23, 24, 28, 30: // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin
		p.skip(4, headerIPv6)
	default:
		return NotIP
	}
	return undecided
}

// rawIP tells IPv4 from IPv6 by the version field.
func (p *packet) rawIP() Verdict {
	if len(p.data) == 0 {
		return p.short(1, BadIPHeader)
	}
	switch p.data[0] >> 4 {
	case 4:
		p.next = headerIPv4
	case 6:
		p.next = headerIPv6
	default:
		return BadIPHeader
	}
	return undecided
}
