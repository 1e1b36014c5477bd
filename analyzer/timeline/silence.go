package timeline

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// timeWait is how long Linux stays in TIME_WAIT, whatever tcp_fin_timeout says.
const timeWait = int64(60 * time.Second)

// initialTimeout is when a SYN or SYN,ACK comes again for want of an answer (RFC 6298 §2).
const initialTimeout = int64(time.Second)

// silence ends an endpoint whose silence lasted: it repeated itself, got no
// answer, and stopped although the capture ran on; or its TIME_WAIT is over.
func (t *teller) silence(e *endpoint) {
	switch state := e.state(); state {
	case tcpstate.Closed:
	case tcpstate.TimeWait:
		since := max(e.states[len(e.states)-1].Time, t.lastSent(e))
		if t.until-since > timeWait {
			e.step(tcpstate.TimeWaitOver, 0, Transition{Time: since + timeWait, Basis: Timed})
		}
	default:
		if gone, at := t.gaveUp(e, t.until+1, 2); gone { // what came last counts, too
			e.step(tcpstate.RetriesUsedUp, 0, Transition{Time: at, Basis: Timed})
			e.closedBy = byTimer
		}
	}
}

func (t *teller) lastSent(e *endpoint) int64 {
	if n := len(e.sends); n > 0 {
		return t.mark(e.sends[n-1]).LastTime
	}
	return 0
}

// gaveUp reports whether e ended by repeating itself without an answer and then
// kept silent, up to until, for more than so many times the next interval to be
// expected, and when it gave up.
func (t *teller) gaveUp(e *endpoint, until, times int64) (bool, int64) {
	last, gap, constant := t.lastRepeat(e, until)
	if last < 0 {
		return false, 0
	}
	m := t.mark(last)
	next := max(2*gap, shortest(m))
	if constant {
		next = gap
	}
	if t.progress(e, m, until) || t.spoke(e, m.LastTime+next+next/64, until) { // a way's delay is never quite the same
		return false, 0
	}
	return until-m.LastTime > times*next, m.LastTime + next
}

// shortest returns the shortest time after which m comes again for want of an
// answer (RFC 6298 §2; 200 ms on Linux, once the round trip is known). What came
// again sooner answered something.
func shortest(m *Mark) int64 {
	if m.has(reassembly.SYN) {
		return initialTimeout
	}
	return int64(200 * time.Millisecond)
}

// spoke reports whether e sent anything between two times.
func (t *teller) spoke(e *endpoint, after, before int64) bool {
	for _, s := range e.sends {
		if m := t.mark(s); m.LastTime > after && m.Time < before {
			return true
		}
	}
	return false
}

// lastRepeat returns the last segment of e before until that repeats an earlier
// one for want of an answer, the interval between the two, and whether the
// intervals before it were the same.
func (t *teller) lastRepeat(e *endpoint, until int64) (last int, gap int64, constant bool) {
	times := make([]int64, 0, 3) // of the last copies, the latest first
	last = -1
	for k := len(e.sends) - 1; k >= 0; k-- {
		m := t.mark(e.sends[k])
		if m.Time >= until || !m.asks() {
			continue
		}
		if last < 0 && m.Notes&(Retransmission|KeepAlive|WindowProbe) != 0 {
			last = e.sends[k]
		}
		if last < 0 {
			continue
		}
		if l := t.mark(last); m.Seq == l.Seq && m.occupies() == l.occupies() && len(times) < cap(times) {
			times = append(times, m.Time)
		}
	}
	if len(times) < 2 {
		return -1, 0, false
	}
	gap = times[0] - times[1]
	if len(times) > 2 && !t.mark(last).occupies() {
		before := times[1] - times[2]
		constant = before > gap*4/5 && before < gap*5/4
	}
	return last, gap, constant
}

// asks reports whether m is of a kind that is repeated until it is answered.
func (m *Mark) asks() bool { return m.occupies() || m.Notes&(KeepAlive|WindowProbe) != 0 }

// progress reports whether anything was sent to e after m, and before until, that
// answers it: for a probe that is any segment.
func (t *teller) progress(e *endpoint, m *Mark, until int64) bool {
	for _, g := range e.gets {
		o := t.mark(g)
		if o.Frame > m.Frame && o.Time < until && o.ICMP == nil && o.Fate != Lost && o.Fate != Ignored &&
			(!m.occupies() || o.ackNumber() > m.Seq) {
			return true
		}
	}
	return false
}
