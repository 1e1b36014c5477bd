package analyzer

import (
	"encoding/binary"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// preludes keeps the first segments of connections as they came, before anything is
// made of them: most connections of a flood, a scan or a pool of idle ones never have
// more. They are packed one behind the other: the first into the record of the flow
// itself, the others into a ring of blocks, of which the flow knows the last.
type preludes struct {
	chunks []*[blocksPerChunk]block
	used   uint32 // the last block that was given out so far; there is no block 0
	free   uint32 // the first that was given back, 0 for none; each leads to the next
	unused int    // how many those are
	buf    []byte
}

// block is a link of a ring: the next of the last is the first.
type block struct {
	next  uint32
	fill  uint8 // bytes in use
	bytes [59]byte
}

const blocksPerChunk = 1 << 9

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

func (p *preludes) at(i uint32) *block { return &p.chunks[i/blocksPerChunk][i%blocksPerChunk] }

// take returns a block that nobody has, empty.
func (p *preludes) take() (i uint32, b *block) {
	if i = p.free; i > 0 {
		b = p.at(i)
		p.free, p.unused = b.next, p.unused-1
		*b = block{}
		return i, b
	}
	p.used++
	if i = p.used; i/blocksPerChunk == uint32(len(p.chunks)) {
		p.chunks = append(p.chunks, new([blocksPerChunk]block))
	}
	return i, p.at(i)
}

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
		last := p.room(f)
		n := copy(last.bytes[last.fill:], b)
		last.fill += uint8(n)
		b = b[n:]
	}
}

// room returns the last block of f, a new one when there is none or it is full.
func (p *preludes) room(f *flow) *block {
	if f.where == 0 {
		i, b := p.take()
		b.next, f.where = i, i
		return b
	}
	last := p.at(f.where)
	if int(last.fill) < len(last.bytes) {
		return last
	}
	i, b := p.take()
	b.next, last.next, f.where = last.next, i, i
	return b
}

// each calls visit with the segments of f, whose key is key, in their order.
func (p *preludes) each(f *flow, key *reassembly.Key, visit func(*reassembly.Segment)) {
	b := append(p.buf[:0], f.opening.bytes[:f.opening.fill]...)
	if f.where > 0 {
		for i := p.at(f.where).next; ; i = p.at(i).next {
			b = append(b, p.at(i).bytes[:p.at(i).fill]...)
			if i == f.where {
				break
			}
		}
	}
	p.buf = b
	var s reassembly.Segment
	latest := int64(0)
	for range f.opening.count {
		b = cutSegment(b, &s, key, latest)
		latest = max(latest, s.Time)
		visit(&s)
	}
}

// first returns the flags and the sequence number of the first segment.
func (o *opening) first() (flags reassembly.Flags, seq reassembly.Seq) {
	b := o.bytes[:]
	flags = reassembly.Flags(binary.LittleEndian.Uint16(b)) & (sentByB - 1)
	return flags, reassembly.Seq(binary.LittleEndian.Uint32(b[2:]))
}

// drop gives back the ring of f.
func (p *preludes) drop(f *flow) {
	if f.where == 0 {
		return
	}
	last := p.at(f.where)
	for i := last.next; ; i = p.at(i).next {
		p.unused++
		if i == f.where {
			break
		}
	}
	last.next, p.free = p.free, last.next
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
