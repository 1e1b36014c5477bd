package reassembly

// ip reads one IP header or one extension header. What is neither ends the frame:
// it was not IP, or IP without TCP.
func (p *packet) ip() Verdict {
	switch p.next {
	case headerIPv4:
		return p.ipv4()
	case headerIPv6:
		return p.ipv6()
	case headerIPv4InIP:
		p.enter(0, headerIPv4)
		return p.ipv4()
	case headerIPv6InIP:
		p.enter(0, headerIPv6)
		return p.ipv6()
	case headerHopByHop:
		return p.hopByHop()
	case headerRouting:
		return p.routing()
	case headerDestination, headerMobility, headerHIP, headerShim6:
		_, v := p.extension(8)
		return v
	case headerAH:
		_, v := p.extension(4)
		return v
	case headerFragment:
		return p.fragmentHeader()
	}
	if p.next < ipProtocol {
		return NotIP
	}
	return NotTCP
}

// ipv4 reads an IPv4 header (RFC 791 §3.1).
func (p *packet) ipv4() Verdict {
	const size = 20
	b := p.data
	if len(b) < size {
		return p.short(size, BadIPHeader)
	}
	length, total := int(b[0]&0x0f)*4, int(be.Uint16(b[2:]))
	p.unsized = total == 0 // a segment that the network card was to cut up (TSO), longer than the field can say
	if p.unsized {
		total = p.wire
	}
	if b[0]>>4 != 4 || length < size || total < length {
		return BadIPHeader
	}
	if total > p.wire && len(b) >= length && checksum(b[:length]) != 0 {
		total = p.wire // damaged; with the right checksum it is the record's length that is wrong
	}
	p.trim(total)
	if len(p.data) < length {
		return CutBySnapLength
	}
	setMapped(&p.src, b[12:])
	setMapped(&p.dst, b[16:])
	p.ttl, p.ipid, p.hasIPID = b[8], be.Uint16(b[4:]), true
	p.skip(length, ipProtocol+header(b[9]))
	if place := be.Uint16(b[6:]); place&0x3fff != 0 { // more fragments, or an offset
		return p.fragment(piece{id: uint32(p.ipid), offset: place << 3, more: place&0x2000 != 0})
	}
	return undecided
}

// checksum returns the Internet checksum of b, whose length is even: 0 for a
// header that holds the right one (RFC 1071 §1).
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(be.Uint16(b))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// setMapped sets a to the IPv4 address that b begins with, in its IPv4-mapped form.
func setMapped(a *[16]byte, b []byte) {
	be.PutUint64(a[:], 0)
	be.PutUint64(a[8:], 0xffff_0000_0000|uint64(be.Uint32(b)))
}

// ipv6 reads an IPv6 header (RFC 8200 §3).
func (p *packet) ipv6() Verdict {
	const size = 40
	b := p.data
	if len(b) < size {
		return p.short(size, BadIPHeader)
	}
	if b[0]>>4 != 6 {
		return BadIPHeader
	}
	p.src, p.dst = [16]byte(b[8:]), [16]byte(b[24:])
	p.ttl, p.ipid, p.hasIPID = b[7], 0, false
	p.skip(size, ipProtocol+header(b[6]))
	payload := int(be.Uint16(b[4:]))
	p.unsized = payload == 0 // a jumbogram, or TSO as in IPv4
	if !p.unsized {
		p.trim(payload)
	}
	return undecided
}

// extension reads an extension header whose second byte counts its length, in
// the given unit (RFC 8200 §4, RFC 4302 §2.2), and returns its bytes.
func (p *packet) extension(unit int) ([]byte, Verdict) {
	b := p.data
	if len(b) < 8 {
		return nil, p.short(8, BadIPHeader)
	}
	length := 8 + int(b[1])*unit
	if len(b) < length {
		return nil, p.short(length, BadIPHeader)
	}
	p.skip(length, ipProtocol+header(b[0]))
	return b[:length], undecided
}

// hopByHop reads the hop-by-hop options for the length of a jumbogram (RFC 2675
// §2), which Linux writes into segments that IPv6 itself cannot count (BIG TCP).
func (p *packet) hopByHop() Verdict {
	options, v := p.extension(8)
	if v != undecided || !p.unsized {
		return v
	}
	const jumbo = 0xc2
	for o := options[2:]; len(o) >= 2; {
		if o[0] == 0 { // Pad1 has no length
			o = o[1:]
			continue
		}
		if o[0] == jumbo && o[1] == 4 && len(o) >= 6 {
			payload := int(be.Uint32(o[2:])) - len(options)
			if payload < 0 {
				return BadIPHeader
			}
			p.unsized = false
			p.trim(payload)
			return undecided
		}
		o = o[min(2+int(o[1]), len(o)):]
	}
	return undecided
}

// routing reads a routing header. While segments are left the IPv6 header names
// the next hop; the connection's endpoint is the last address of the route.
func (p *packet) routing() Verdict {
	b, v := p.extension(8)
	if v != undecided || b[3] == 0 || len(b) < 24 {
		return v
	}
	switch b[2] {
	case 0: // RFC 2460 §4.4: the route in order
		p.dst = [16]byte(b[len(b)-16:])
	case 2, 4: // RFC 6275 §6.4: one home address; RFC 8754 §2: the route backwards
		p.dst = [16]byte(b[8:])
	}
	return undecided
}

// fragmentHeader reads the IPv6 fragment header (RFC 8200 §4.5). An atomic
// fragment (RFC 6946) is a whole packet.
func (p *packet) fragmentHeader() Verdict {
	b := p.data
	if len(b) < 8 {
		return p.short(8, BadIPHeader)
	}
	p.skip(8, ipProtocol+header(b[0]))
	if place := be.Uint16(b[2:]); place&^6 != 0 { // all but the two reserved bits: offset and "more fragments"
		return p.fragment(piece{id: be.Uint32(b[4:]), offset: place &^ 7, more: place&1 != 0, v6: true})
	}
	return undecided
}

// fragment notes which piece of an IP packet p is. All but the last end at a
// multiple of eight bytes, and none beyond what a packet's length can say.
func (p *packet) fragment(at piece) Verdict {
	if p.wire <= 0 || at.more && p.wire%8 != 0 || int(at.offset)+p.wire > maxPacket {
		return BadIPHeader
	}
	p.piece = at
	return Fragment
}
