package reassembly

// udp goes on behind the ports of tunnels only.
func (p *packet) udp() Verdict {
	const size = 8
	if len(p.data) < size {
		return p.short(size, NotTCP)
	}
	next := udpTunnel(be.Uint16(p.data[2:]))
	if be.Uint16(p.data) == portL2TP {
		next = headerL2TP // a client behind NAT has another port
	}
	if next == headerUDP {
		return NotTCP
	}
	p.enter(size, next)
	return undecided
}

const portL2TP = 1701

// udpTunnel returns what packets to a port carry, headerUDP for no tunnel.
func udpTunnel(port uint16) header {
	switch port {
	case 4789, 8472: // VXLAN and Linux's own number for it
		return headerVXLAN
	case 4790:
		return headerVXLANGPE
	case 6081:
		return headerGeneve
	case 6635: // RFC 7510
		return headerMPLS
	case 2152:
		return headerGTPU
	case portL2TP:
		return headerL2TP
	}
	return headerUDP
}

// enter drops the header of a tunnel. What a capture holds of the same packet
// outside of the tunnel was seen in another place.
func (p *packet) enter(size int, next header) {
	p.see(uint64(next))
	p.skip(size, next)
}

// vxlanGPE reads the header of VXLAN's Generic Protocol Extension
// (draft-ietf-nvo3-vxlan-gpe §3), where the last flag says that a protocol is named.
func (p *packet) vxlanGPE() Verdict {
	const size, instance, protocol = 8, 0x08, 0x04
	b := p.data
	if len(b) < size {
		return p.unread()
	}
	switch {
	case b[0]&instance == 0:
		return UnknownEncapsulation
	case b[0]&protocol == 0:
		p.skip(size, headerEthernet)
		return undecided
	}
	return p.serviced(size, b[3])
}

// nsh reads a Network Service Header (RFC 8300 §2.2).
func (p *packet) nsh() Verdict {
	b := p.data
	if len(b) < 8 {
		return p.unread()
	}
	size := int(b[1]&0x3f) * 4
	if size < 8 || len(b) < size {
		return p.unread()
	}
	return p.serviced(size, b[3])
}

// serviced drops a header that names the next one by a number that VXLAN-GPE and
// NSH share.
func (p *packet) serviced(size int, protocol uint8) Verdict {
	next := [...]header{1: headerIPv4, headerIPv6, headerEthernet, headerNSH, headerMPLS}
	if protocol == 0 || int(protocol) >= len(next) {
		return UnknownEncapsulation
	}
	p.skip(size, next[protocol])
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

// erspan3 reads the header of ERSPAN type III in GRE, a mirrored frame or packet
// (draft-foschiano-erspan §4.3).
func (p *packet) erspan3() Verdict {
	const size, subheader = 12, 8
	const ethernetFrame, ipPacket = 0, 2
	b := p.data
	if len(b) < size {
		return p.unread()
	}
	length := size
	if b[11]&1 != 0 {
		length += subheader
	}
	switch b[10] >> 2 & 0x1f {
	case ethernetFrame:
		return p.fixed(length, headerEthernet)
	case ipPacket:
		return p.fixed(length, headerRawIP)
	}
	return UnknownEncapsulation
}

// wccp reads what a router that redirects by WCCP puts behind GRE: four bytes in
// version 2, nothing in version 1 (draft-wilson-wrec-wccp-v2 §3.4).
func (p *packet) wccp() Verdict {
	const size = 4
	if len(p.data) == 0 {
		return p.unread()
	}
	if p.data[0]>>4 == 4 {
		p.next = headerIPv4
		return undecided
	}
	return p.fixed(size, headerIPv4)
}
