package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Three detectors of one picture, a SYN,ACK that comes again: nothing that
// acknowledges it was captured, or its ACK was, or that and data again and again.

var synackRetransmitted = &Rule{
	Code:     "synack-retransmitted",
	Severity: Warning,
	Title:    "the SYN,ACK was sent again, and no ACK of it was captured before",
	Text: `The server repeated its SYN,ACK because nothing acknowledged it: the SYN,ACK did not reach the client, or the client's ACK was lost before
the point of capture. A SYN,ACK that answers a repeated SYN is not meant here: syn-retransmitted tells that.`,
	Refs:  []string{"RFC 9293 §3.8.1", "RFC 6298 §2"},
	Needs: sawSYNACKAgain,
	Check: func(c *Case) []Finding {
		if a := c.synackAgain(); a != nil && len(a.acks) == 0 {
			return []Finding{describeSYNACKRetransmitted(c, a)}
		}
		return nil
	},
}

var handshakeAckLost = &Rule{
	Code:     "handshake-ack-lost",
	Severity: Warning,
	Title:    "the handshake's ACK was captured, and the SYN,ACK came again",
	Text: `The client had acknowledged the SYN,ACK, and the server sent that again more than a round trip later: the ACK was lost behind the point of
capture, or not taken. The client is ESTABLISHED and may send; the server is still in SYN_RCVD, and its accept() has nothing yet. The ACK of
the repeated SYN,ACK, or the client's first data, mends it; a server that would speak first is held up until then.`,
	Refs:     []string{"RFC 9293 §3.5", "RFC 9293 §3.10.7.4"},
	Swallows: []string{"synack-retransmitted"},
	Needs:    sawSYNACKAgain,
	Check: func(c *Case) []Finding {
		if a := c.synackAgain(); a != nil && len(a.acks) > 0 {
			return []Finding{describeHandshakeAckLost(c, a)}
		}
		return nil
	},
}

var acceptQueueOverflow = &Rule{
	Code:     "accept-queue-overflow",
	Severity: Error,
	Title:    "the server repeats its SYN,ACK though the client has acknowledged it again and again",
	Text: `The client has completed the handshake and said so more than once, and the server goes on as if it had not heard. Seen at the server, the ACKs
arrive and are not taken: the accept queue is full (somaxconn, the backlog of listen()), because the application does not call accept() fast
enough; or the socket has TCP_DEFER_ACCEPT and waits for data. Seen at the client, lost ACKs look the same. Newer Linux kernels drop the SYN
itself when the queue is full already, so this appears where it fills between SYN and ACK. The client believes itself connected and times out, or is reset
when tcp_abort_on_overflow is set.`,
	Refs:     []string{"RFC 9293 §3.10.7.4", "listen(2)"},
	Certain:  true,
	Swallows: []string{"handshake-ack-lost", "synack-retransmitted", "retransmission"},
	Needs:    sawSYNACKAgain,
	Check: func(c *Case) []Finding {
		if a := c.synackAgain(); a != nil && a.contradicted >= 2 {
			return []Finding{describeAcceptQueueOverflow(c, a)}
		}
		return nil
	},
}

// synackAgain is a SYN,ACK that its sender repeated by its own timer, and what the
// client had acknowledged it with before.
type synackAgain struct {
	sent         []*timeline.Mark // the first and its repetitions
	acks         []*timeline.Mark // captured more than a round trip before a repetition
	contradicted int              // repetitions that came in spite of an acknowledgment
	data         int              // how many of acks carry data
}

// synackAgain returns the repeated SYN,ACK of the server, nil when there is none.
func (c *Case) synackAgain() *synackAgain {
	var own []*timeline.Mark
	for _, m := range c.sent(timeline.Server, reassembly.SYN|reassembly.ACK, reassembly.RST) {
		if len(own) == 0 || !c.prompted(m) {
			own = append(own, m)
		}
	}
	a := &synackAgain{sent: repeated(own, shortestTimeout)}
	if a.sent == nil {
		return nil
	}
	last := a.sent[len(a.sent)-1]
	for _, m := range c.sent(timeline.Client, reassembly.ACK, reassembly.SYN|reassembly.RST) {
		if m.LastAck >= 1 && m.Time+c.patience(timeline.Server) < last.Time {
			a.acks = append(a.acks, m)
			if m.Len > 0 {
				a.data++
			}
		}
	}
	for _, s := range a.sent[1:] {
		if len(a.acks) > 0 && a.acks[0].Time+c.patience(timeline.Server) < s.Time {
			a.contradicted++
		}
	}
	return a
}

// prompted reports whether a SYN,ACK answers a SYN that came just before it.
func (c *Case) prompted(synack *timeline.Mark) bool {
	for _, syn := range c.sent(synack.From.Other(), reassembly.SYN, reassembly.ACK|reassembly.RST) {
		if syn.Frame < synack.Frame && synack.Time-syn.Time <= c.patience(synack.From) {
			return true
		}
	}
	return false
}

func (a *synackAgain) frames(c *Case) []int { return append(c.framesOf(a.sent), c.framesOf(a.acks)...) }

func describeSYNACKRetransmitted(c *Case, a *synackAgain) Finding {
	first, last := a.sent[0], a.sent[len(a.sent)-1]
	f := c.at(first, timeline.Server, c.framesOf(a.sent)...)
	waited := since(first.Time, last.Time)
	f.Summary = fmt.Sprintf("%s sent its SYN,ACK %s in %s before anything acknowledged it", c.addr(timeline.Server), times(len(a.sent)), waited)
	f.Explanation = fmt.Sprintf("The server, in SYN_RCVD, sent its SYN,ACK in frame %d and again in %s, and no ACK of it had been captured by then. "+
		"The SYN,ACK did not reach the client, or the client's ACK was lost before the point of capture. %s",
		first.Frame, frames(f.Frames[1:]), c.openedAfter(last))
	f.Causes = []string{
		fmt.Sprintf("packet loss between %s and %s", c.host(timeline.Server), c.host(timeline.Client)),
		"the way back takes another path, on which a stateful filter drops what it has seen no SYN of",
		"the client went away, or never asked",
	}
	f.Checks = a.checks(c)
	return f
}

func describeHandshakeAckLost(c *Case, a *synackAgain) Finding {
	ack, again := a.acks[0], a.sent[len(a.sent)-1]
	for _, s := range a.sent[1:] {
		if s.Time > ack.Time+c.patience(timeline.Server) {
			again = s
			break
		}
	}
	f := c.at(ack, timeline.Server, a.sent[0].Frame, ack.Frame, again.Frame)
	f.Summary = fmt.Sprintf("the handshake's ACK (frame %d) was captured, yet %s sent its SYN,ACK again %s later", ack.Frame, c.addr(timeline.Server), since(ack.Time, again.Time))
	where := "lost after the point of capture, or not taken by the server"
	if c.near(timeline.Server) {
		where = "not taken by the server, at which the capture was made: a full accept queue or TCP_DEFER_ACCEPT, rather than loss"
	}
	f.Explanation = fmt.Sprintf("The client took the SYN,ACK of frame %d, went to ESTABLISHED and acknowledged it in frame %d. The server sent it again in frame %d, %s later, "+
		"so it was still in SYN_RCVD: the ACK was %s. %s", a.sent[0].Frame, ack.Frame, again.Frame, since(ack.Time, again.Time), where, c.openedAfter(again))
	f.Causes = []string{
		fmt.Sprintf("packet loss on the way from %s to %s", c.host(timeline.Client), c.host(timeline.Server)),
		"TCP_DEFER_ACCEPT on the listening socket: the server waits for data",
		"the accept queue of the server was full when the ACK came",
	}
	if c.near(timeline.Server) {
		f.Causes = append(f.Causes[1:], f.Causes[0])
	}
	f.Checks = a.checks(c)
	return f
}

func describeAcceptQueueOverflow(c *Case, a *synackAgain) Finding {
	first, last := a.sent[0], a.sent[len(a.sent)-1]
	f := c.at(first, timeline.Server, a.frames(c)...)
	f.Summary = fmt.Sprintf("%s sent its SYN,ACK %s in %s, though %s",
		c.addr(timeline.Server), times(len(a.sent)), since(first.Time, last.Time), a.acknowledged())
	lost := fmt.Sprintf("the ACKs are lost on the way from %s to %s", c.host(timeline.Client), c.host(timeline.Server))
	full := fmt.Sprintf("the accept queue of port %d is full: the application does not call accept() fast enough, or its backlog is small", c.port(timeline.Server))
	deferred := "TCP_DEFER_ACCEPT on the listening socket, which waits for data"
	var where string
	switch {
	case c.near(timeline.Server):
		where = "The capture was taken at the server, so the ACKs arrived and were not taken: a full accept queue, or TCP_DEFER_ACCEPT."
		f.Causes = []string{full, deferred}
	case c.near(timeline.Client):
		where = "The capture was taken near the client: it cannot tell a server that does not take the ACKs from ACKs that are lost on the way."
		f.Causes = []string{full, lost, deferred}
	default:
		where = "Whether the ACKs are lost after the point of capture, or arrive and are not taken, only a capture at the server can tell."
		f.Causes = []string{full, lost, deferred}
	}
	if a.data > 0 && !c.passed(timeline.Server, tcpstate.Established) {
		f.Causes = f.Causes[:len(f.Causes)-1] // data would have ended the wait of TCP_DEFER_ACCEPT
	}
	f.Explanation = fmt.Sprintf("The client is ESTABLISHED and its connect() returned; the server stays in SYN_RCVD and repeats its SYN,ACK (%s). %s %s",
		frames(c.framesOf(a.sent)), where, c.openedAfter(last))
	f.Checks = append([]string{
		fmt.Sprintf("ss -ltn 'sport = :%d'   # on %s: Recv-Q above Send-Q means full", c.port(timeline.Server), c.host(timeline.Server)),
		fmt.Sprintf("nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPDeferAcceptDrop; sysctl net.core.somaxconn net.ipv4.tcp_abort_on_overflow   # on %s", c.host(timeline.Server)),
	}, a.checks(c)[1:]...)
	return f
}

// acknowledged says how often the client had answered.
func (a *synackAgain) acknowledged() string {
	if a.data > 0 {
		return fmt.Sprintf("the client had acknowledged it %s, %d of them with data", times(len(a.acks)), a.data)
	}
	return fmt.Sprintf("the client had acknowledged it %s", times(len(a.acks)))
}

func (a *synackAgain) checks(c *Case) []string {
	return []string{
		fmt.Sprintf("ss -tano state syn-recv 'sport = :%d'; nstat -az TcpExtListenOverflows TcpRetransSegs   # on %s", c.port(timeline.Server), c.host(timeline.Server)),
		fmt.Sprintf("tcpdump -ni any 'host %s and tcp port %d'   # on %s: do the ACKs arrive?", c.host(timeline.Client), c.port(timeline.Server), c.host(timeline.Server)),
	}
}

// openedAfter says whether the handshake was completed at the server after all.
func (c *Case) openedAfter(last *timeline.Mark) string {
	if tr := c.transition(timeline.Server, tcpstate.Established); tr != nil {
		return fmt.Sprintf("Frame %d completed the handshake at the server, %s after the first SYN.", tr.Frame, since(c.Start, tr.Time))
	}
	if c.gaveUp(timeline.Server) {
		return fmt.Sprintf("The server gave up after frame %d, and no application there has seen the connection.", last.Frame)
	}
	return "The server never got further in this capture, and no application there has seen the connection."
}
