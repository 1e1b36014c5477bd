package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/packed"
)

// connections holds the Conn of each flow: unpacked in one of a few seats while
// segments come for it, packed in the store while it is silent. So memory follows how
// much there is to know of a connection, and work is done on few of them at a time,
// which stay in the processor's cache.
type connections struct {
	seats []*seat
	limit int
	hand  int   // the next seat that may have to be given up
	spare []int // seats that nobody has
	store store
	flows *flows
	in    packed.Coder
	out   packed.Coder
}

// seats is how many connections are unpacked at a time.
const seats = 1 << 12

type seat struct {
	conn   timeline.Conn
	handle uint32 // of its flow
	recent bool   // it was asked for since the hand passed
}

// begin gives f a Conn that its first segment begins.
func (cs *connections) begin(f *flow, s *reassembly.Segment) *timeline.Conn {
	from, guessed := opens(s)
	conn := cs.sit(f)
	conn.Begin(s, from)
	conn.Guessed = guessed
	if conn.Ends[timeline.Client] != f.key.A {
		f.marks |= clientIsB
	}
	return conn
}

// of returns the Conn of f. It is valid until another one is asked for.
func (cs *connections) of(f *flow) *timeline.Conn {
	if f.marks.has(unpacked) {
		s := cs.seats[f.where]
		s.recent = true
		return &s.conn
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
	conn.Ends[client], conn.Ends[server] = f.key.A, f.key.B
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
	if len(cs.seats) < cs.limit {
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

func (cs *connections) pack(s *seat) {
	cs.in.Write(cs.in.Bytes())
	s.conn.Code(&cs.in)
	f := cs.flows.at(s.handle)
	f.where = cs.store.put(cs.in.Bytes())
	f.marks &^= unpacked
}

// drop forgets the Conn of f.
func (cs *connections) drop(f *flow) {
	if !f.marks.has(unpacked) {
		cs.store.remove(f.where)
		return
	}
	cs.spare = append(cs.spare, int(f.where))
}
