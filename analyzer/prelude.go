package analyzer

import (
	"encoding/binary"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// preludes keeps the first segments of connections as they came, before anything is
// made of them: most connections of a flood, a scan or a pool of idle ones never have
// more. They are packed one behind the other into a ring of small blocks; a flow knows
// the last block of its ring, which is where the next segment goes.
type preludes struct {
	chunks []*[blocksPerChunk]block
	used   uint32 // the last block that was given out so far; there is no block 0
	free   uint32 // the first that was given back, 0 for none; each leads to the next
	unused int    // how many those are
	buf    []byte
}

// block is a link of a ring: its next is the first when it is the last.
type block struct {
	next  uint32
	fill  uint8 // bytes in use
	count uint8 // segments of the whole prelude; in the last block
	bytes [42]byte
}

const blocksPerChunk = 1 << 10

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

// begin makes the ring of f, of one empty block.
func (p *preludes) begin(f *flow) {
	i, b := p.take()
	b.next = i
	f.where = i
}

// keeps reports whether a prelude can hold s: it cannot hold selective acknowledgments.
func keeps(s *reassembly.Segment) bool { return s.Options.Blocks == 0 }

// full reports whether f has all the segments that a prelude may have.
func (p *preludes) full(f *flow) bool { return p.at(f.where).count == maxPrelude }

// add puts s at the end of the prelude of f, whose time f.at still is that of the
// segment before.
func (p *preludes) add(f *flow, s *reassembly.Segment) {
	p.buf = appendSegment(p.buf[:0], s, s.Src != f.key.A, f.at)
	last := p.at(f.where)
	count := last.count + 1
	for b := p.buf; ; {
		n := copy(last.bytes[last.fill:], b)
		last.fill += uint8(n)
		if b = b[n:]; len(b) == 0 {
			break
		}
		i, more := p.take()
		more.next, last.next = last.next, i
		f.where, last = i, more
	}
	last.count = count
}

// each calls visit with the segments of f in their order.
func (p *preludes) each(f *flow, visit func(*reassembly.Segment)) {
	last := p.at(f.where)
	b := p.buf[:0]
	for i := last.next; ; {
		link := p.at(i)
		b = append(b, link.bytes[:link.fill]...)
		if i == f.where {
			break
		}
		i = link.next
	}
	p.buf = b
	var s reassembly.Segment
	latest := int64(0)
	for range last.count {
		b = cutSegment(b, &s, &f.key, latest)
		latest = max(latest, s.Time)
		visit(&s)
	}
}

// first returns the flags and the sequence number of the first segment of f, and how
// many there are.
func (p *preludes) first(f *flow) (flags reassembly.Flags, seq reassembly.Seq, count int) {
	last := p.at(f.where)
	b := p.at(last.next).bytes[:]
	flags = reassembly.Flags(binary.LittleEndian.Uint16(b)) & (sentByB - 1)
	return flags, reassembly.Seq(binary.LittleEndian.Uint32(b[2:])), int(last.count)
}

// drop gives back the ring of f.
func (p *preludes) drop(f *flow) {
	n := 1
	for i := p.at(f.where).next; i != f.where; i = p.at(i).next {
		n++
	}
	last := p.at(f.where)
	last.next, p.free = p.free, last.next
	p.unused += n
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
