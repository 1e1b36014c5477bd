package detect

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var abortiveClose = &Rule{
	Code:     "abortive-close",
	Severity: Warning,
	Title:    "a live connection was reset without a FIN",
	Text: `A socket that was in use was aborted: its kernel sent RST with the current sequence and acknowledgment numbers, and no FIN came before.
On Linux that is close() with received data unread, SO_LINGER with a time of 0, or a process that was killed with unread data. What was on
its way is lost, and the other side's next call fails with ECONNRESET, though data that had arrived before can still be read.`,
	Refs:    []string{"RFC 9293 §3.10.5", "RFC 2525 §2.17"},
	Certain: true,
	Needs:   sawReset,
	Check:   checkAbortiveClose,
}

func checkAbortiveClose(c *Case) []Finding {
	if c.Teardown != timeline.TeardownReset {
		return nil
	}
	for i := range c.Marks {
		rst := &c.Marks[i]
		if rst.ICMP != nil || !rst.Flags.Has(reassembly.RST) || !c.Ended(rst) {
			continue
		}
		state := c.before(rst.From, rst.Frame)
		if !state.Synchronized() || c.finBefore(rst) != nil || c.answeredBy(rst) != nil || c.App[rst.From].Error == "ETIMEDOUT" || c.neverOpened(rst) {
			return nil
		}
		return append(c.none(), describeAbort(c, rst, state))
	}
	return nil
}

// neverOpened reports a reset with which the client answers the SYN,ACK instead of
// acknowledging it: a scanner's, or of a health check that wants no connection.
func (c *Case) neverOpened(rst *timeline.Mark) bool {
	return rst.From == timeline.Client && c.before(timeline.Server, rst.Frame) == tcpstate.SynReceived && len(c.sent(timeline.Client, reassembly.ACK, reassembly.RST)) == 0
}

func describeAbort(c *Case, rst *timeline.Mark, state tcpstate.State) Finding {
	side, peer := rst.From, rst.From.Other()
	f := c.at(rst, side, rst.Frame)
	f.Summary = c.textf("%s reset the connection in %s, %s after its beginning, without a FIN", c.addr(side), state, c.since(c.Start, rst.Time))
	unread := c.receivedJustBefore(side, rst)
	f.Explanation = c.textf("%s was in %s and sent %s in frame %d; neither side had sent FIN. %s%s%s",
		c.upper(the(side)), state, rst.Flags, rst.Frame, c.unreadText(side, unread), c.lossText(rst), c.errorSeen(peer))
	linger := c.textf("the application of %s closed with SO_LINGER set to 0, to skip TIME_WAIT or to drop the connection at once", the(side))
	unreadCause := c.textf("the application of %s closed, or was killed, with received data unread", the(side))
	f.Causes = c.list(linger, unreadCause)
	if unread > 0 {
		f.Causes = c.list(unreadCause, linger)
	}
	f.Checks = c.list(
		c.textf("nstat -az TcpExtTCPAbortOnClose TcpExtTCPAbortOnData TcpOutRsts   # on %s: unread data, or linger", c.host(side)),
		c.textf("strace -f -e trace=setsockopt,close,shutdown -p PID   # on %s", c.host(side)),
	)
	return f
}

// receivedJustBefore returns how many bytes were sent to side after its own last
// data: they may still have been unread when it reset.
func (c *Case) receivedJustBefore(side timeline.Side, rst *timeline.Mark) int64 {
	var n int64
	c.segments(func(_ int, m *timeline.Mark) {
		switch {
		case m.Frame >= rst.Frame:
		case m.From == side && m.Len > 0:
			n = 0
		case m.From != side:
			n += m.Len
		}
	})
	return n
}

func (c *Case) unreadText(side timeline.Side, unread int64) string {
	if unread == 0 {
		return ""
	}
	return c.textf("%s had reached %s since it last sent data, and may have been unread. ", c.upper(c.bytes(unread)), the(side))
}
