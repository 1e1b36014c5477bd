package reassembly

// udp goes on behind the ports of tunnels only.
func (p *packet) udp() Verdict {
	const size = 8
	if len(p.data) < size {
		return p.short(size, NotTCP)
	}
	switch be.Uint16(p.data[2:]) {
	case 4789, 8472: // VXLAN and Linux's own number for it
		p.skip(size, headerVXLAN)
	case 6081:
		p.skip(size, headerGeneve)
	case 2152:
		p.skip(size, headerGTPU)
	case 4790:
		p.skip(size, headerVXLANGPE)
	case 1701: // L2TP
		return UnknownEncapsulation
	default:
		return NotTCP
	}
	return undecided
}

// mpls takes one label off the stack (RFC 3032 §2.1). Nothing says what follows
// the last one: it is told by its first four bits, where zero is the control word
// of a pseudowire (RFC 4385 §3).
func (p *packet) mpls() Verdict {
	b := p.data
	if len(b) < 5 {
		return p.unread()
	}
	bottom := b[2]&1 != 0
	p.skip(4, headerMPLS)
	if !bottom {
		return undecided
	}
	switch b[4] >> 4 {
	case 4:
		p.next = headerIPv4
	case 6:
		p.next = headerIPv6
	case 0:
		if len(p.data) < 4 {
			return p.unread()
		}
		p.skip(4, headerEthernet)
	default:
		return UnknownEncapsulation
	}
	return undecided
}

// pppoe reads the header of a PPPoE session (RFC 2516 §4).
func (p *packet) pppoe() Verdict {
	const size, session = 6, 0
	if len(p.data) < size {
		return p.unread()
	}
	if p.data[1] != session {
		return NotIP
	}
	p.skip(size, headerPPP)
	return undecided
}

// ppp reads address and control, which may be left out, and the protocol, which
// may be one byte short (RFC 1661 §6.5 and §6.6).
func (p *packet) ppp() Verdict {
	b := p.data
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		p.skip(2, headerPPP)
		b = p.data
	}
	if len(b) < 2 {
		return p.short(2, NotIP)
	}
	protocol, size := be.Uint16(b), 2
	if b[0]&1 != 0 {
		protocol, size = uint16(b[0]), 1
	}
	switch protocol {
	case 0x0021:
		p.skip(size, headerIPv4)
	case 0x0057:
		p.skip(size, headerIPv6)
	case 0x0281:
		p.skip(size, headerMPLS)
	case 0x003d, 0x00fd, 0x0053: // multilink, compressed, encrypted
		return UnknownEncapsulation
	default:
		return NotIP
	}
	return undecided
}

// ciscoHDLC reads address, control and EtherType.
func (p *packet) ciscoHDLC() Verdict {
	if len(p.data) < 4 {
		return p.unread()
	}
	p.skip(4, etherType(be.Uint16(p.data[2:])))
	return undecided
}

// vxlanGPE reads the header of VXLAN's Generic Protocol Extension
// (draft-ietf-nvo3-vxlan-gpe §3), where the last flag says that a protocol is named.
func (p *packet) vxlanGPE() Verdict {
	const size, instance, protocol = 8, 0x08, 0x04
	b := p.data
	if len(b) < size {
		return p.unread()
	}
	next := [...]header{1: headerIPv4, headerIPv6, headerEthernet, headerNSH, headerMPLS}
	switch {
	case b[0]&instance == 0:
		return UnknownEncapsulation
	case b[0]&protocol == 0:
		p.skip(size, headerEthernet)
	case b[3] > 0 && int(b[3]) < len(next):
		p.skip(size, next[b[3]])
	default:
		return UnknownEncapsulation
	}
	return undecided
}

// geneve reads a Geneve header and passes over its options (RFC 8926 §3.4).
func (p *packet) geneve() Verdict {
	b := p.data
	if len(b) < 8 {
		return p.unread()
	}
	if b[0]>>6 != 0 { // version
		return UnknownEncapsulation
	}
	size := 8 + int(b[0]&0x3f)*4
	if len(b) < size {
		return p.unread()
	}
	p.skip(size, etherType(be.Uint16(b[2:])))
	return undecided
}

// gtpu reads the header of a user packet in GTP-U, with its extension headers
// (3GPP TS 29.281 §5).
func (p *packet) gtpu() Verdict {
	const (
		version, versionMask = 0x30, 0xf0 // version 1, not GTP'
		extensions, optional = 0x04, 0x07
		userPacket           = 255
	)
	b := p.data
	if len(b) < 8 {
		return p.unread()
	}
	switch {
	case b[0]&versionMask != version:
		return UnknownEncapsulation
	case b[1] != userPacket:
		return NotTCP
	}
	size := 8
	if b[0]&optional != 0 {
		size += 4
	}
	// The byte before each extension header is its type, zero when there is none.
	for more := b[0]&extensions != 0; more && len(b) > size && b[size-1] != 0; {
		more = b[size] != 0
		size += 4 * int(b[size])
	}
	if len(b) < size {
		return p.unread()
	}
	p.skip(size, headerRawIP)
	return undecided
}
