package detect

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Case is one connection with its story, as the detectors see it.
type Case struct {
	*timeline.Conn
	*timeline.Story
	Until     int64         // how long the capture went on, nanoseconds since the Unix epoch
	Dropped   uint64        // frames that the capturing host dropped, when it did while this connection was open: what is missing may have been among them
	LetGo     bool          // it was forgotten while it was open: the view of it ends then, and not with the capture
	CloseWait time.Duration // how long an application may leave a socket in CLOSE_WAIT; 0 means a minute

	*texts
	names [2]name // by timeline.Side
	signs Signs
	tally tally
}

// name is an endpoint in words, empty until they are asked for.
type name struct{ addr, host string }

var sides = [...]timeline.Side{timeline.Client, timeline.Server}

// ending says when the view of a connection ended that goes on beyond it.
func (c *Case) ending() string {
	if c.LetGo {
		return "when it was let go to make room"
	}
	return "when the capture ended"
}

// segments calls f for each mark that is a segment of this connection, in the
// order of the capture.
func (c *Case) segments(f func(i int, m *timeline.Mark)) {
	for i := range c.Marks {
		if m := &c.Marks[i]; m.ICMP == nil && m.Notes&timeline.Stray == 0 {
			f(i, m)
		}
	}
}

// sent returns the marks of side that have all of flags, none of without, and that
// a receiver can take.
func (c *Case) sent(side timeline.Side, flags, without reassembly.Flags) []*timeline.Mark {
	n := len(c.marks)
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From == side && m.Notes&timeline.Void == 0 && m.Flags.Has(flags) && !m.Flags.Any(without) {
			c.marks = append(c.marks, m)
		}
	})
	return c.marks[n:len(c.marks):len(c.marks)]
}

// transition returns the first transition of side into s, nil when there is none.
func (c *Case) transition(side timeline.Side, s tcpstate.State) *timeline.Transition {
	for i := range c.States[side] {
		if tr := &c.States[side][i]; tr.State == s {
			return tr
		}
	}
	return nil
}

// passed reports whether side was ever in s.
func (c *Case) passed(side timeline.Side, s tcpstate.State) bool { return c.transition(side, s) != nil }

// before returns the state that side was in when the segment of a frame had done
// its work.
func (c *Case) before(side timeline.Side, frame int) tcpstate.State {
	state := tcpstate.Closed
	for _, tr := range c.States[side] {
		if tr.Frame >= frame || tr.Frame == 0 {
			break
		}
		state = tr.State
	}
	return state
}

// mark returns the mark that holds a frame, nil when it was folded away.
func (c *Case) mark(frame int) *timeline.Mark {
	for i := range c.Marks {
		if m := &c.Marks[i]; m.Frame <= frame && frame <= m.LastFrame {
			return m
		}
	}
	return nil
}

// round reports how long a round trip takes at most between the point of capture
// and the two ends, as far as their answers tell.
func (c *Case) round() time.Duration {
	return max(c.Reply[timeline.Client], c.Reply[timeline.Server], 0)
}

// name returns the name of an endpoint.
func (c *Case) name(side timeline.Side) *name {
	n := &c.names[side]
	if n.addr == "" {
		n.addr, n.host = c.addressed(c.Ends[side])
	}
	return n
}

// addr returns an endpoint as "192.0.2.1:80".
func (c *Case) addr(side timeline.Side) string { return c.name(side).addr }

// host returns the address of an endpoint without its port.
func (c *Case) host(side timeline.Side) string { return c.name(side).host }

func (c *Case) port(side timeline.Side) int { return int(c.Ends[side].Port) }

// the returns "the client" or "the server".
func the(side timeline.Side) string { return [...]string{"the client", "the server", "nobody"}[side] }

// socketOf returns the command that shows the socket of side, to be run on its host.
func (c *Case) socketOf(side timeline.Side) string {
	return c.textf("ss -tanoi 'src %s and dst %s'   # on %s", c.addr(side), c.addr(side.Other()), c.host(side))
}
