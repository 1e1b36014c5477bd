package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var synRetransmitted = &Rule{
	Code:     "syn-retransmitted",
	Severity: Warning,
	Title:    "the SYN was sent again",
	Text: `The SYN was not answered in time and was sent again: the SYN or its answer was lost, or the server dropped the SYN because a queue was
full. connect() waits for as long: a first retry comes after one second (three on older stacks), however short the path is. That is why a single lost
SYN shows as a connect time of "1.0 s and a bit".`,
	Refs:  []string{"RFC 9293 §3.8.1", "RFC 6298 §2"},
	Needs: sawSYNAgain,
	Check: checkSYNRetransmitted,
}

func checkSYNRetransmitted(c *Case) []Finding {
	for _, side := range sides {
		var trying []*timeline.Mark
		for _, m := range c.sent(side, reassembly.SYN, reassembly.ACK|reassembly.RST) {
			if s := c.before(side, m.Frame); s == tcpstate.Closed || s == tcpstate.SynSent {
				trying = append(trying, m)
			}
		}
		if syns := repeated(trying, shortestTimeout); syns != nil {
			return []Finding{describeSYNRetransmitted(c, side, syns)}
		}
	}
	return nil
}

func describeSYNRetransmitted(c *Case, side timeline.Side, syns []*timeline.Mark) Finding {
	first, last, peer := syns[0], syns[len(syns)-1], side.Other()
	f := c.at(first, side, c.framesOf(syns)...)
	waited := since(first.Time, last.Time)
	f.Summary = fmt.Sprintf("%s sent its SYN %s: its connect() was held up for %s", c.addr(side), times(len(syns)), waited)
	f.Explanation = fmt.Sprintf("%s sent its SYN in frame %d and, in SYN_SENT, again in %s, the last %s after the first.%s %s",
		upper(the(side)), first.Frame, frames(f.Frames[1:]), waited, schedule(syns), c.lostOpening(side, first, last))
	f.Causes = []string{
		fmt.Sprintf("packet loss between %s and %s", c.host(side), c.host(peer)),
		fmt.Sprintf("%s dropped the SYN: its accept queue or SYN queue was full, or a rate limit took it", c.host(peer)),
		"a filter or an address translation on the way that drops the first packet of a flow",
	}
	if c.near(peer) && c.captured(peer, first.Frame, last.Frame, reassembly.SYN, 1) == nil {
		f.Causes[0], f.Causes[1] = f.Causes[1], f.Causes[0]
	}
	if rst := c.refusal(peer, first, last); rst != nil {
		f.Frames = append(f.Frames, rst.Frame)
		f.Causes = append([]string{fmt.Sprintf("the service on port %d of %s was not listening yet, and the client's system tries again after a refusal, as Windows does", c.port(peer), c.host(peer))}, f.Causes[0])
	}
	f.Checks = []string{
		fmt.Sprintf("nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPReqQFullDrop   # on %s", c.host(peer)),
		fmt.Sprintf("nstat -az TcpExtTCPSynRetrans   # on %s", c.host(side)),
		fmt.Sprintf("tcpdump -ni any 'tcp[tcpflags] & tcp-syn != 0 and host %s and port %d'   # on %s: does each SYN arrive?", c.host(side), c.port(peer), c.host(peer)),
	}
	return f
}

// refusal returns the reset with which side refused a SYN before it was sent for the
// last time, nil when it did not.
func (c *Case) refusal(side timeline.Side, first, last *timeline.Mark) *timeline.Mark {
	for _, rst := range c.resets(side) {
		if first.Frame < rst.Frame && rst.Frame < last.Frame && rst.Flags.Has(reassembly.ACK) && rst.Ack == first.End {
			return rst
		}
	}
	return nil
}

// lostOpening says which of the two was lost, as far as the capture tells.
func (c *Case) lostOpening(side timeline.Side, first, last *timeline.Mark) string {
	peer := side.Other()
	if rst := c.refusal(peer, first, last); rst != nil {
		return fmt.Sprintf("The reset in frame %d refused it, and %s tried again with the same sequence number: the reset was not heeded, or lost after the point of capture.", rst.Frame, the(side))
	}
	switch answer := c.captured(peer, first.Frame, last.Frame, reassembly.SYN, 1); {
	case answer != nil:
		return fmt.Sprintf("The SYN,ACK was captured in frame %d, before the SYN came again: it was lost after the point of capture.", answer.Frame)
	case c.near(peer):
		return fmt.Sprintf("The capture was taken near %s, which did not answer the earlier SYN: it was dropped there, not on the way.", the(peer))
	}
	return "No SYN,ACK for it was captured between them: either the SYN was lost, or the SYN,ACK before it reached the point of capture. The capture cannot tell which."
}
