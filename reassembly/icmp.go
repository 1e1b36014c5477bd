package reassembly

// icmp reads an ICMP message (RFC 792).
func (p *packet) icmp(e *ICMPError) Verdict {
	const unreachable, timeExceeded, parameterProblem, fragmentationNeeded = 3, 11, 12, 4
	b := p.data
	if len(b) < 8 {
		return p.short(8, NotTCP)
	}
	switch b[0] {
	case unreachable, timeExceeded, parameterProblem:
	default:
		return NotTCP
	}
	var mtu uint32
	if b[0] == unreachable && b[1] == fragmentationNeeded {
		mtu = uint32(be.Uint16(b[6:])) // RFC 1191 §4
	}
	return p.quoted(headerIPv4, mtu, e)
}

// icmpv6 reads an ICMPv6 message (RFC 4443).
func (p *packet) icmpv6(e *ICMPError) Verdict {
	const packetTooBig, lastRead = 2, 4 // 1 unreachable, 3 time exceeded, 4 parameter problem
	b := p.data
	if len(b) < 8 {
		return p.short(8, NotTCP)
	}
	if b[0] == 0 || b[0] > lastRead {
		return NotTCP
	}
	var mtu uint32
	if b[0] == packetTooBig {
		mtu = be.Uint32(b[4:])
	}
	return p.quoted(headerIPv6, mtu, e)
}

// quoted reads the packet that an ICMP error quotes as far as its TCP sequence
// number: eight bytes of TCP are all that a router must send back. An error about
// a tunnel concerns the tunnel's ends, so tunnels are not entered.
func (p *packet) quoted(first header, mtu uint32, e *ICMPError) Verdict {
	q := packet{data: p.data[8:], wire: p.wire - 8, next: first}
	if !q.descend() {
		return NotTCP
	}
	b := q.data
	if len(b) < 8 {
		return p.short(len(p.data)+1, NotTCP) // a router may quote too little, too
	}
	*e = ICMPError{
		Frame: p.frame.Number,
		Time:  p.frame.Time,
		From:  p.src,
		V6:    first == headerIPv6,
		Type:  p.data[0],
		Code:  p.data[1],
		MTU:   mtu,
		Src:   Endpoint{IP: q.src, Port: be.Uint16(b)},
		Dst:   Endpoint{IP: q.dst, Port: be.Uint16(b[2:])},
		Seq:   Seq(be.Uint32(b[4:])),
		View:  p.sight(),
	}
	return IsICMPError
}

// descend reads the headers of one IP packet, or of its first fragment, and
// reports whether TCP follows.
func (p *packet) descend() bool {
	for range maxHeaders {
		v := p.ip()
		switch {
		case v != undecided && (v != Fragment || p.piece.offset > 0):
			return false
		case p.next == headerTCP:
			return true
		case p.next == headerIPv4InIP || p.next == headerIPv6InIP:
			return false
		}
	}
	return false
}
