package reassembly

// l2tp reads the header of L2TP in UDP: version 2, which carries PPP (RFC 2661
// §3.1), or what version 3 puts in front of its header in IP (RFC 3931 §4.1.2.1).
func (p *packet) l2tp() Verdict {
	const control, hasLength, sequence, offset, version = 0x8000, 0x4000, 0x0800, 0x0200, 0x000f
	b := p.data
	if len(b) < 6 {
		return p.unread()
	}
	flags := be.Uint16(b)
	switch {
	case flags&control != 0:
		return NotTCP
	case flags&version == 3:
		p.skip(4, headerL2TPv3)
		return undecided
	case flags&version != 2:
		return UnknownEncapsulation
	}
	size := 6
	if flags&hasLength != 0 {
		size += 2
	}
	if flags&sequence != 0 {
		size += 4
	}
	if flags&offset != 0 {
		size += 2
		if len(b) < size {
			return p.unread()
		}
		size += int(be.Uint16(b[size-2:]))
	}
	return p.fixed(size, headerPPP)
}

// l2tpv3 reads the session header of L2TP version 3 in IP (RFC 3931 §4.1.1.1).
// Whether a cookie and a sublayer follow was agreed out of sight: Ethernet is
// looked for behind any of them.
func (p *packet) l2tpv3() Verdict {
	const session, cookie, sublayer = 4, 8, 4
	b := p.data
	if len(b) < session {
		return p.unread()
	}
	if be.Uint32(b) == 0 { // a control message
		return NotTCP
	}
	for size := session; size <= min(session+cookie+sublayer, len(b)); size += 4 {
		if isEthernet(b[size:]) {
			p.skip(size, headerEthernet)
			return undecided
		}
	}
	if len(b) > session+cookie+sublayer+ethernetSize {
		return UnknownEncapsulation
	}
	return p.unread()
}
