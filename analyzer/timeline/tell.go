package timeline

import (
	"time"
)

// Tell infers what both endpoints went through from the history of c. until is
// the time of the capture's last frame: how long it went on makes silence
// evidence. The steps, each in a file of its own:
//
//	evidence.go  what each endpoint is proved to have received, and what it never had
//	order.go     each endpoint's own order of what it sent and what reached it
//	reset.go     which resets were acceptable, and which were forged
//	walk.go      the transition table, walked along that order
//	silence.go   who gave up, and whose TIME_WAIT is over
//	doubt.go     where two histories remain possible
//	outcome.go   handshake, teardown and what the applications saw
func (c *Conn) Tell(until int64) Story {
	var t Teller
	return *t.Tell(c, until)
}

// Teller tells stories one after the other in the same memory.
type Teller struct{ teller }

// Tell is Conn.Tell; the story is valid until the next call.
func (t *Teller) Tell(c *Conn, until int64) *Story {
	t.reset(c, until)
	t.tell()
	t.outcome()
	return &t.story
}

// teller holds what is worked out while a story is told.
type teller struct {
	*Conn
	until   int64
	story   Story
	ends    [2]endpoint
	moments []moment
}

// reset takes up a connection and forgets the one before, but for its memory.
func (t *teller) reset(c *Conn, until int64) {
	t.Conn, t.until = c, max(until, c.End)
	t.story = Story{
		Marks:        append(t.story.Marks[:0], c.history.marks...),
		Doubts:       t.story.Doubts[:0],
		HandshakeRTT: -1,
		ClosedBy:     Nobody,
	}
	for side := range t.ends {
		t.take(&t.ends[side], Side(side))
		t.story.Reply[side] = t.ends[side].reply
	}
}

func (t *teller) tell() {
	for side := range t.ends {
		t.weigh(&t.ends[side])
	}
	if !t.alive() {
		return
	}
	for side := range t.ends {
		e := &t.ends[side]
		t.walk(e)
		t.silence(e)
		t.doubts(e)
		t.story.States[side] = e.states
	}
}

func (t *teller) mark(i int) *Mark { return &t.story.Marks[i] }

// endpoint is one side's view: indexes into the marks.
type endpoint struct {
	side   Side
	sends  []int         // what it sent
	gets   []int         // what was sent to it, and ICMP errors about its own segments
	reply  time.Duration // how soon its answer passes the point of capture, at its quickest
	states []Transition

	refuses     bool // it sent the reset of a kernel that has no socket
	receivedFIN bool
	sentFIN     bool
	denied      int    // frame of the FIN that it answered by a reset, closed as its socket was; 0 for none
	cutOff      bool   // it leaves repeated segments unanswered: nothing more is presumed to reach it
	unheard     bool   // all that it leaves unanswered is the last FIN: rather its ACKs are lost
	softError   string // errno that ICMP errors left behind
	closedBy    cause
}

// cause is what closed an endpoint, for what its application saw.
type cause uint8

const (
	notClosed cause = iota
	byReset         // it received an acceptable RST
	byOwnReset
	byICMP
	byTimer
	byAck // the last ACK of an orderly close
)

// defaultReply stands in for the reply time of an endpoint that was never seen
// to answer anything.
const defaultReply = 200 * time.Millisecond

// take sets e up as one side of the connection.
func (t *teller) take(e *endpoint, side Side) {
	*e = endpoint{side: side, sends: e.sends[:0], gets: e.gets[:0], states: e.states[:0]}
	for i := range t.story.Marks {
		switch m := t.mark(i); {
		case m.ICMP != nil && m.From != side: // about the peer's segment, and from neither
		case m.ICMP == nil && m.From == side:
			e.sends = append(e.sends, i)
			e.refuses = e.refuses || m.socketless()
		default:
			e.gets = append(e.gets, i)
		}
	}
	e.reply = t.replyTime(e)
}

// replyTime returns the shortest time from a segment to the first one of e that
// acknowledges it: next to nothing when the capture was taken at e, a round trip
// when it was taken at the peer; -1 when e never answered.
func (t *teller) replyTime(e *endpoint) time.Duration {
	best := time.Duration(-1)
	for _, g := range e.gets {
		m := t.mark(g)
		if !m.occupies() || m.Count > 1 {
			continue
		}
		if s := t.firstAck(e, m.proof()); s >= 0 && t.timed(e, g, s) {
			took := time.Duration(t.mark(s).Time - m.Time)
			if took > 0 && (best < 0 || took < best) {
				best = took
			}
		}
	}
	return best
}

// timed reports whether the segment of e at s answers the very copy at g. Its
// time stamp says so (RFC 7323 §4); without one, nothing does for a segment that
// was sent more than once (Karn's rule, RFC 6298 §3).
func (t *teller) timed(e *endpoint, g, s int) bool {
	m, ack := t.mark(g), t.mark(s)
	if m.HasTS && ack.HasTS {
		return ack.TSEcr == m.TSVal
	}
	return m.Notes&Retransmission == 0 && t.copyBetween(e, g, s) < 0
}

// patience is how long after a segment passed the point of capture a further
// segment of e may still have been sent in ignorance of it.
func (e *endpoint) patience() int64 {
	reply := e.reply
	if reply < 0 {
		reply = defaultReply
	}
	return int64(reply + reply/2 + 2*time.Millisecond)
}

// firstAck returns the index of the first mark of e that acknowledges number, -1 for none.
func (t *teller) firstAck(e *endpoint, number int64) int {
	for _, i := range e.sends {
		if m := t.mark(i); m.ackNumber() >= number && m.ackCounts() {
			return i
		}
	}
	return -1
}

// ackCounts reports whether the acknowledgment number of m says what its sender
// had received.
func (m *Mark) ackCounts() bool { return m.Notes&(AckUnsent|void) == 0 }
