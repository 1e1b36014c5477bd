package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Two detectors of a SYN on the ports of a connection that had closed: it opened
// the next incarnation, or TIME_WAIT did not let it.

var portReused = &Rule{
	Code:     "port-reused",
	Severity: NoteLevel,
	Title:    "a new connection on the addresses and ports of one that had just ended",
	Text: `The same 4-tuple was used again soon after its last connection. A host whose TIME_WAIT still holds the old one accepts the SYN only with a
higher sequence number, or a later timestamp; Linux, when it reuses a TIME_WAIT of its own (tcp_tw_reuse), makes sure of that by starting 65537
above the old numbers. Harmless in itself; with translated addresses, or in a load test, it shows that ports run short.`,
	Refs:  []string{"RFC 9293 §3.6.1", "RFC 6191 §2", "RFC 9293 §3.4.3"},
	Needs: sawBefore,
	Check: checkPortReused,
}

// soon is how long after its end a connection can still be mixed up with the next
// one on its ports: twice the maximum segment lifetime (RFC 9293 §3.4.2).
const soon = 4 * time.Minute

// recycled is how far above the old SND.NXT Linux starts when it reuses a
// TIME_WAIT of its own.
const recycled = 65537

func checkPortReused(c *Case) []Finding {
	syn := &c.Marks[0]
	if c.Before == nil || syn.ICMP != nil || !syn.Flags.Has(reassembly.SYN) || syn.Flags.Has(reassembly.ACK) {
		return nil
	}
	gap := time.Duration(syn.Time - c.Before.End)
	if gap > soon {
		return nil
	}
	opener, old := syn.From, c.Before
	f := c.at(syn, opener, syn.Frame)
	f.Summary = fmt.Sprintf("%s uses its port for %s again, %s after the last segment of the connection before (frame %d)", c.addr(opener), c.addr(opener.Other()), Span(gap), old.LastFrame)
	f.Explanation = fmt.Sprintf("When the SYN came the old connection was %s. %s%s", oldStates(opener, old), c.reuseOutcome(opener, old), c.isnStep(opener, old))
	f.Causes = []string{
		"the client binds a fixed source port, or its ephemeral ports run short",
		"tcp_tw_reuse at the client, or an address translation that hands out a port again",
	}
	f.Checks = []string{
		fmt.Sprintf("ss -tan state time-wait dst %s | wc -l; sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse   # on %s", c.host(opener.Other()), c.host(opener)),
		fmt.Sprintf("nstat -az TcpExtTWRecycled TcpExtPAWSActive   # on %s", c.host(opener)),
	}
	return []Finding{f}
}

func oldStates(opener timeline.Side, old *timeline.Previous) string {
	return fmt.Sprintf("%s at %s and %s at %s", old.States[opener], the(opener), old.States[opener.Other()], the(opener.Other()))
}

// reuseOutcome says whether the SYN was accepted, and what that means for the
// state that it met.
func (c *Case) reuseOutcome(opener timeline.Side, old *timeline.Previous) string {
	met := ""
	if old.States[opener.Other()] == tcpstate.TimeWait {
		met = " out of TIME_WAIT"
	}
	switch c.Handshake {
	case timeline.HandshakeComplete, timeline.HandshakeSimultaneous:
		return "It was accepted" + met + "."
	case timeline.HandshakeRefused:
		return "It was refused by a reset."
	case timeline.HandshakeUnanswered:
		if met != "" {
			return "It was not answered: TIME_WAIT may have dropped it for a number or timestamp that was not higher."
		}
		return "It was not answered."
	}
	return "Its handshake was not completed in this capture."
}

// isnStep compares the new ISN with the old numbers, "" when that says nothing.
func (c *Case) isnStep(opener timeline.Side, old *timeline.Previous) string {
	step := c.Halves[opener].ISN().Diff(old.Next[opener])
	if step == recycled {
		return fmt.Sprintf(" Its sequence number is the old SND.NXT + %d: a Linux kernel that reuses its own TIME_WAIT.", recycled)
	}
	if old.States[opener.Other()] != tcpstate.TimeWait {
		return ""
	}
	if step > 0 {
		return fmt.Sprintf(" Its sequence number lies %d above the old ones.", step)
	}
	return fmt.Sprintf(" Its sequence number lies %d below the old ones, so only a later timestamp can have let it in.", -int64(step))
}

var timeWaitReuseRefused = &Rule{
	Code:     "time-wait-reuse-refused",
	Severity: Warning,
	Title:    "a SYN met TIME_WAIT and was not accepted",
	Text: `The end that had closed first still held the old connection in TIME_WAIT and answered the new SYN with an ACK of the old one: the SYN's sequence
number was not above the old ones, nor its timestamp later. A client answers that ACK with a reset and tries again, at the cost of a retry; where
the reset is filtered, it waits until TIME_WAIT is over, some 60 s on Linux.`,
	Refs:     []string{"RFC 9293 §3.10.7.4", "RFC 6191 §2", "RFC 7323 §5"},
	Certain:  true,
	Swallows: []string{"syn-on-established"},
	Needs:    sawLateSYN,
	Check:    checkTimeWaitReuseRefused,
}

func checkTimeWaitReuseRefused(c *Case) []Finding {
	for _, syn := range c.lateSYNs() {
		holder := syn.From.Other()
		if c.before(holder, syn.Frame) != tcpstate.TimeWait {
			continue
		}
		if ack := c.answerTo(syn, holder); ack != nil && !ack.Flags.Any(reassembly.SYN|reassembly.RST|reassembly.FIN) {
			return []Finding{describeTimeWaitReuseRefused(c, syn, ack)}
		}
	}
	return nil
}

func describeTimeWaitReuseRefused(c *Case, syn, ack *timeline.Mark) Finding {
	opener, holder := syn.From, syn.From.Other()
	f := c.at(syn, holder, syn.Frame, ack.Frame)
	entered := c.transition(holder, tcpstate.TimeWait)
	f.Summary = fmt.Sprintf("%s, in TIME_WAIT for %s, did not accept the SYN of %s in frame %d", c.addr(holder), since(entered.Time, syn.Time), c.addr(opener), syn.Frame)
	f.Explanation = fmt.Sprintf("%s It was answered in frame %d by an ACK with the old connection's numbers, and no new connection came of it.%s",
		c.whyRefused(opener, syn), ack.Frame, c.afterRefusal(opener, ack, &f))
	f.Causes = []string{
		fmt.Sprintf("%s uses the port again with a sequence number chosen at random and without timestamps", c.host(opener)),
		"several clients behind one translated address and port, whose clocks and numbers know nothing of each other",
		"an old duplicate of a SYN",
	}
	f.Checks = []string{
		fmt.Sprintf("ss -tano state time-wait 'src %s and dst %s'   # on %s", c.addr(holder), c.addr(opener), c.host(holder)),
		fmt.Sprintf("sysctl net.ipv4.tcp_timestamps   # on %s: timestamps let TIME_WAIT accept", c.host(opener)),
		fmt.Sprintf("nstat -az TcpExtPAWSTimewait TcpExtTCPACKSkippedTimeWait   # on %s", c.host(holder)),
	}
	return f
}

// whyRefused compares the SYN with what its sender had sent last.
func (c *Case) whyRefused(opener timeline.Side, syn *timeline.Mark) string {
	next := c.Halves[opener].Next
	text := fmt.Sprintf("The SYN's sequence number is %d relative to the old connection, where %d would have come next", syn.Seq, next)
	last := (*timeline.Mark)(nil)
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From == opener && m.HasTS && m.Frame < syn.Frame {
			last = m
		}
	})
	switch {
	case syn.HasTS && last != nil && int32(syn.TSVal-last.TSVal) <= 0:
		return text + fmt.Sprintf(", and its timestamp %d is not later than the last one, %d.", syn.TSVal, last.TSVal)
	case syn.Seq >= next:
		return text + "; why it was not accepted the capture does not show."
	case !syn.HasTS:
		return text + ", and it carries no timestamp that could make up for that."
	}
	return text + "."
}

// afterRefusal says what the opener made of the ACK.
func (c *Case) afterRefusal(opener timeline.Side, ack *timeline.Mark, f *Finding) string {
	rst := c.answerTo(ack, opener)
	if rst == nil || !rst.Flags.Has(reassembly.RST) {
		return ""
	}
	f.Frames = append(f.Frames, rst.Frame)
	return fmt.Sprintf(" The client reset the old connection in frame %d, which ends TIME_WAIT, and may try again.", rst.Frame)
}
