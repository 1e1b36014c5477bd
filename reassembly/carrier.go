package reassembly

// mpls takes one label off the stack (RFC 3032 §2.1). Nothing says what follows
// the last one: it is told by its first four bits. What is not IP is a pseudowire
// with Ethernet, with or without a control word (RFC 4448 §4.6).
func (p *packet) mpls() Verdict {
	const word = 4
	b := p.data
	if len(b) < 5 {
		return p.unread()
	}
	bottom := b[2]&1 != 0
	p.skip(4, headerMPLS)
	if !bottom {
		return undecided
	}
	switch first := b[4] >> 4; {
	case first == 4:
		p.next = headerIPv4
	case first == 6:
		p.next = headerIPv6
	case isEthernet(p.data):
		p.next = headerEthernet
	case first == 0 && len(p.data) >= word+ethernetSize:
		p.skip(word, headerEthernet)
	case len(p.data) < word+ethernetSize:
		return p.unread()
	default:
		return UnknownEncapsulation
	}
	return undecided
}

// isEthernet tells by its type, and by what follows, whether b begins with an
// Ethernet header: for places where nothing announces one.
func isEthernet(b []byte) bool {
	if len(b) <= ethernetSize {
		return false
	}
	switch be.Uint16(b[12:]) {
	case uint16(headerIPv4):
		return b[ethernetSize]>>4 == 4
	case uint16(headerIPv6):
		return b[ethernetSize]>>4 == 6
	case uint16(headerVLAN), uint16(headerVLAN88A8), 0x0806: // ARP
		return true
	}
	return false
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
	if len(b) > 0 && b[0]&^0x80 == 0x0f { // unicast or broadcast of Cisco HDLC, which shares a link type with PPP
		p.next = headerCiscoHDLC
		return undecided
	}
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

// macsec reads a security tag (IEEE 802.1AE §9.3) in front of what is signed but
// not encrypted.
func (p *packet) macsec() Verdict {
	const identified, encrypted = 0x20, 0x0c
	b := p.data
	if len(b) < 1 {
		return p.unread()
	}
	if b[0]&encrypted != 0 {
		return UnknownEncapsulation
	}
	size := 6
	if b[0]&identified != 0 {
		size += 8
	}
	return p.typed(size)
}

// ciscoMeta reads a security group tag: version, length in words, one option.
func (p *packet) ciscoMeta() Verdict {
	const size, version = 6, 1
	if len(p.data) >= 2 && (p.data[0] != version || p.data[1] != 1) {
		return UnknownEncapsulation
	}
	return p.typed(size)
}

// typed drops a header of size bytes and the EtherType behind it.
func (p *packet) typed(size int) Verdict {
	if len(p.data) < size+2 {
		return p.unread()
	}
	p.skip(size+2, etherType(be.Uint16(p.data[size:])))
	return undecided
}
