package analyzer

import (
	"encoding/binary"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// preludes keeps the first segments of connections as they came, before anything is
// made of them: most connections of a flood, a scan or a pool of idle ones never have
// more. They are packed one behind the other: the first into the record of the flow
// itself, the next one or two into a small block, the others into large ones. The
// blocks make a ring, of which the flow knows the last.
type preludes struct {
	small, large pool
	buf          []byte
}

func newPreludes() preludes {
	return preludes{small: pool{size: 64}, large: pool{size: 224}}
}

// isLarge is set in the numbers of large blocks.
const isLarge = 1 << 31

func (p *preludes) at(i uint32) block {
	if i&isLarge != 0 {
		return p.large.at(i &^ isLarge)
	}
	return p.small.at(i)
}

// opening is what a flow holds of its prelude.
type opening struct {
	count uint8 // segments of the whole prelude
	fill  uint8 // bytes in use
	bytes [44]byte
}

// maxPrelude is how many segments are kept as they came.
const maxPrelude = 12

// The head of a packed segment: its flags, and what else there is.
const (
	sentByB = 1 << (iota + 9)
	withTimestamps
	withID
	withOptions
	withHeaderCut
	withPayloadCut
)

// keeps reports whether a prelude can hold s: it cannot hold selective acknowledgments.
func keeps(s *reassembly.Segment) bool { return s.Options.Blocks == 0 }

// add puts s at the end of the prelude of f, whose time f.at still is that of the
// segment before.
func (p *preludes) add(f *flow, s *reassembly.Segment) {
	_, fromA := reassembly.KeyOf(s.Src, s.Dst)
	p.buf = appendSegment(p.buf[:0], s, !fromA, f.at)
	b := p.buf
	if f.opening.count++; f.where == 0 {
		n := copy(f.opening.bytes[f.opening.fill:], b)
		f.opening.fill += uint8(n)
		b = b[n:]
	}
	for len(b) > 0 {
		b = b[p.room(f).add(b):]
	}
}

// room returns the last block of f, a new one when there is none or it is full.
func (p *preludes) room(f *flow) block {
	if f.where == 0 {
		i, b := p.small.take()
		b.link(i)
		f.where = i
		return b
	}
	last := p.at(f.where)
	if !last.full() {
		return last
	}
	i, b := p.large.take()
	b.link(last.next())
	last.link(i | isLarge)
	f.where = i | isLarge
	return b
}

// each calls visit with the segments of f, whose key is key, in their order.
func (p *preludes) each(f *flow, key *reassembly.Key, visit func(*reassembly.Segment)) {
	b := append(p.buf[:0], f.opening.bytes[:f.opening.fill]...)
	p.ring(f, func(_ uint32, link block) { b = append(b, link.bytes()...) })
	p.buf = b
	var s reassembly.Segment
	latest := int64(0)
	for range f.opening.count {
		b = cutSegment(b, &s, key, latest)
		latest = max(latest, s.Time)
		visit(&s)
	}
}

// ring calls visit with the blocks of f, which may be given back then.
func (p *preludes) ring(f *flow, visit func(i uint32, b block)) {
	if f.where == 0 {
		return
	}
	for i, last := p.at(f.where).next(), false; !last; {
		b := p.at(i)
		next := b.next()
		last = i == f.where
		visit(i, b)
		i = next
	}
}

// drop gives back the ring of f.
func (p *preludes) drop(f *flow) {
	p.ring(f, func(i uint32, _ block) {
		if i&isLarge != 0 {
			p.large.give(i &^ isLarge)
		} else {
			p.small.give(i)
		}
	})
}

// unused returns how many bytes are in blocks that were given back.
func (p *preludes) unused() int {
	return p.small.unused*p.small.size + p.large.unused*p.large.size
}

// first returns the flags and the sequence number of the first segment.
func (o *opening) first() (flags reassembly.Flags, seq reassembly.Seq) {
	b := o.bytes[:]
	flags = reassembly.Flags(binary.LittleEndian.Uint16(b)) & (sentByB - 1)
	return flags, reassembly.Seq(binary.LittleEndian.Uint32(b[2:]))
}

// appendSegment packs s; latest is the latest time of those before it.
func appendSegment(b []byte, s *reassembly.Segment, sentB bool, latest int64) []byte {
	o := &s.Options
	head := uint16(s.Flags)
	for bit, is := range [...]bool{sentB, o.Has&reassembly.OptTimestamps != 0, s.HasIPID, o.Has&^reassembly.OptTimestamps != 0, s.HeaderCut, s.PayloadCut} {
		if is {
			head |= sentByB << bit
		}
	}
	b = binary.LittleEndian.AppendUint16(b, head)
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Seq))
	if s.Flags.Has(reassembly.ACK) {
		b = binary.LittleEndian.AppendUint32(b, uint32(s.Ack))
	}
	b = binary.LittleEndian.AppendUint16(b, s.Window)
	b = append(b, s.TTL)
	b = binary.AppendUvarint(b, uint64(s.Frame))
	b = binary.AppendVarint(b, s.Time-latest)
	b = binary.AppendUvarint(b, uint64(s.Len))
	if head&withTimestamps != 0 {
		b = binary.LittleEndian.AppendUint32(b, o.TSVal)
		b = binary.LittleEndian.AppendUint32(b, o.TSEcr)
	}
	if head&withID != 0 {
		b = binary.LittleEndian.AppendUint16(b, s.IPID)
	}
	if head&withOptions != 0 {
		b = append(b, byte(o.Has), o.WindowScale, o.CookieLength)
		b = binary.LittleEndian.AppendUint16(b, o.MSS)
	}
	return b
}

// cutSegment unpacks the first segment of b, which is one of key, and returns the rest.
func cutSegment(b []byte, s *reassembly.Segment, key *reassembly.Key, latest int64) []byte {
	*s = reassembly.Segment{Src: key.A, Dst: key.B}
	u16 := func() uint16 { v := binary.LittleEndian.Uint16(b); b = b[2:]; return v }
	u32 := func() uint32 { v := binary.LittleEndian.Uint32(b); b = b[4:]; return v }
	head := u16()
	if head&sentByB != 0 {
		s.Src, s.Dst = key.B, key.A
	}
	s.Flags = reassembly.Flags(head & (sentByB - 1))
	s.Seq = reassembly.Seq(u32())
	if s.Flags.Has(reassembly.ACK) {
		s.Ack = reassembly.Seq(u32())
	}
	s.Window = u16()
	s.TTL, b = b[0], b[1:]
	frame, n := binary.Uvarint(b)
	since, m := binary.Varint(b[n:])
	size, k := binary.Uvarint(b[n+m:])
	s.Frame, s.Time, s.Len = int(frame), latest+since, int(size)
	b = b[n+m+k:]
	if o := &s.Options; head&withTimestamps != 0 {
		o.Has |= reassembly.OptTimestamps
		o.TSVal, o.TSEcr = u32(), u32()
	}
	if head&withID != 0 {
		s.HasIPID, s.IPID = true, u16()
	}
	if o := &s.Options; head&withOptions != 0 {
		o.Has |= reassembly.OptionSet(b[0])
		o.WindowScale, o.CookieLength, b = b[1], b[2], b[3:]
		o.MSS = u16()
	}
	s.HeaderCut, s.PayloadCut = head&withHeaderCut != 0, head&withPayloadCut != 0
	return b
}
