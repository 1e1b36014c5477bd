package analyzer

import (
	"strconv"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// sentence is a verdict in the making: what became of a connection.
type sentence []byte

func (s sentence) say(words ...string) sentence {
	for _, w := range words {
		s = append(s, w...)
	}
	return s
}

// verdict says the whole sentence.
func (s sentence) verdict(c *Connection) sentence {
	if len(c.States[timeline.Client])+len(c.States[timeline.Server]) == 0 {
		return s.stray(c)
	}
	switch c.Handshake {
	case timeline.HandshakeRefused:
		return s.say("refused: connect() returned ECONNREFUSED")
	case timeline.HandshakeUnreachable:
		return s.say("unreachable, says an ICMP error: connect() returned ", c.App[timeline.Client].Connect)
	case timeline.HandshakeUnanswered:
		return s.unanswered(c)
	case timeline.HandshakeIncomplete:
		return s.say("never established: ").lastStates(c)
	}
	return s.ending(c).again(c)
}

// stray describes segments that belong to no connection.
func (s sentence) stray(c *Connection) sentence {
	if len(c.Marks) == 1 {
		return s.say("a lone ", c.Marks[0].Flags.String(), ", no connection")
	}
	return s.say("stray segments answered by a reset, no connection")
}

func (s sentence) unanswered(c *Connection) sentence {
	syns := 0
	for i := range c.Marks {
		if c.Marks[i].Flags.Has(reassembly.SYN) {
			syns += c.Marks[i].Count
		}
	}
	switch {
	case c.Dropped > 0:
		s = s.say("no answer to the SYN was captured, while the capturing host dropped packets")
	case syns > 1:
		s = s.say(strconv.Itoa(syns), " SYNs were never answered")
	default:
		s = s.say("the SYN was never answered")
	}
	if c.App[timeline.Client].Connect == "ETIMEDOUT" {
		s = s.say(": connect() returned ETIMEDOUT")
	}
	return s
}

// ending describes how an established connection ended, or that it did not.
func (s sentence) ending(c *Connection) sentence {
	switch c.Teardown {
	case timeline.TeardownSimultaneous:
		return s.say("closed by both sides at once")
	case timeline.TeardownFIN:
		s = s.say("closed by the ", c.ClosedBy.String())
		if c.open() {
			s = s.say(", not to the end: ").lastStates(c)
		}
		return s
	case timeline.TeardownReset:
		return s.reset(c)
	case timeline.TeardownTimeout:
		return s.timeout(c)
	case timeline.TeardownHalfClosed:
		return s.say("half-closed by the ", c.ClosedBy.String(), " when the capture ended: ").lastStates(c)
	}
	return s.say("open when the capture ended")
}

// open reports whether an end still has the connection.
func (c *Connection) open() bool {
	return !c.Last(timeline.Client).Over(true) || !c.Last(timeline.Server).Over(true)
}

func (s sentence) reset(c *Connection) sentence {
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil || !m.Flags.Has(reassembly.RST) || !c.Ended(m) {
			continue
		}
		from, to := m.From.String(), m.From.Other().String()
		if c.App[m.From].Error == "ETIMEDOUT" {
			return s.say("the ", from, "'s keep-alives went unanswered: it gave up with a reset (ETIMEDOUT), the ", to, " ", last(c, m.From.Other()))
		}
		s = s.say("reset by the ", from)
		if c.ClosedBy != m.From && c.ClosedBy != timeline.Nobody {
			s = s.say(" after the FIN of the ", c.ClosedBy.String())
		}
		if errno := c.App[m.From.Other()].Error; errno != "" {
			s = s.say(": ", errno, " at the ", to)
		}
		return s
	}
	return s.say("reset")
}

func (s sentence) timeout(c *Connection) sentence {
	for side := range timeline.Nobody {
		states := c.States[side]
		n := len(states)
		if n == 0 || states[n-1].Basis != timeline.Timed || n > 1 && states[n-2].State == tcpstate.TimeWait {
			continue
		}
		s = s.say("the ", side.String(), " gave up")
		if errno := c.App[side].Error; errno != "" {
			s = s.say(" (", errno, ")")
		}
		silent := detect.Span(c.silenceBefore(states[n-1].Time, side))
		return s.say(" after ", silent, " without an answer, the ", side.Other().String(), " ", last(c, side.Other()))
	}
	return s.say("timed out")
}

// silenceBefore returns for how long nothing of the peer of side had been
// captured at a time.
func (c *Connection) silenceBefore(at int64, side timeline.Side) time.Duration {
	heard := c.Start
	for i := range c.Marks {
		if m := &c.Marks[i]; m.From != side && m.ICMP == nil {
			heard = max(heard, m.LastTime)
		}
	}
	return time.Duration(at - heard)
}

// again tells of control segments that came more than once.
func (s sentence) again(c *Connection) sentence {
	var fins [2]int
	for i := range c.Marks {
		if m := &c.Marks[i]; m.ICMP == nil && m.Flags.Has(reassembly.FIN) {
			fins[m.From] += m.Count
		}
	}
	before := "; the "
	for side, n := range fins {
		if n < 2 {
			continue
		}
		s = s.say(before, timeline.Side(side).String(), "'s FIN came ")
		if n == 2 {
			s = s.say("twice")
		} else {
			s = s.say(strconv.Itoa(n), " times")
		}
		before = ", the "
	}
	return s
}

func (s sentence) lastStates(c *Connection) sentence {
	return s.say("client ", last(c, timeline.Client), ", server ", last(c, timeline.Server))
}

func last(c *Connection, side timeline.Side) string {
	if len(c.States[side]) == 0 {
		return "without a trace"
	}
	return c.Last(side).String()
}
