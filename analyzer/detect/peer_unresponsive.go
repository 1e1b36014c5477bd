package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

var peerUnresponsive = &Rule{
	Code:     "peer-unresponsive",
	Severity: Error,
	Title:    "data was repeated until its sender gave up",
	Text: `Data got no acknowledgment, was sent again at growing intervals and never answered, until the sender gave up. Linux doubles the interval
each time, up to two minutes, and gives up after tcp_retries2 (15 repetitions, some 15 minutes) or TCP_USER_TIMEOUT. It sends no reset then: the
next call on the socket returns ETIMEDOUT, or what an ICMP error had said before. The other end, if it is still there, keeps the connection
and learns nothing.`,
	Refs:     []string{"RFC 9293 §3.8.3", "RFC 6298 §5", "RFC 1122 §4.2.3.5"},
	Swallows: []string{"retransmission"},
	Needs:    sawRepetition | sawGivenUp,
	Check:    checkPeerUnresponsive,
}

func checkPeerUnresponsive(c *Case) []Finding {
	for _, side := range sides {
		t := c.silentTail(side)
		if t == nil || t.repeats() == 0 || len(t.windows) > 0 || !c.gaveUp(side) || !c.passed(side, tcpstate.Established) || t.data[0].Len == 0 {
			continue
		}
		return []Finding{describeUnresponsive(c, t)}
	}
	return nil
}

func describeUnresponsive(c *Case, t *tail) Finding {
	peer := t.side.Other()
	f := c.at(t.data[0], peer, append(c.frameNumbers(t.data), t.frame)...)
	errno := c.App[t.side].Error
	f.Summary = fmt.Sprintf("%s answered nothing any more: %s sent data again %s in %s, then it gave up (%s)",
		c.addr(peer), the(t.side), times(t.repeats()), Span(t.waited()), errno)
	f.Explanation = fmt.Sprintf("The last word of %s is frame %d. %s sent data %s later (frame %d), repeated it %s up to frame %d and then kept silent, "+
		"though the capture ran on for %s: it gave up. Its application got %s. %s",
		the(peer), t.heard.LastFrame, upper(the(t.side)), since(t.heard.LastTime, t.time), t.frame, times(t.repeats()),
		t.data[len(t.data)-1].LastFrame, Span(time.Duration(c.Until-t.data[len(t.data)-1].LastTime)), errno, c.leftBehind(peer))
	f.Causes = []string{
		fmt.Sprintf("%s is down, unplugged or cut off: it could not even send a reset", c.host(peer)),
		"a filter or a router on the way drops one direction or both, without a word",
		"every repetition is dropped for its size: a smaller segment size on the path, and the ICMP errors that say so filtered",
	}
	if t.icmp != nil {
		f.Frames = append(f.Frames, t.icmp.Frame)
		f.Causes = append([]string{fmt.Sprintf("a router says so: the ICMP error in frame %d", t.icmp.Frame)}, f.Causes...)
	}
	f.Checks = c.reachChecks(t.side)
	return f
}

// leftBehind says in which state an end that answers nothing is presumed to be.
func (c *Case) leftBehind(side timeline.Side) string {
	return fmt.Sprintf("%s was last known in %s; nothing has told it that the connection is over.", upper(the(side)), c.Last(side))
}

// reachChecks are the commands that tell whether the peer of side can be reached.
func (c *Case) reachChecks(side timeline.Side) []string {
	here, there := c.host(side), c.host(side.Other())
	return []string{
		fmt.Sprintf("ping -c 3 %s; ip neigh show %s; ip route get %s   # on %s", there, there, there, here),
		fmt.Sprintf("tcpdump -ni any 'host %s and tcp port %d'   # on %s: do the segments arrive, is there an answer?", here, c.port(timeline.Server), there),
		c.socketOf(side.Other()),
		"sysctl net.ipv4.tcp_retries2; nstat -az TcpExtTCPAbortOnTimeout TcpExtTCPTimeouts",
	}
}
