package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var challengeACK = &Rule{
	Code:     "challenge-ack",
	Severity: NoteLevel,
	Title:    "an unacceptable reset or SYN was answered by an ACK",
	Text: `A reset that is inside the window but not exactly at the next number, or a SYN on a connection that is open, changes nothing: its receiver
answers with a plain ACK that tells where the connection stands. If the other end really has lost it, it answers that ACK by a reset with the
exact number. Linux limits how many it sends (tcp_invalid_ratelimit, tcp_challenge_ack_limit): its absence proves nothing.`,
	Refs:    []string{"RFC 5961 §3.2", "RFC 5961 §4.2", "RFC 9293 §3.10.7.4"},
	Certain: true,
	Needs:   sawIntruder,
	Check:   checkChallengeACK,
}

// challenged returns the ACK with which the receiver of m answers it, nil when
// it sent none in time. It repeats what had been acknowledged before.
func (c *Case) challenged(m *timeline.Mark) *timeline.Mark {
	receiver := m.From.Other()
	wait := max(2*c.Reply[receiver], 50*time.Millisecond)
	var acked int64
	for i := range c.Marks {
		o := &c.Marks[i]
		if o.ICMP != nil || o.From != receiver {
			continue
		}
		if o.Frame > m.Frame {
			bare := o.End == o.Seq && o.Flags&(reassembly.RST|reassembly.SYN|reassembly.FIN|reassembly.ACK) == reassembly.ACK
			if bare && o.Ack <= acked && o.Time-m.Time <= int64(wait) {
				return o
			}
			return nil
		}
		acked = max(acked, o.LastAck)
	}
	return nil
}

// challenges calls f for each unacceptable reset or SYN that was challenged.
func (c *Case) challenges(f func(m, ack *timeline.Mark)) {
	for i := range c.Marks {
		m := &c.Marks[i]
		receiver := m.From.Other()
		switch {
		case m.ICMP != nil:
			continue
		case m.Flags.Has(reassembly.RST):
			if m.Fate != timeline.Ignored || !c.before(receiver, m.Frame).Synchronized() {
				continue
			}
		case m.Flags&(reassembly.SYN|reassembly.ACK) == reassembly.SYN:
			if c.before(receiver, m.Frame) == tcpstate.SynReceived || !c.before(receiver, m.Frame).Synchronized() {
				continue
			}
		default:
			continue
		}
		if ack := c.challenged(m); ack != nil {
			f(m, ack)
		}
	}
}

func checkChallengeACK(c *Case) []Finding {
	var out []Finding
	c.challenges(func(m, ack *timeline.Mark) {
		if len(out) > 0 {
			out[0].Frames = append(out[0].Frames, m.Frame, ack.Frame)
			return
		}
		f := c.at(ack, ack.From, m.Frame, ack.Frame)
		state := c.before(ack.From, m.Frame)
		f.Summary = fmt.Sprintf("%s answered the %s in frame %d by an ACK and stayed in %s", c.addr(ack.From), m.Flags, m.Frame, state)
		f.Explanation = fmt.Sprintf("The %s in frame %d carries sequence number %d. %s acknowledges %d in frame %d instead of obeying: a challenge ACK. Neither application saw anything of it.",
			m.Flags, m.Frame, m.Seq, upper(the(ack.From)), ack.Ack, ack.Frame)
		f.Causes = []string{
			"the segment is late: an old duplicate, or overtaken by data",
			fmt.Sprintf("%s has lost the connection and opens it anew, or resets with an old number", the(m.From)),
			"somebody else sends in its name and guesses the number",
		}
		f.Checks = []string{
			fmt.Sprintf("nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge   # on %s", c.host(ack.From)),
			"sysctl net.ipv4.tcp_invalid_ratelimit net.ipv4.tcp_challenge_ack_limit",
		}
		out = append(out, f)
	})
	return out
}
