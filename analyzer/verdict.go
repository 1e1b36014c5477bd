package analyzer

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// verdict says in one sentence what became of a connection.
func verdict(c *Connection) string {
	if len(c.States[timeline.Client])+len(c.States[timeline.Server]) == 0 {
		return stray(c)
	}
	switch c.Handshake {
	case timeline.HandshakeRefused:
		return "refused: connect() returned ECONNREFUSED"
	case timeline.HandshakeUnreachable:
		return "unreachable, says an ICMP error: connect() returned " + c.App[timeline.Client].Connect
	case timeline.HandshakeUnanswered:
		return unanswered(c)
	case timeline.HandshakeIncomplete:
		return "never established: " + lastStates(c)
	}
	return ending(c) + again(c)
}

// stray describes segments that belong to no connection.
func stray(c *Connection) string {
	if len(c.Marks) == 1 {
		return "a lone " + c.Marks[0].Flags.String() + ", no connection"
	}
	return "stray segments answered by a reset, no connection"
}

func unanswered(c *Connection) string {
	syns := 0
	for i := range c.Marks {
		if c.Marks[i].Flags.Has(reassembly.SYN) {
			syns += c.Marks[i].Count
		}
	}
	text := "the SYN was never answered"
	if syns > 1 {
		text = fmt.Sprintf("%d SYNs were never answered", syns)
	}
	if c.Dropped > 0 {
		text = "no answer to the SYN was captured, while the capturing host dropped packets"
	}
	if c.App[timeline.Client].Connect == "ETIMEDOUT" {
		return text + ": connect() returned ETIMEDOUT"
	}
	return text
}

// ending describes how an established connection ended, or that it did not.
func ending(c *Connection) string {
	switch c.Teardown {
	case timeline.TeardownSimultaneous:
		return "closed by both sides at once"
	case timeline.TeardownFIN:
		if c.open() {
			return fmt.Sprintf("closed by the %s, not to the end: %s", c.ClosedBy, lastStates(c))
		}
		return fmt.Sprintf("closed by the %s", c.ClosedBy)
	case timeline.TeardownReset:
		return resetVerdict(c)
	case timeline.TeardownTimeout:
		return timeoutVerdict(c)
	case timeline.TeardownHalfClosed:
		return fmt.Sprintf("half-closed by the %s when the capture ended: %s", c.ClosedBy, lastStates(c))
	}
	return "open when the capture ended"
}

// open reports whether an end still has the connection.
func (c *Connection) open() bool {
	return !c.Last(timeline.Client).Over(true) || !c.Last(timeline.Server).Over(true)
}

func resetVerdict(c *Connection) string {
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil || !m.Flags.Has(reassembly.RST) || !c.Ended(m) {
			continue
		}
		if c.App[m.From].Error == "ETIMEDOUT" {
			return fmt.Sprintf("the %s's keep-alives went unanswered: it gave up with a reset (ETIMEDOUT), the %s %s", m.From, m.From.Other(), last(c, m.From.Other()))
		}
		text := fmt.Sprintf("reset by the %s", m.From)
		if c.ClosedBy != m.From && c.ClosedBy != timeline.Nobody {
			text += fmt.Sprintf(" after the FIN of the %s", c.ClosedBy)
		}
		if errno := c.App[m.From.Other()].Error; errno != "" {
			text += fmt.Sprintf(": %s at the %s", errno, m.From.Other())
		}
		return text
	}
	return "reset"
}

func timeoutVerdict(c *Connection) string {
	for _, side := range [...]timeline.Side{timeline.Client, timeline.Server} {
		states := c.States[side]
		n := len(states)
		if n == 0 || states[n-1].Basis != timeline.Timed || n > 1 && states[n-2].State == tcpstate.TimeWait {
			continue
		}
		text := fmt.Sprintf("the %s gave up", side)
		if errno := c.App[side].Error; errno != "" {
			text += " (" + errno + ")"
		}
		return fmt.Sprintf("%s after %s without an answer, the %s %s", text, seconds(c.silenceBefore(states[n-1].Time, side)), side.Other(), last(c, side.Other()))
	}
	return "timed out"
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

func seconds(d time.Duration) string { return d.Round(100 * time.Millisecond).String() }

// again tells of control segments that came more than once.
func again(c *Connection) string {
	var parts []string
	for _, side := range [...]timeline.Side{timeline.Client, timeline.Server} {
		fins := 0
		for i := range c.Marks {
			if m := &c.Marks[i]; m.From == side && m.ICMP == nil && m.Flags.Has(reassembly.FIN) {
				fins += m.Count
			}
		}
		switch {
		case fins == 2:
			parts = append(parts, fmt.Sprintf("the %s's FIN came twice", side))
		case fins > 2:
			parts = append(parts, fmt.Sprintf("the %s's FIN came %d times", side, fins))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
}

func lastStates(c *Connection) string {
	return fmt.Sprintf("client %s, server %s", last(c, timeline.Client), last(c, timeline.Server))
}

func last(c *Connection, side timeline.Side) string {
	if len(c.States[side]) == 0 {
		return "without a trace"
	}
	return c.Last(side).String()
}
