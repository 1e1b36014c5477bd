package reassembly

import "container/list"

// Limits of what is held of packets of which pieces are still missing.
const (
	maxPacket  = 1<<16 - 1 // bytes that the pieces of one packet can count
	maxPartial = 1024      // packets; the oldest gives way
	headSize   = 512       // bytes of each: headers of tunnels, extension headers and TCP's own

	ipv4Wait = int64(30e9) // nanoseconds of capture time, Linux's net.ipv4.ipfrag_time
	ipv6Wait = int64(60e9) // RFC 8200 §4.5
)

// piece is the place of a fragment in its IP packet.
type piece struct {
	id     uint32
	offset uint16 // bytes
	more   bool   // it is not the last one
	v6     bool
}

// fragments puts IP fragments together, whatever their order. The zero value is
// ready, and costs nothing until a fragment comes.
type fragments struct {
	open  map[packetID]*list.Element
	byAge list.List // values are *partial, the oldest first
}

// packetID tells whose piece a fragment is (RFC 791 §3.2, RFC 8200 §4.5).
type packetID struct {
	src, dst [16]byte
	id       uint32
	protocol header // of IPv4; 0 for IPv6, where only the first piece knows it
}

// partial is an IP packet of which pieces are missing. Payload is not needed, so
// only its first bytes are kept.
type partial struct {
	id      packetID
	since   int64 // capture time of its first piece
	held    Ranges
	frames  int // that its pieces came in
	end     int // of what came so far
	total   int // bytes; 0 until the last piece has come
	intact  int // bytes before the first that a snap length cut off
	next    header
	refused bool // pieces overlapped
	head    [headSize]byte
}

// take adds the piece p to its packet. The last one to come makes p that packet,
// and the verdict undecided.
func (f *fragments) take(p *packet) Verdict {
	e := f.find(p)
	w := e.Value.(*partial)
	v := w.add(p)
	p.pieces = 0
	if v != undecided {
		return v
	}
	if w.total == 0 || !w.held.Contains(0, int64(w.total)) {
		return Fragment
	}
	f.remove(e)
	captured := min(w.total, w.intact)
	kept := min(captured, headSize)
	p.data, p.wire, p.next = w.head[:kept], w.total, w.next
	p.unkept, p.pieces = uint16(captured-kept), w.frames-1
	return undecided
}

// find returns the packet that p is a piece of. One that has waited for too long
// is given up: its identification has come round again.
func (f *fragments) find(p *packet) *list.Element {
	id, wait := packetID{p.src, p.dst, p.piece.id, p.next}, ipv4Wait
	if p.piece.v6 {
		id.protocol, wait = 0, ipv6Wait
	}
	if e, ok := f.open[id]; ok {
		if p.frame.Time-e.Value.(*partial).since <= wait {
			return e
		}
		f.remove(e)
	}
	if f.open == nil {
		f.open = make(map[packetID]*list.Element)
	}
	if len(f.open) == maxPartial {
		f.remove(f.byAge.Front())
	}
	e := f.byAge.PushBack(&partial{id: id, since: p.frame.Time, intact: maxPacket})
	f.open[id] = e
	return e
}

func (f *fragments) remove(e *list.Element) {
	delete(f.open, e.Value.(*partial).id)
	f.byAge.Remove(e)
}

// add takes in the piece p. One that was held already, whole, is a copy made by
// the network or the capture. Pieces that overlap in part are an attack, and make
// the packet void, as they do in Linux (RFC 8200 §4.5, RFC 5722).
func (w *partial) add(p *packet) Verdict {
	from := int(p.piece.offset)
	to := from + p.wire
	overlap := int(w.held.Overlap(int64(from), int64(to)))
	switch {
	case w.refused, w.contradicts(to, p.piece.more), w.held.Len() == maxIntervals:
		w.refused = true
		return OverlappingFragment
	case overlap == to-from:
		return Fragment
	case overlap > 0:
		w.refused = true
		return OverlappingFragment
	}
	w.held.Add(int64(from), int64(to))
	w.frames += 1 + p.pieces
	w.end = max(w.end, to)
	if !p.piece.more {
		w.total = to
	}
	if from == 0 {
		w.next = p.next
	}
	if from < headSize {
		copy(w.head[from:], p.data)
	}
	if len(p.data) < p.wire {
		w.intact = min(w.intact, from+len(p.data))
	}
	return undecided
}

// contradicts reports whether a piece that ends at to disagrees with the others
// about where the packet ends.
func (w *partial) contradicts(to int, more bool) bool {
	if more {
		return w.total > 0 && to > w.total
	}
	return w.end > to || w.total > 0 && w.total != to
}
