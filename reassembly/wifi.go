package reassembly

// radiotap reads what the receiver noted about a Wi-Fi frame, for the flag that
// there is padding in it (https://www.radiotap.org). The first word of flags says
// which fields there are, its last bit that another word follows.
func (p *packet) radiotap() Verdict {
	const size, timestamp, flags, another = 8, 1, 2, 1 << 31
	const padded = 0x20
	b := p.data
	if len(b) < size {
		return p.unread()
	}
	length, present := int(le.Uint16(b[2:])), le.Uint32(b[4:])
	if length < size || len(b) < length {
		return p.unread()
	}
	next, field := headerWiFi, size
	for field+4 <= length && le.Uint32(b[field-4:])&another != 0 {
		field += 4
	}
	if present&timestamp != 0 {
		field = (field+7)/8*8 + 8
	}
	if present&flags != 0 && field < length && b[field]&padded != 0 {
		next = headerWiFiPadded
	}
	p.skip(length, next)
	return undecided
}

// ppi reads a Per-Packet Information header, which names the link type of what
// follows (https://www.tcpdump.org/linktypes/LINKTYPE_PPI.html).
func (p *packet) ppi() Verdict {
	if len(p.data) < 8 {
		return p.unread()
	}
	return p.inner(int(le.Uint16(p.data[2:])), le.Uint32(p.data[4:]))
}

// wifi reads the MAC header of an 802.11 data frame (IEEE 802.11-2020 §9.2.3 and
// §9.3.2.1), which some receivers pad to a multiple of align bytes.
func (p *packet) wifi(align int) Verdict {
	const (
		size                            = 24
		typeMask, typeData, null, qos   = 0x0f, 0x08, 0x40, 0x80 // of the first byte, with the version
		fourth, more, protected, htCtrl = 0x03, 0x04, 0x40, 0x80 // of the second
		fragment, aggregate             = 0x0f, 0x80
	)
	b := p.data
	if len(b) < size {
		return p.short(size, NotIP)
	}
	switch {
	case b[0]&typeMask != typeData, b[0]&null != 0:
		return NotIP
	case b[1]&protected != 0, b[1]&more != 0, b[22]&fragment != 0:
		return UnknownEncapsulation
	}
	length, next := size, headerLLC
	if b[1]&fourth == fourth {
		length += 6
	}
	if b[0]&qos != 0 {
		if len(b) > length && b[length]&aggregate != 0 {
			next = headerAMSDU
		}
		length += 2
		if b[1]&htCtrl != 0 {
			length += 4
		}
	}
	length = (length + align - 1) / align * align
	if len(b) < length {
		return p.short(length, NotIP)
	}
	p.see(be.Uint64(b[4:])) // three addresses
	p.see(be.Uint64(b[12:]))
	p.skip(length, next)
	return undecided
}

// amsdu reads the header of a subframe of an A-MSDU, destination, source and
// length (IEEE 802.11-2020 §9.3.2.2), and leaves the subframes behind it for More.
func (d *Decoder) amsdu(p *packet) Verdict {
	b := p.data
	if len(b) < ethernetSize {
		return p.short(ethernetSize, NotIP)
	}
	length := ethernetSize + int(be.Uint16(b[12:]))
	if padded := (length + 3) / 4 * 4; padded+ethernetSize <= p.wire && padded <= len(b) {
		d.rest, d.more = *p, true
		d.rest.skip(padded, headerAMSDU)
	}
	p.trim(length)
	p.skip(ethernetSize, headerLLC)
	return undecided
}
