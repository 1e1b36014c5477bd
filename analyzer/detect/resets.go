package detect

import (
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// What the detectors of resets share: which one it was, what it answered, who
// sent it and what it did.

// resets returns the resets of side.
func (c *Case) resets(side timeline.Side) []*timeline.Mark { return c.sent(side, reassembly.RST, 0) }

// socketlessReset returns the first reset of side that a kernel without a socket
// sends: no ACK, window 0, and the sequence number is that which the segment it
// answers acknowledged (RFC 9293 §3.10.7.1); nil when there is none.
func (c *Case) socketlessReset(side timeline.Side) *timeline.Mark {
	for _, rst := range c.resets(side) {
		if c.answeredBy(rst) != nil {
			return rst
		}
	}
	return nil
}

// answeredBy returns the segment that a reset without ACK answers, nil when it
// answers none: then a live socket was aborted.
func (c *Case) answeredBy(rst *timeline.Mark) *timeline.Mark {
	if rst.Flags.Has(reassembly.ACK) || rst.Window != 0 {
		return nil
	}
	var found *timeline.Mark
	reply := max(2*c.Reply[rst.From], 50*time.Millisecond)
	opening := c.before(rst.From, rst.Frame) == tcpstate.SynReceived
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From != rst.From && m.Frame < rst.Frame && !m.Flags.Has(reassembly.RST) && m.Flags.Has(reassembly.ACK) &&
			(m.Ack == rst.Seq || m.LastAck == rst.Seq) && (rst.Time-m.LastTime <= int64(reply) || opening && m.Fate == timeline.Ignored) {
			found = m
		}
	})
	return found
}

// quietBefore returns how long nothing had been captured when m came.
func (c *Case) quietBefore(m *timeline.Mark) time.Duration {
	if r := &c.Resumed; m.Frame <= r.Frame && r.Frame <= m.LastFrame {
		return r.After
	}
	last := c.Start
	for i := range c.Marks {
		if o := &c.Marks[i]; o.Frame < m.Frame {
			last = max(last, o.LastTime)
		}
	}
	return time.Duration(m.Time - last)
}

// unacknowledged returns how many bytes of side had not been acknowledged when
// the mark came.
func (c *Case) unacknowledged(side timeline.Side, by *timeline.Mark) int64 {
	var sent, acked int64
	c.segments(func(_ int, m *timeline.Mark) {
		switch {
		case m.Frame > by.Frame || m.Flags.Has(reassembly.RST) && m.Frame != by.Frame:
		case m.From == side && m.Len > 0:
			sent = max(sent, m.End)
		case m.From != side && m.Flags.Has(reassembly.ACK):
			acked = max(acked, m.LastAck)
		}
	})
	return max(sent-max(acked, 1), 0)
}

// errorSeen says what the application of side saw of a reset.
func (c *Case) errorSeen(side timeline.Side) string {
	switch errno := c.App[side].Error; errno {
	case "":
		return c.textf("The application of %s saw no error.", the(side))
	case "EPIPE":
		return c.textf("The next send() of %s returned EPIPE, with SIGPIPE unless it is ignored; recv() goes on returning 0.", the(side))
	case "ECONNRESET":
		if c.sentFIN(side) {
			return c.textf("If the application of %s still reads, its next recv() returned ECONNRESET; after close() it learns nothing.", the(side))
		}
		if c.Halves[side.Other()].Next > 1 {
			return c.textf("Once %s had read what had come before, its next recv() returned ECONNRESET; a further send() would return EPIPE and raise SIGPIPE.", the(side))
		}
		return c.textf("The next recv() of %s returned ECONNRESET; a further send() would return EPIPE and raise SIGPIPE.", the(side))
	default:
		return c.textf("The next call of %s on the socket returned %s.", the(side), errno)
	}
}

// sentFIN reports whether side had closed its own direction: whether its application
// kept the socket after that, the segments do not tell.
func (c *Case) sentFIN(side timeline.Side) bool {
	return c.Halves[side].FIN > 0
}

// upper returns s with its first letter in upper case.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
