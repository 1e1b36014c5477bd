package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/packed"
)

// connections holds what each flow went through: at first its segments as they came,
// in its prelude; when it has more, a Conn, unpacked in one of a few seats while
// segments come for it, packed in the store while it is silent. So memory follows how
// much there is to know of a connection, and work is done on few of them at a time,
// which stay in the processor's cache.
type connections struct {
	flows    *flows
	atOnce   bool // somebody wants to know each segment as it comes: there are no preludes
	preludes preludes
	shown    timeline.Conn // made of the prelude of the flow that was viewed last
	shownID  int           // of that flow, 0 for none
	seats    []*seat       // at most most
	most     int
	hand     int   // the next seat that may have to be given up
	spare    []int // seats that nobody has
	store    store
	in, out  packed.Coder
}

// How many connections are unpacked at a time. A live capture has fewer: it shares the
// memory of its host with what it watches.
const (
	maxSeats     = 1 << 12
	maxLiveSeats = 1 << 10
)

type seat struct {
	conn   timeline.Conn
	handle uint32 // of its flow
	recent bool   // it was asked for since the hand passed
}

// begin readies f for its first segment; before is what is left of the incarnation
// before it, nil when there was none, and earlier the part that was let go of what f is
// the rest of.
func (cs *connections) begin(f *flow, s *reassembly.Segment, before *timeline.Previous, earlier parting) {
	_, fromA := reassembly.KeyOf(s.Src, s.Dst)
	from, guessed := earlier.opens(s)
	if fromA != (from == timeline.Client) {
		f.marks |= clientIsB
	}
	if cs.atOnce || before != nil || earlier.id > 0 || s.Src.Is(&s.Dst) || !keeps(s) {
		conn := cs.sit(f)
		conn.Begin(s, from)
		conn.Guessed, conn.Before, conn.Earlier = guessed, before, earlier.id
		return
	}
	f.marks |= inPrelude
}

// start makes conn one that s begins.
func start(conn *timeline.Conn, s *reassembly.Segment) {
	from, guessed := opens(s)
	conn.Begin(s, from)
	conn.Guessed = guessed
}

// goesOn reports whether s belongs to the incarnation f beyond doubt, without a look
// at its Conn: it has none yet, and s has no SYN but the first one again or its answer.
func (cs *connections) goesOn(f *flow, s *reassembly.Segment) bool {
	if !f.marks.has(inPrelude) {
		return false
	}
	if !s.Flags.Has(reassembly.SYN) {
		return true
	}
	flags, seq := f.opening.first()
	if s.Flags.Has(reassembly.ACK) {
		return f.opening.count == 1 && flags == reassembly.SYN && f.sender(s) == timeline.Server
	}
	return flags == s.Flags && seq == s.Seq && f.sender(s) == timeline.Client
}

// keep puts s into the prelude of f, unless it has none or s has no room there.
func (cs *connections) keep(f *flow, s *reassembly.Segment) bool {
	if !f.marks.has(inPrelude) || !keeps(s) || f.opening.count == maxPrelude {
		return false
	}
	cs.preludes.add(f, s)
	f.at = max(f.at, s.Time)
	cs.shownID = 0
	return true
}

// view returns the Conn of f for reading. It is valid until another one is asked for.
func (cs *connections) view(f *flow) *timeline.Conn {
	if !f.marks.has(inPrelude) {
		return cs.of(f)
	}
	if cs.shownID != f.id {
		cs.replay(&cs.shown, f)
		cs.shownID = f.id
	}
	return &cs.shown
}

// replay makes conn of the prelude of f.
func (cs *connections) replay(conn *timeline.Conn, f *flow) {
	first, key := true, cs.flows.keys.Get(&f.key)
	cs.preludes.each(f, &key, func(s *reassembly.Segment) {
		if first {
			start(conn, s)
			first = false
		}
		conn.Observe(s, conn.SideOf(&s.Src))
	})
}

// of returns the Conn of f. It is valid until another one is asked for.
func (cs *connections) of(f *flow) *timeline.Conn {
	if f.marks.has(unpacked) {
		s := cs.seats[f.where]
		s.recent = true
		return &s.conn
	}
	if f.marks.has(inPrelude) {
		ring := *f
		f.marks &^= inPrelude
		conn := cs.sit(f)
		cs.replay(conn, &ring)
		cs.preludes.drop(&ring)
		return conn
	}
	place := f.where
	conn := cs.sit(f)
	cs.unpack(conn, f, place)
	cs.store.remove(place)
	return conn
}

func (cs *connections) unpack(conn *timeline.Conn, f *flow, place uint32) {
	client, server := timeline.Client, timeline.Server
	if f.marks.has(clientIsB) {
		client, server = server, client
	}
	key := cs.flows.keys.Get(&f.key)
	conn.Ends[client], conn.Ends[server] = key.A, key.B
	cs.out.Read(cs.store.slot(place))
	conn.Code(&cs.out)
}

// sit gives f a seat, whose Conn is whatever was there before.
func (cs *connections) sit(f *flow) *timeline.Conn {
	i := cs.vacant()
	s := cs.seats[i]
	s.handle, s.recent = f.handle, true
	f.where = uint32(i)
	f.marks |= unpacked
	return &s.conn
}

// vacant returns a seat that nobody has. When there is none left, the next connection
// that was not asked for lately is packed.
func (cs *connections) vacant() int {
	if n := len(cs.spare); n > 0 {
		i := cs.spare[n-1]
		cs.spare = cs.spare[:n-1]
		return i
	}
	if len(cs.seats) < cs.most {
		cs.seats = append(cs.seats, &seat{})
		return len(cs.seats) - 1
	}
	for {
		i := cs.hand
		cs.hand = (cs.hand + 1) % len(cs.seats)
		if s := cs.seats[i]; s.recent {
			s.recent = false
		} else {
			cs.pack(s)
			return i
		}
	}
}

// rest gives up the seat of f, of which nothing more is expected: packing it now, while
// all of it is at hand, costs a fraction of what it would later.
func (cs *connections) rest(f *flow) {
	i := int(f.where)
	cs.pack(cs.seats[i])
	cs.spare = append(cs.spare, i)
}

func (cs *connections) pack(s *seat) {
	cs.in.Write(cs.in.Bytes())
	s.conn.Code(&cs.in)
	f := cs.flows.at(s.handle)
	f.where = cs.store.put(cs.in.Bytes())
	f.marks &^= unpacked
}

// drop forgets the Conn of f.
func (cs *connections) drop(f *flow) {
	switch {
	case f.marks.has(unpacked):
		cs.spare = append(cs.spare, int(f.where))
	case f.marks.has(inPrelude):
		cs.preludes.drop(f)
	default:
		cs.store.remove(f.where)
	}
}
