package reassembly

// nflog reads the attributes that the Linux packet filter logs, up to the one
// that holds the packet (https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html).
// They are in the byte order of the host that captured; the first of them is
// short, so that the smaller reading of its length is right.
func (p *packet) nflog() Verdict {
	const size, attribute = 4, 4
	const packetHeader, payload = 1, 9
	b := p.data
	if len(b) < size+attribute {
		return p.unread()
	}
	p.skip(size, headerNFLOG)
	u16 := le.Uint16
	if be.Uint16(p.data) < le.Uint16(p.data) {
		u16 = be.Uint16
	}
	for len(p.data) >= attribute {
		length, kind := int(u16(p.data)), u16(p.data[2:])&0x7fff
		switch {
		case length < attribute:
			return UnknownEncapsulation
		case kind == payload:
			p.trim(length)
			p.skip(attribute, headerRawIP)
			return undecided
		case kind == packetHeader && length >= 8 && len(p.data) >= 8:
			p.hook(p.data[6])
		}
		length = (length + 3) / 4 * 4
		if len(p.data) < length {
			break
		}
		p.skip(length, headerNFLOG)
	}
	return p.unread()
}

// hook notes which hook of netfilter logged a packet.
func (p *packet) hook(number uint8) {
	const preRouting, localIn, forward, localOut, postRouting = 0, 1, 2, 3, 4
	p.see(uint64(number))
	switch number {
	case preRouting, localIn:
		p.direction = Incoming
	case forward:
		p.direction = Passing
	case localOut, postRouting:
		p.direction = Outgoing
	}
}

// pflog reads the header of OpenBSD's packet filter log, whose first byte is its
// length without padding.
func (p *packet) pflog() Verdict {
	if len(p.data) == 0 {
		return p.unread()
	}
	return p.fixed((int(p.data[0])+3)/4*4, headerRawIP)
}

// openBSDEnc reads address family, SPI and flags of a packet on the enc device,
// where it is not encrypted.
func (p *packet) openBSDEnc() Verdict { return p.fixed(12, headerRawIP) }

// pktap reads the header of Darwin's capture on all devices, which names the link
// type of what follows.
func (p *packet) pktap() Verdict {
	const size, incoming, outgoing = 40, 1, 2
	b := p.data
	if len(b) < size {
		return p.unread()
	}
	for i := 12; i < 36; i += 8 { // the device's name
		p.see(be.Uint64(b[i:]))
	}
	switch le.Uint32(b[36:]) & (incoming | outgoing) {
	case incoming:
		p.direction = Incoming
	case outgoing:
		p.direction = Outgoing
	}
	p.see(uint64(p.direction))
	return p.inner(int(le.Uint32(b)), le.Uint32(b[8:]))
}

// inner drops a header of size bytes that named the link type of the rest.
func (p *packet) inner(size int, linkType uint32) Verdict {
	if size < 8 || linkType > 0xffff {
		return UnknownEncapsulation
	}
	return p.fixed(size, linkHeader(uint16(linkType)))
}

// directed reads the byte that says whether a serial line's frame was sent.
func (p *packet) directed() Verdict {
	const ppp = 204
	if len(p.data) == 0 {
		return p.unread()
	}
	p.direction = Incoming
	if p.data[0] != 0 {
		p.direction = Outgoing
	}
	if p.frame.LinkType == ppp {
		return p.fixed(1, headerPPP)
	}
	return p.fixed(1, headerCiscoHDLC)
}

// switchTag reads an Ethernet header with the tag of a switch's chip, of size
// bytes, before the type.
func (p *packet) switchTag(size int) Verdict {
	const addresses = 12
	b := p.data
	if len(b) < addresses+size+2 {
		return p.unread()
	}
	p.see(be.Uint64(b))
	p.see(uint64(be.Uint32(b[8:])))
	return p.typed(addresses + size)
}
