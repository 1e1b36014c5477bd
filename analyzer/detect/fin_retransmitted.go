package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var finRetransmitted = &Rule{
	Code:     "fin-retransmitted",
	Severity: NoteLevel,
	Title:    "the FIN was sent again",
	Text: `The FIN, or the ACK of it, was lost, and the FIN was sent again. It takes a sequence number as a byte does, so it is repeated until it is
acknowledged. The close takes longer by a retransmission timeout; no application notices: both have all the data.`,
	Refs:  []string{"RFC 9293 §3.6", "RFC 9293 §3.8.1"},
	Needs: sawFINAgain,
	Check: checkFINRetransmitted,
}

func checkFINRetransmitted(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		if fins := c.repeatedFIN(side); fins != nil {
			out = append(out, describeFINRetransmitted(c, side, fins))
		}
	}
	return out
}

// repeatedFIN returns the FIN of side and its repetitions, nil when it was sent
// once. A FIN that data was sent again with is a repetition of that data.
func (c *Case) repeatedFIN(side timeline.Side) []*timeline.Mark {
	var own []*timeline.Mark
	for _, m := range c.sent(side, reassembly.FIN, reassembly.RST|reassembly.SYN) {
		if m.End == c.Halves[side].FIN && (len(own) == 0 || m.Len == 0) {
			own = append(own, m)
		}
	}
	return repeated(own, int64(c.round()))
}

func describeFINRetransmitted(c *Case, side timeline.Side, fins []*timeline.Mark) Finding {
	first, last, peer := fins[0], fins[len(fins)-1], side.Other()
	f := c.at(first, side, c.framesOf(fins)...)
	var why string
	switch ack := c.captured(peer, first.Frame, last.Frame, 0, first.End); {
	case ack != nil:
		f.Frames = append(f.Frames, ack.Frame)
		why = fmt.Sprintf("Its ACK was captured in frame %d, before the FIN came again: that ACK was lost after the point of capture, or crossed the repetition.", ack.Frame)
	case c.near(side):
		why = "No ACK of it was captured in between: the FIN was lost after the point of capture, or the ACK on its way back."
	case c.near(peer):
		why = fmt.Sprintf("No ACK of it was captured in between, though the capture was taken near %s: that did not get the FIN, or was slow to acknowledge it.", the(peer))
	default:
		why = "No ACK of it was captured in between: the FIN was lost after the point of capture, or the ACK before it."
	}
	f.Summary = fmt.Sprintf("%s sent its FIN %s: the close took %s longer", c.addr(side), times(len(fins)), since(first.Time, last.Time))
	f.Explanation = fmt.Sprintf("%s sent FIN in frame %d and the same FIN again in %s. %s %s", upper(the(side)), first.Frame, frames(c.framesOf(fins[1:])), why, c.finAcknowledged(side, last))
	f.Causes = []string{
		fmt.Sprintf("packet loss between %s and %s", c.host(side), c.host(peer)),
		"a stateful filter that drops segments of a connection which it takes for closed",
	}
	f.Checks = []string{
		fmt.Sprintf("nstat -az TcpRetransSegs TcpExtTCPTimeouts   # on %s", c.host(side)),
		fmt.Sprintf("ss -tano state fin-wait-1 state last-ack state closing dst %s   # on %s", c.host(peer), c.host(side)),
	}
	return f
}

// finAcknowledged says when the peer acknowledged the FIN in the end.
func (c *Case) finAcknowledged(side timeline.Side, last *timeline.Mark) string {
	if ack := c.captured(side.Other(), last.Frame, c.LastFrame+1, 0, last.End); ack != nil {
		return fmt.Sprintf("Frame %d acknowledged the repetition.", ack.Frame)
	}
	return "No ACK of the repetition was captured."
}

var finUnanswered = &Rule{
	Code:     "fin-unanswered",
	Severity: Error,
	Title:    "the FIN was repeated and never acknowledged: the peer is gone",
	Text: `The end that closes first sent its FIN again and again, and nothing at all came back: the peer's host is down or cut off, or a middlebox
has forgotten the connection. The closer stays in FIN_WAIT_1 until its retries are used up; a closed socket, an orphan, gets fewer
(tcp_orphan_retries, some 15 s to minutes). Many sockets in FIN_WAIT_1 after a server was stopped are this.`,
	Refs:     []string{"RFC 9293 §3.6", "RFC 9293 §3.8.3"},
	Swallows: []string{"fin-retransmitted", "peer-unresponsive"},
	Needs:    sawFINAgain,
	Check:    checkFINUnanswered,
}

func checkFINUnanswered(c *Case) []Finding {
	for _, side := range sides {
		fins := c.repeatedFIN(side)
		if len(fins) < 3 && (fins == nil || !c.gaveUp(side)) || !c.Halves[side.Other()].Sent {
			continue
		}
		if !c.heardAfter(side, fins[0]) {
			return []Finding{describeFINUnanswered(c, side, fins)}
		}
	}
	return nil
}

// heardAfter reports whether the peer of side sent anything after m that it cannot
// have sent before m reached it, or acknowledged m.
func (c *Case) heardAfter(side timeline.Side, m *timeline.Mark) bool {
	for i := range c.Marks {
		o := &c.Marks[i]
		if o.ICMP == nil && o.From != side && (o.LastTime > m.Time+int64(c.round()) || o.Flags.Has(reassembly.ACK) && o.LastAck >= m.End) {
			return true
		}
	}
	return false
}

func describeFINUnanswered(c *Case, side timeline.Side, fins []*timeline.Mark) Finding {
	first, last, peer := fins[0], fins[len(fins)-1], side.Other()
	f := c.at(first, side, c.framesOf(fins)...)
	f.Summary = fmt.Sprintf("%s sent its FIN %s in %s and %s answered nothing", c.addr(side), times(len(fins)), since(first.Time, last.Time), c.addr(peer))
	end := fmt.Sprintf("It was still in %s %s.", c.Last(side), c.ending())
	if c.gaveUp(side) {
		end = fmt.Sprintf("It gave up without another word: the capture runs on for %s and the FIN did not come again.", Span(time.Duration(c.Until-last.Time)))
	}
	f.Explanation = fmt.Sprintf("%s closed with the FIN in frame %d and repeated it (%s). After the first no segment of %s was captured, neither ACK nor RST. %s "+
		"An application that called close() learns nothing of this; the other side, if it is there at all, still takes the connection for open.",
		upper(the(side)), first.Frame, frames(f.Frames[1:]), the(peer), end)
	f.Causes = []string{
		fmt.Sprintf("%s is down or cut off: power, cable, wireless link, suspended", c.host(peer)),
		"a stateful filter or an address translation on the way has forgotten the connection and drops what belongs to it",
		"the way back is broken: the FIN arrives and its ACKs do not come here",
	}
	f.Checks = []string{
		fmt.Sprintf("ss -tano state fin-wait-1 dst %s   # on %s: how many, and their timers", c.host(peer), c.host(side)),
		fmt.Sprintf("ping -c 3 %s; ip neigh show %s   # on %s", c.host(peer), c.host(peer), c.host(side)),
		fmt.Sprintf("tcpdump -ni any 'host %s and tcp port %d'   # on %s: does the FIN arrive?", c.host(side), c.port(side), c.host(peer)),
		"sysctl net.ipv4.tcp_orphan_retries",
	}
	return f
}
