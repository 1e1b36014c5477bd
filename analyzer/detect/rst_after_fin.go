package detect

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var rstAfterFIN = &Rule{
	Code:     "rst-after-fin",
	Severity: Warning,
	Title:    "a reset after a FIN",
	Text: `The connection had begun to close with a FIN, and a reset finished it. Mostly one side called close() while the other still sent: a
closed socket takes no data, and its kernel answers with a reset. Other ways: close() with data still unread sends a reset at once; a FIN that
meets a host which has forgotten the connection is answered by one; and some clients reset instead of waiting for the peer's FIN. Whoever had read
end-of-file before the reset sees no error when reading: Linux gives EPIPE to the next write only.`,
	Refs:     []string{"RFC 9293 §3.10.7.1", "RFC 9293 §3.6", "RFC 1122 §4.2.2.13"},
	Certain:  true,
	Swallows: []string{"abortive-close"},
	Needs:    sawReset | sawFIN,
	Check:    checkRSTAfterFIN,
}

func checkRSTAfterFIN(c *Case) []Finding {
	for i := range c.Marks {
		rst := &c.Marks[i]
		if rst.ICMP != nil || !rst.Flags.Has(reassembly.RST) || !c.Ended(rst) {
			continue
		}
		fin := c.finBefore(rst)
		switch {
		case fin == nil:
		case c.Teardown == timeline.TeardownReset:
			return append(c.none(), describeRSTAfterFIN(c, fin, rst))
		case c.drawnByClose(rst):
			return append(c.none(), describeRSTAfterClose(c, rst))
		}
	}
	return nil // an orderly close that a stray reset follows is orderly
}

// describeRSTAfterClose tells of the reset that a close draws by itself where the
// network doubles or delays segments.
func describeRSTAfterClose(c *Case, rst *timeline.Mark) Finding {
	side, peer := rst.From.Other(), rst.From
	entered := c.transition(side, tcpstate.TimeWait)
	f := c.at(rst, peer, entered.Frame, rst.Frame)
	f.Severity = NoteLevel
	f.Summary = c.textf("the connection was closed; one more ACK of %s met no socket at %s, and its reset ended TIME_WAIT after %s", the(side), c.addr(peer), c.since(entered.Time, rst.Time))
	again := ""
	if ack := c.ackAgain(side, entered, rst); ack != nil {
		f.Frames = append(f.Frames, ack.LastFrame)
		again = c.textf(" Frame %d acknowledged once more, and found the socket of %s gone.", ack.LastFrame, the(peer))
	}
	f.Explanation = c.textf("Both FINs had been acknowledged, and %s was in TIME_WAIT since frame %d.%s The reset in frame %d says so and takes TIME_WAIT with it (RFC 1337). "+
		"No application noticed; old segments could now reach a new connection on the same ports.", the(side), entered.Frame, again, rst.Frame)
	f.Causes = c.list(c.textf("the network doubled or delayed one of the last segments of the close, so that %s acknowledged twice", the(side)))
	f.Checks = c.list(c.textf("sysctl net.ipv4.tcp_rfc1337   # on %s: 1 ignores resets in TIME_WAIT", c.host(side)))
	f.Refs = []string{"RFC 1337", "RFC 9293 §3.10.7.1"}
	return f
}

// finBefore returns the first FIN that was captured before m.
func (c *Case) finBefore(m *timeline.Mark) *timeline.Mark {
	for i := range c.Marks {
		if o := &c.Marks[i]; o.ICMP == nil && o.Frame < m.Frame && o.Flags.Has(reassembly.FIN) && !o.Flags.Has(reassembly.SYN) && o.Fate != timeline.Ignored {
			return o
		}
	}
	return nil
}

func describeRSTAfterFIN(c *Case, fin, rst *timeline.Mark) Finding {
	f := c.at(rst, rst.From, fin.Frame, rst.Frame)
	closer, other := fin.From, fin.From.Other()
	answered := c.answeredBy(rst)
	var what string
	switch {
	case rst.From == closer && answered != nil && answered.Len > 0:
		f.Frames = append(f.Frames, answered.LastFrame)
		what = c.textf("%s closed the socket, and data that %s still sent was answered by a reset", the(closer), the(other))
		f.Causes = c.list(
			c.textf("the application of %s called close(), or ended, before the other side had sent all: it should shut down its sending side and read to the end", the(closer)),
			c.textf("%s went on sending although it could have read end-of-file", the(other)),
		)
	case rst.From == closer:
		what = c.textf("%s sent FIN and then reset the connection instead of waiting for the other side to close", the(closer))
		f.Causes = c.list("an impatient close: a short timeout after shutdown(), SO_LINGER with a short time, or a process that ended")
	case answered != nil && answered.Flags.Has(reassembly.FIN):
		what = c.textf("the FIN of %s met a host that no longer had the connection", the(closer))
		f.Causes = c.list(c.textf("the socket of %s was gone: its host restarted, its FIN_WAIT_2 or TIME_WAIT had ended, or the process was killed and its reset got lost", the(other)))
		if c.justAlive(rst, answered) {
			f.Causes = c.list(c.textf("%s closed or aborted it first, and its FIN or reset was lost before the point of capture: it had just been alive", the(other)))
		}
	default:
		what = c.textf("%s answered end-of-file by resetting the connection", the(other))
		f.Causes = c.list(
			c.textf("close() of %s with received data still unread: Linux then sends RST instead of FIN", the(other)),
			"SO_LINGER with a time of 0, or a process that was killed with unread data",
		)
	}
	f.Summary = c.textf("%s (%s after the FIN)", c.upper(what), c.since(fin.Time, rst.Time))
	f.Explanation = c.textf("%s sent FIN in frame %d. The %s of %s in frame %d found %s. %s%s",
		c.upper(the(closer)), fin.Frame, rst.Flags, the(rst.From), rst.Frame, c.stateText(rst.From.Other(), rst.Frame), c.lossText(rst), c.errorSeen(rst.From.Other()))
	f.Checks = c.list(
		c.textf("nstat -az TcpExtTCPAbortOnData TcpExtTCPAbortOnClose TcpEstabResets   # on %s", c.host(rst.From)),
		c.textf("strace -f -e trace=network,close -p PID   # on %s: close() before the last recv() or send()?", c.host(rst.From)),
	)
	return f
}

// stateText says in which state a segment found its receiver.
func (c *Case) stateText(side timeline.Side, frame int) string {
	if s := c.before(side, frame); s != tcpstate.Closed {
		return c.textf("%s in %s", the(side), s)
	}
	return the(side) + " already closed"
}

// lossText says how many bytes nobody had acknowledged when m came, "" for none.
func (c *Case) lossText(m *timeline.Mark) string {
	for _, side := range sides {
		if n := c.unacknowledged(side, m); n > 0 {
			return c.textf("%s of %s had not been acknowledged: whether they were read cannot be known, most likely not. ", c.upper(c.bytes(n)), the(side))
		}
	}
	return ""
}
