package netsim

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Side is one of the two hosts.
type Side uint8

// The client opens; the server listens, or opens too.
const (
	Client Side = iota
	Server
)

func (s Side) other() Side { return 1 - s }

// Change is one step of an endpoint's true state sequence.
type Change struct {
	State   tcpstate.State
	Input   tcpstate.Input
	At      time.Duration // since the beginning
	Segment int           // the segment that caused it; 0 for none
	Crash   bool          // the state was lost with its host
}

// Outcome is what one endpoint really went through.
type Outcome struct {
	States   []Change // LISTEN and the CLOSED before the beginning left out
	Proofs   []int    // the first segments that acknowledged the peer's SYN and FIN
	Connect  string   // what connect() returned: "ok", "pending" or an errno name; empty where it was not called
	Accepted bool
	EOF      bool   // the peer's FIN arrived, in order
	Error    string // errno name on the socket, empty for none
	Orphaned bool   // its FIN_WAIT_2 ended by a timer
	Released bool   // the application had closed the socket and saw nothing more
	Gone     bool   // the host vanished, or was away when it ended
}

// Result is a played plan.
type Result struct {
	Plan    Plan
	Ends    [2]Outcome // by Side
	Packets []Packet
	Frames  []reassembly.Frame
	End     int64 // when the capture ended, nanoseconds since the Unix epoch
	Settled bool  // nothing was to happen any more, and the capture ran on for minutes
}

const (
	epoch   = 1_700_000_000 * int64(time.Second) // any fixed moment serves
	horizon = 10 * time.Minute                   // of a connection that does not end
	runOn   = 10 * time.Minute                   // of a capture after the last event
)

// sim is a plan being played.
type sim struct {
	plan   Plan
	rng    *rand.Rand
	now    time.Duration
	events events
	count  int // of events so far
	ends   [2]*endpoint
	net    network
	result *Result
}

// Run plays a plan.
func Run(p Plan) *Result {
	s := &sim{plan: p, rng: rand.New(rand.NewPCG(p.Seed, 793)), result: &Result{Plan: p}}
	s.net = newNetwork(s)
	for side := range s.ends {
		s.ends[side] = newEndpoint(s, Side(side))
	}
	s.begin()
	for len(s.events) > 0 && s.events[0].at < horizon {
		e := heap.Pop(&s.events).(event)
		s.now = e.at
		e.do()
	}
	s.finish()
	return s.result
}

// begin files what the plan says will happen anyway.
func (s *sim) begin() {
	s.ends[Server].listening = !s.plan.Refuse && !s.plan.Simultaneous
	s.after(0, s.ends[Client].connect)
	if s.plan.Simultaneous {
		s.after(s.plan.Gap, s.ends[Server].connect)
	}
	for _, e := range s.ends {
		switch e.host.Fate {
		case Vanishes:
			s.after(e.host.FateAt, func() { e.away = true })
		case Crashes:
			s.after(e.host.FateAt, e.crash)
			s.after(e.host.FateAt+e.host.Reboot, func() { e.away = false })
		}
	}
}

func (s *sim) finish() {
	r := s.result
	r.Settled = len(s.events) == 0
	end := s.now + runOn
	if s.plan.Until > 0 {
		end, r.Settled = s.plan.Until, false
	}
	r.End = epoch + int64(end)
	for side, e := range s.ends {
		r.Ends[side] = e.out
		r.Ends[side].Gone, r.Ends[side].Released = e.away, e.closed
	}
}

// after files do for a later time.
func (s *sim) after(d time.Duration, do func()) {
	s.count++
	heap.Push(&s.events, event{s.now + d, s.count, do})
}

// event is something that happens at a time. Those of one time happen in the
// order in which they were filed.
type event struct {
	at    time.Duration
	order int
	do    func()
}

type events []event

func (q events) Len() int      { return len(q) }
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *events) Push(x any)   { *q = append(*q, x.(event)) }
func (q events) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}

func (q *events) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
