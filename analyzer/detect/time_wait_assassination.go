package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var timeWaitAssassination = &Rule{
	Code:     "time-wait-assassination",
	Severity: Warning,
	Title:    "a reset cut TIME_WAIT short",
	Text: `TIME_WAIT keeps old segments of a connection out of the next one on the same ports, and answers a repeated last FIN. A reset ended it early.
The usual way: an old duplicate reaches the end in TIME_WAIT, which answers with an ACK; the other end, closed, answers that with a reset.
No application sees an error. The port is free at once, and so are the old segments to be taken for new ones. Linux ignores such resets when
net.ipv4.tcp_rfc1337 is 1; by default it does not.`,
	Refs:    []string{"RFC 1337", "RFC 9293 §3.6.1"},
	Certain: true,
	Needs:   sawReset,
	Check:   checkTimeWaitAssassination,
}

func checkTimeWaitAssassination(c *Case) []Finding {
	for _, side := range sides {
		states := c.States[side]
		n := len(states)
		if n < 2 || states[n-1].State != tcpstate.Closed || states[n-2].State != tcpstate.TimeWait || states[n-1].Frame == 0 {
			continue
		}
		rst := c.mark(states[n-1].Frame)
		if rst != nil && rst.Flags.Has(reassembly.RST) && rst.From != side && !c.drawnByClose(rst) {
			return []Finding{describeAssassination(c, side, &states[n-2], rst)}
		}
	}
	return nil
}

func describeAssassination(c *Case, side timeline.Side, entered *timeline.Transition, rst *timeline.Mark) Finding {
	peer := side.Other()
	f := c.at(rst, side, entered.Frame, rst.Frame)
	f.Summary = fmt.Sprintf("a reset of %s ended the TIME_WAIT of %s after %s", c.addr(peer), c.addr(side), since(entered.Time, rst.Time))
	drew := "Nothing in the capture shows what drew it."
	if ack := c.ackAgain(side, entered, rst); ack != nil {
		f.Frames = append(f.Frames, ack.Frame)
		drew = fmt.Sprintf("It answers frame %d, an ACK that %s sent out of TIME_WAIT for something old.", ack.Frame, the(side))
	}
	f.Explanation = fmt.Sprintf("%s was in TIME_WAIT since frame %d; the reset in frame %d closed it. %s Both directions had been closed and acknowledged: no application noticed.",
		upper(the(side)), entered.Frame, rst.Frame, drew)
	f.Causes = []string{
		fmt.Sprintf("an old duplicate drew an ACK of %s, which %s, closed already, answers with a reset", the(side), c.host(peer)),
		fmt.Sprintf("a program or a middlebox that sends a reset after the close, to clear the state of %s", c.host(side)),
	}
	f.Checks = []string{
		fmt.Sprintf("sysctl net.ipv4.tcp_rfc1337   # on %s: 1 ignores resets in TIME_WAIT", c.host(side)),
		fmt.Sprintf("tcpdump -nni any 'tcp port %d and tcp[tcpflags] & tcp-rst != 0'   # on %s", c.port(peer), c.host(peer)),
	}
	return f
}

// drawnByClose reports whether the close itself drew a reset: one of its last
// segments came twice or late, its receiver in TIME_WAIT acknowledged once more, and
// the other end, closed by the first ACK, had no socket for the second. What comes
// later than round trips and repetitions explain is an old duplicate.
func (c *Case) drawnByClose(rst *timeline.Mark) bool {
	side := rst.From.Other()
	entered := c.transition(side, tcpstate.TimeWait)
	return entered != nil && c.ended(side, rst.Frame) && rst.Window == 0 && !rst.Flags.Has(reassembly.ACK) &&
		time.Duration(rst.Time-entered.Time) <= max(3*c.round(), leastTimeout)
}

// leastTimeout is the shortest retransmission timeout of Linux (TCP_RTO_MIN).
const leastTimeout = 200 * time.Millisecond

// ackAgain returns the ACK with which side, in TIME_WAIT since entered, acknowledged
// once more, and which rst answers; nil when the capture has none.
func (c *Case) ackAgain(side timeline.Side, entered *timeline.Transition, rst *timeline.Mark) *timeline.Mark {
	n := 0
	for _, m := range c.sent(side, reassembly.ACK, reassembly.RST) {
		if entered.Frame < m.Frame && m.Frame < rst.Frame {
			n += m.Count
		}
	}
	answered := c.answeredBy(rst)
	if n < 2 || answered == nil || answered.From != side || answered.Frame <= entered.Frame {
		return nil
	}
	return answered
}
