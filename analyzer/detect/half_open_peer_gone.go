package detect

import (
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var halfOpenPeerGone = &Rule{
	Code:     "half-open-peer-gone",
	Severity: Error,
	Title:    "one end went on with a connection that the other no longer has",
	Text: `A connection is half-open when one end has lost it and the other does not know: the host crashed and came back, the process was killed
with its socket, or the kernel forgot an orphan. The end that still has it learns so only when it sends: a kernel without the socket answers any
segment with a reset whose sequence number is the acknowledgment number of what it answers, with no ACK flag and, on Linux, window 0 and IP
identification 0. Nothing is wrong with such a reset: that is how TCP recovers.`,
	Refs:     []string{"RFC 9293 §3.5.1", "RFC 9293 §3.10.7.1"},
	Certain:  true,
	Swallows: []string{"abortive-close", "keepalive"},
	Needs:    sawReset,
	Check:    checkHalfOpenPeerGone,
}

func checkHalfOpenPeerGone(c *Case) []Finding {
	for _, gone := range sides {
		rst := c.socketlessReset(gone)
		if rst == nil || !c.Ended(rst) {
			continue
		}
		state := c.before(gone, rst.Frame)
		switch state {
		case tcpstate.SynReceived, tcpstate.Established, tcpstate.CloseWait:
		default:
			continue // it had closed its own direction: not lost, but over
		}
		answered := c.answeredBy(rst)
		if answered == nil || answered.Flags.Has(reassembly.SYN) || answered.Flags.Has(reassembly.FIN) && c.justAlive(rst, answered) {
			continue // both were about to end it: rst-after-fin tells of that
		}
		return append(c.none(), describePeerGone(c, gone, rst, answered))
	}
	return nil
}

func describePeerGone(c *Case, gone timeline.Side, rst, answered *timeline.Mark) Finding {
	left := gone.Other()
	f := c.at(rst, gone, answered.LastFrame, rst.Frame)
	after := ""
	if quiet := c.quietBefore(answered); quiet >= time.Second {
		after = " after " + c.span(quiet) + " of silence"
	}
	f.Summary = c.textf("%s no longer had the connection: it answered frame %d with a reset without a socket", c.addr(gone), answered.LastFrame)
	f.Explanation = c.textf("%s was %s, and no FIN or RST of it had been captured. When %s sent again%s (frame %d), "+
		"the reset in frame %d came back: no ACK, sequence number %d, just what the segment had acknowledged. A kernel says so when it has no such socket. %s",
		c.upper(the(gone)), c.before(gone, rst.Frame), the(left), after, answered.LastFrame, rst.Frame, rst.Seq, c.errorSeen(left))
	f.Causes = causesOfGone(c, gone, rst, answered)
	f.Checks = c.list(
		c.textf("uptime; journalctl --list-boots | tail -2   # on %s: restarted at this time?", c.host(gone)),
		c.socketOf(gone),
		"sysctl net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl   # shorter keep-alives find this out sooner",
	)
	return f
}

func causesOfGone(c *Case, gone timeline.Side, rst, answered *timeline.Mark) []string {
	middlebox := c.textf("a middlebox that forgot the flow answers in the name of %s", c.host(gone))
	if c.before(gone, rst.Frame) == tcpstate.SynReceived {
		return []string{
			"the accept queue is full, and net.ipv4.tcp_abort_on_overflow makes the kernel refuse the handshake's ACK",
			"the listener was closed, or a reset ended the half-open connection, after the SYN,ACK had been sent",
			middlebox,
		}
	}
	causes := []string{
		c.textf("%s was restarted, or came back with the same address and without its connections", c.host(gone)),
		"the socket was destroyed without a word: by its host's administrator, by a failover, or because the other end did not answer its keep-alives",
		middlebox,
	}
	if c.justAlive(rst, answered) {
		lost := c.textf("%s closed or aborted it, and its FIN or reset was lost before the point of capture: it had just been alive", the(gone))
		return slices.Insert(causes, 0, lost)
	}
	return causes
}

// justAlive reports whether the sender of a reset had been heard so shortly before
// the segment that it answers that its host cannot have lost the connection since.
func (c *Case) justAlive(rst, answered *timeline.Mark) bool {
	return answered.LastTime-c.lastWord(rst.From, rst) < int64(soonestReturn)
}

// soonestReturn is how soon after its last segment a host may be back without its
// connections.
const soonestReturn = time.Second

// lastWord returns the time of the last segment of side before rst, that of the
// connection's first when there is none.
func (c *Case) lastWord(side timeline.Side, rst *timeline.Mark) int64 {
	last := c.Start
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From == side && m.Frame < rst.Frame {
			last = max(last, m.LastTime)
		}
	})
	return last
}
