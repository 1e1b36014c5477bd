package detect

import (
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// mostResets is how many resets of one finding are given their cause: one abort
// may send several, all of one kind.
const mostResets = 2

// tellResets adds to a finding what each of its resets was, in the words of
// Linux's sk_rst_reason, with the evidence, and what its receiver made of it.
func (c *Case) tellResets(f *Finding) {
	told := 0
	for _, frame := range f.Frames {
		m := c.mark(frame)
		if m == nil || m.ICMP != nil || !m.Flags.Has(reassembly.RST) || told == mostResets {
			continue
		}
		told++
		f.Explanation = c.textf("%s The RST in frame %d: %s; %s.", f.Explanation, m.Frame, c.resetCause(m), c.resetTaken(m))
	}
}

// resetCause names the cause of a reset and the evidence for it. The names are
// those of Linux's sk_rst_reason; other stacks have the causes without the names.
func (c *Case) resetCause(rst *timeline.Mark) string {
	state := c.before(rst.From, rst.Frame)
	if rst.Flags.Has(reassembly.ACK) {
		return c.abortCause(rst, state)
	}
	answered := c.answeredBy(rst)
	switch {
	case answered == nil && rst.Window == 0:
		return "no cause to be seen: it has no ACK and answers nothing that was captured"
	case answered == nil:
		return "no cause that Linux knows: no ACK, yet it answers nothing, and its window is not 0"
	case state == tcpstate.FinWait1 && answered.Len > 0:
		return c.textf("TCP_ABORT_ON_DATA (it answers the data in frame %d, which came for a closed socket)", answered.LastFrame)
	case (state == tcpstate.FinWait2 || state == tcpstate.TimeWait) && answered.Len > 0:
		return c.textf("TCP_TIMEWAIT_SOCKET (it answers the data in frame %d, for which only a mini-socket was left)", answered.LastFrame)
	case state == tcpstate.FinWait2 && c.led(rst.From, state, answered):
		return c.textf("TCP_ABORT_ON_DATA (it answers frame %d, the ACK of its FIN: TCP_LINGER2 below 0 leaves no FIN_WAIT_2)", answered.LastFrame)
	case state == tcpstate.SynReceived && !answered.Flags.Has(reassembly.SYN):
		return c.textf("INVALID_SYN with tcp_abort_on_overflow, or NO_SOCKET (it answers frame %d, which should have ended SYN_RCVD)", answered.LastFrame)
	case state == tcpstate.SynSent && !answered.Flags.Has(reassembly.SYN):
		return c.textf("TCP_INVALID_ACK_SEQUENCE (it refuses the acknowledgment in frame %d, which is not of its SYN)", answered.LastFrame)
	}
	return c.textf("NO_SOCKET (no ACK, window 0, and its number is the acknowledgment number of frame %d)", answered.LastFrame)
}

// led reports whether m is what led side to a state.
func (c *Case) led(side timeline.Side, s tcpstate.State, m *timeline.Mark) bool {
	tr := c.transition(side, s)
	return tr != nil && tr.Frame == m.Frame
}

// abortCause names the cause of a reset with ACK: the answer to a SYN, or the
// abort of a live socket.
func (c *Case) abortCause(rst *timeline.Mark, state tcpstate.State) string {
	refuses := c.before(rst.From.Other(), rst.Frame) == tcpstate.SynSent && rst.Ack == 1
	switch {
	case refuses && rst.Window != 0:
		return "no cause that Linux knows: it refuses the SYN, yet its window is not 0"
	case refuses, !state.Synchronized() && state != tcpstate.SynReceived && rst.Window == 0:
		return "NO_SOCKET (it acknowledges the SYN, window 0)"
	case c.App[rst.From].Error == "ETIMEDOUT":
		return "TCP_KEEPALIVE_TIMEOUT (the probes before it went unanswered)"
	case c.receivedJustBefore(rst.From, rst) > 0:
		return "TCP_ABORT_ON_CLOSE, or TCP_STATE with SO_LINGER 0 (current numbers, and data that may have been unread)"
	}
	return "TCP_STATE with SO_LINGER 0, or TCP_ABORT_ON_CLOSE (a live socket's numbers)"
}

// resetTaken says what the receiver of a reset made of it.
func (c *Case) resetTaken(rst *timeline.Mark) string {
	to := rst.From.Other()
	switch {
	case rst.Fate == timeline.Lost:
		return c.textf("%s never had it", the(to))
	case slices.ContainsFunc(c.States[to], func(tr timeline.Transition) bool {
		return tr.Frame == rst.Frame && tr.State == tcpstate.Closed
	}):
		return c.textf("%s accepted it", the(to))
	case rst.Fate == timeline.Ignored && c.before(to, rst.Frame).Synchronized() && c.challenged(rst) != nil:
		return c.textf("%s answered it by a challenge ACK", the(to))
	case c.before(to, rst.Frame) == tcpstate.Closed:
		return c.textf("%s had no connection any more", the(to))
	}
	return c.textf("%s ignored it", the(to))
}
