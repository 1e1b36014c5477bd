package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var finalAckLost = &Rule{
	Code:     "final-ack-lost",
	Severity: Warning,
	Title:    "the ACK of the last FIN passed, and that FIN came again",
	Text: `The ACK that ends the close was captured, yet the FIN that it acknowledges was sent again more than a round trip later: the ACK was lost
behind the point of capture, or ignored. Its sender stays in LAST_ACK and repeats the FIN; the other side's TIME_WAIT exists to answer it once
more. Where TIME_WAIT is already over, a reset answers, and closes the socket all the same. No application notices: both have read end-of-file.`,
	Refs:     []string{"RFC 9293 §3.6.1", "RFC 9293 §3.10.7.4"},
	Certain:  true,
	Swallows: []string{"fin-retransmitted", "final-ack-missing", "fin-unanswered", "peer-unresponsive", "rst-after-fin"},
	Needs:    sawFINAgain,
	Check:    checkFinalAckLost,
}

var finalAckMissing = &Rule{
	Code:     "final-ack-missing",
	Severity: Warning,
	Title:    "the last FIN came again and no ACK of it was captured",
	Text: `The second FIN of the close was sent again, and the capture holds no ACK of it. Either the ACKs were lost before they reached the point of
capture, or they were never sent: the peer's host is gone, or drops what comes for a connection that it has forgotten. The sender is stuck in LAST_ACK
(or CLOSING, or FIN_WAIT_1) until its retries are used up; on Linux tcp_orphan_retries limits them, some 15 s to minutes. A last ACK that is
merely absent, while its FIN is not repeated, is no loss: the capture ended, or missed it.`,
	Refs:     []string{"RFC 9293 §3.6", "RFC 9293 §3.8.3"},
	Swallows: []string{"fin-retransmitted", "fin-unanswered", "peer-unresponsive", "rst-after-fin"},
	Needs:    sawFINAgain,
	Check:    checkFinalAckMissing,
}

// lastFIN is the FIN that was sent in answer to the peer's: its first frame, its
// repetitions and the acknowledgments of it.
type lastFIN struct {
	side  timeline.Side
	sent  []*timeline.Mark
	acks  []*timeline.Mark
	reset *timeline.Mark // the peer's answer to a repetition, by a kernel without the socket
}

// lastFIN returns the last FIN of the close when it was sent more than once.
func (c *Case) lastFIN() *lastFIN {
	for _, side := range sides {
		if c.Halves[side].FIN == 0 || !c.passed(side, tcpstate.LastAck) && !c.passed(side, tcpstate.Closing) {
			continue
		}
		l := &lastFIN{side: side, sent: c.sent(side, reassembly.FIN, reassembly.RST)}
		if len(l.sent) < 2 {
			continue
		}
		c.segments(func(_ int, m *timeline.Mark) {
			switch {
			case m.From == side || m.Frame < l.sent[0].Frame:
			case m.Flags.Has(reassembly.RST):
				l.reset = m
			case m.Flags.Has(reassembly.ACK) && m.LastAck >= c.Halves[side].FIN:
				l.acks = append(l.acks, m)
			}
		})
		return l
	}
	return nil
}

// lost returns the first ACK that a later repetition of the FIN disproves, and
// that repetition; nil when there is none.
func (l *lastFIN) lost() (ack, again *timeline.Mark) {
	for _, a := range l.acks {
		if a.Fate != timeline.Lost {
			continue
		}
		for _, s := range l.sent {
			if s.Frame > a.Frame {
				return a, s
			}
		}
	}
	return nil, nil
}

func checkFinalAckLost(c *Case) []Finding {
	l := c.lastFIN()
	if l == nil {
		return nil
	}
	ack, again := l.lost()
	if ack == nil {
		return nil
	}
	peer := l.side.Other()
	f := c.at(ack, l.side, ack.Frame, again.Frame)
	f.Summary = fmt.Sprintf("The ACK of the last FIN (frame %d) was lost: %s sent that FIN again %s later",
		ack.Frame, the(l.side), since(ack.Time, again.Time))
	f.Explanation = fmt.Sprintf("%s acknowledged the FIN of %s in frame %d, yet %s sent the same FIN again in frame %d, %s later. "+
		"So that ACK was lost after the point of capture, or ignored, and %s was still in %s. %s",
		upper(the(peer)), the(l.side), ack.Frame, the(l.side), again.Frame, since(ack.Time, again.Time), the(l.side), c.before(l.side, again.Frame), l.repair(again))
	f.Causes = []string{
		fmt.Sprintf("packet loss on the way from %s to %s", c.host(peer), c.host(l.side)),
		"a stateful filter that forgets the connection as soon as it has seen both FINs, and drops the last ACK",
	}
	f.Checks = []string{
		fmt.Sprintf("nstat -az TcpRetransSegs TcpExtTCPTimeouts   # on %s", c.host(l.side)),
		fmt.Sprintf("ss -tano state last-ack dst %s   # on %s", c.host(peer), c.host(l.side)),
		fmt.Sprintf("tcpdump -ni any 'host %s and tcp port %d'   # on %s: does the ACK of the FIN arrive?", c.host(peer), c.port(peer), c.host(l.side)),
	}
	return []Finding{f}
}

// repair says how the loss was made good, if it was.
func (l *lastFIN) repair(again *timeline.Mark) string {
	for _, a := range l.acks {
		if a.Frame > again.Frame && a.Fate != timeline.Lost {
			return fmt.Sprintf("TIME_WAIT did its work: the FIN was acknowledged once more in frame %d. No application noticed, both had read end-of-file.", a.Frame)
		}
	}
	if l.reset != nil && l.reset.Frame > again.Frame {
		return fmt.Sprintf("The reset in frame %d answered it: TIME_WAIT was over, or had never been. It closes the socket as well.", l.reset.Frame)
	}
	return fmt.Sprintf("The FIN was sent %s in all and no ACK of it arrived: it ends when the retries are used up. No application noticed, both had read end-of-file.", times(len(l.sent)))
}

func checkFinalAckMissing(c *Case) []Finding {
	l := c.lastFIN()
	if l == nil || len(l.acks) > 0 || !c.Halves[l.side.Other()].Sent {
		return nil
	}
	first, last := l.sent[0], l.sent[len(l.sent)-1]
	if last.Time-first.Time <= int64(c.round()) {
		return nil
	}
	peer := l.side.Other()
	f := c.at(first, l.side)
	for _, m := range l.sent {
		f.Frames = append(f.Frames, m.Frame)
	}
	f.Summary = fmt.Sprintf("%s sent the last FIN %s in %s and no ACK of it was captured", c.addr(l.side), times(len(l.sent)), since(first.Time, last.Time))
	f.Explanation = fmt.Sprintf("%s had answered the other side's FIN with its own (frame %d) and repeated it (%s), but the capture holds no ACK of it. %s",
		upper(the(l.side)), first.Frame, frames(f.Frames[1:]), l.stuck(c))
	if l.reset != nil {
		f.Frames = append(f.Frames, l.reset.Frame)
	}
	f.Causes = []string{
		fmt.Sprintf("the ACKs of %s are lost before the point of capture", the(peer)),
		fmt.Sprintf("%s is gone, or a filter on the way no longer knows the connection", c.host(peer)),
	}
	f.Checks = []string{
		fmt.Sprintf("ss -tano state last-ack dst %s   # on %s: how many, and their timers", c.host(peer), c.host(l.side)),
		fmt.Sprintf("tcpdump -ni any 'host %s and tcp port %d'   # on %s: does the FIN arrive, is it answered?", c.host(l.side), c.port(l.side), c.host(peer)),
		"sysctl net.ipv4.tcp_orphan_retries",
	}
	return []Finding{f}
}

// stuck says in which state the sender of the FIN was left.
func (l *lastFIN) stuck(c *Case) string {
	if l.reset != nil {
		return fmt.Sprintf("A reset (frame %d) ended it: the other side had forgotten the connection.", l.reset.Frame)
	}
	if c.gaveUp(l.side) {
		return fmt.Sprintf("It gave up: the capture runs on for %s and the FIN did not come again.", Span(time.Duration(c.Until-l.sent[len(l.sent)-1].Time)))
	}
	return fmt.Sprintf("It was left in %s %s.", c.Last(l.side), c.ending())
}
