package netsim

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

const (
	mss     = 1448
	inPipe  = 10 * mss // congestion window
	window  = 60000
	firstRT = time.Second // RFC 6298 §2
	leastRT = 200 * time.Millisecond
	// How long Linux stays in TIME_WAIT, and in the FIN_WAIT_2 of a closed socket.
	lastWait = 60 * time.Second
	// How often Linux answers what it does not accept (tcp_invalid_ratelimit).
	oowInterval = 500 * time.Millisecond
)

// endpoint is one side's TCP. Numbers are relative to the ISNs.
type endpoint struct {
	*sim
	side  Side
	host  *Host
	out   Outcome
	state tcpstate.State
	away  bool // the host is off

	listening bool
	active    bool // it sent a SYN of its own
	closed    bool // the application has let go of the socket
	closing   bool // a FIN follows what was written
	keepsFIN  bool // the FIN rode on data

	una, nxt int64 // SND.UNA, SND.NXT
	written  int64 // number after the last byte written
	fin      int64 // number after its FIN; 0 until sent
	recover  int64 // what was outstanding when the timer ran out
	rto      time.Duration
	retries  int
	dupAcks  int
	probes   int

	rcv     int64 // RCV.NXT
	acked   int64 // RCV.NXT when the last ACK was sent
	said    int64 // the last acknowledgment number sent, 0 for none
	taken   int64 // what the application has read
	waiting reassembly.Ranges
	island  [2]int64 // what came last beyond a hole
	again   [2]int64 // what came twice, until an ACK has said so
	peerFIN int64    // number after the peer's FIN, 0 until it is known
	recent  uint32
	lastOOW time.Duration
	unacked int // data segments not yet acknowledged

	ipid   uint16
	timers [numTimers]int // generations
}

func newEndpoint(s *sim, side Side) *endpoint {
	return &endpoint{
		sim: s, side: side, host: &s.plan.Hosts[side], state: tcpstate.Closed, written: 1,
		rto: firstRT, lastOOW: -oowInterval, ipid: [...]uint16{4001, 24001}[side],
	}
}

// step feeds the transition table and keeps the change. cause is nil for what no
// segment caused.
func (e *endpoint) step(in tcpstate.Input, g tcpstate.Guard, cause *segment) {
	rule := tcpstate.Step(e.state, in, g)
	if rule == nil || rule.To == e.state {
		return
	}
	e.enter(rule.To, in, cause)
	switch e.state {
	case tcpstate.Established:
		e.established()
	case tcpstate.TimeWait:
		e.disarm(retransmission)
		e.disarm(keepAlive)
		e.restartTimeWait()
	case tcpstate.FinWait2:
		e.orphan()
	case tcpstate.Closed:
		e.disarmAll()
	}
}

func (e *endpoint) enter(s tcpstate.State, in tcpstate.Input, cause *segment) {
	c := Change{State: s, Input: in, At: e.now}
	if cause != nil {
		c.Segment = cause.id
	}
	e.state = s
	e.out.States = append(e.out.States, c)
}

func (e *endpoint) restartTimeWait() {
	e.arm(ending, lastWait, func() { e.step(tcpstate.TimeWaitOver, 0, nil) })
}

// orphan starts the timer of a FIN_WAIT_2 that no application holds any more.
func (e *endpoint) orphan() {
	if e.state != tcpstate.FinWait2 || !e.closed {
		return
	}
	e.disarm(keepAlive)
	e.arm(ending, lastWait, func() {
		e.out.Orphaned = true
		e.step(tcpstate.RetriesUsedUp, 0, nil)
	})
}

// reset is what an acceptable RST does.
func (e *endpoint) reset(s *segment) {
	switch e.state {
	case tcpstate.SynSent:
		e.fail("ECONNREFUSED")
	case tcpstate.CloseWait:
		e.fail("EPIPE")
	case tcpstate.TimeWait:
	default:
		e.fail("ECONNRESET")
	}
	e.step(tcpstate.ReceiveRST, 0, s)
}

// fail leaves an error on the socket. A request of a listener has none.
func (e *endpoint) fail(errno string) {
	if e.state == tcpstate.SynReceived && !e.active {
		return
	}
	e.out.Error = errno
	if e.out.Connect == "pending" {
		e.out.Connect = errno
	}
}

// crash loses all sockets and leaves the host away.
func (e *endpoint) crash() {
	e.away, e.listening = true, false
	e.disarmAll()
	if e.state != tcpstate.Closed {
		e.enter(tcpstate.Closed, tcpstate.SendRST, nil)
		e.out.States[len(e.out.States)-1].Crash = true
	}
}

// timer is one of an endpoint's timers.
type timer uint8

const (
	retransmission timer = iota
	delayedACK
	keepAlive
	ending
	numTimers
)

// arm sets a timer; setting it again replaces it.
func (e *endpoint) arm(t timer, d time.Duration, do func()) {
	e.timers[t]++
	generation := e.timers[t]
	e.after(d, func() {
		if e.timers[t] == generation && !e.away {
			do()
		}
	})
}

func (e *endpoint) disarm(t timer) { e.timers[t]++ }

func (e *endpoint) disarmAll() {
	for t := range e.timers {
		e.timers[t]++
	}
}
