package detect

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var halfOpenHandshake = &Rule{
	Code:     "half-open-handshake",
	Severity: Warning,
	Title:    "the SYN,ACK was never acknowledged",
	Text: `The server answered the SYN and waits in SYN_RCVD for an ACK that does not come. Linux keeps a request, not a socket, repeats the SYN,ACK
five times (tcp_synack_retries) and forgets it after about a minute; no application learns of it. Many of these from many addresses are a SYN
flood; one client that does it again and again cannot receive the SYN,ACK, or is a scanner.`,
	Refs:     []string{"RFC 9293 §3.5", "RFC 4987"},
	Swallows: []string{"synack-retransmitted", "peer-unresponsive"},
	Needs:    sawSYNACK | sawNoneOpen,
	Check:    checkHalfOpenHandshake,
}

func checkHalfOpenHandshake(c *Case) []Finding {
	synacks := c.sent(timeline.Server, reassembly.SYN|reassembly.ACK, reassembly.RST)
	if len(synacks) == 0 || c.passed(timeline.Server, tcpstate.Established) || c.passed(timeline.Client, tcpstate.Established) {
		return nil
	}
	first, last := synacks[0], synacks[len(synacks)-1]
	waited := time.Duration(c.Until - first.Time)
	state := c.Last(timeline.Server)
	gaveUp := state == tcpstate.Closed && c.gaveUp(timeline.Server)
	if !gaveUp && (state != tcpstate.SynReceived || waited <= c.round()) {
		return nil
	}
	f := c.at(first, timeline.Server, c.framesOf(synacks)...)
	waits, takes := "waits", "takes"
	if gaveUp {
		waits, takes = "waited", "took"
	}
	f.Summary = c.textf("%s %s in SYN_RCVD: its SYN,ACK, sent %s, was never acknowledged", c.addr(timeline.Server), waits, times(len(synacks)))
	f.Explanation = c.textf("The server answered the SYN with SYN,ACK in %s and got no ACK, for %s. %s accept() has nothing to return; "+
		"the request %s up a place in the SYN queue of port %d.",
		c.frames(f.Frames), c.span(waited), c.gaveUpText(gaveUp, last), takes, c.port(timeline.Server))
	f.Causes = c.list(
		c.textf("the SYN,ACK does not reach %s, or the address is forged: nobody there asked", c.host(timeline.Client)),
		"a scanner that wants no connection, or a client that went away",
		"a SYN flood, when many of these come together",
	)
	f.Checks = c.list(
		c.textf("ss -tan state syn-recv 'sport = :%d' | wc -l   # on %s", c.port(timeline.Server), c.host(timeline.Server)),
		c.textf("nstat -az TcpExtTCPReqQFullDoCookies TcpExtSyncookiesSent TcpExtTCPTimeouts   # on %s", c.host(timeline.Server)),
		c.textf("ip route get %s   # on %s: is there a way back?", c.host(timeline.Client), c.host(timeline.Server)),
	)
	return append(c.none(), f)
}

// gaveUp reports whether a timer ended side.
func (c *Case) gaveUp(side timeline.Side) bool {
	states := c.States[side]
	return len(states) > 1 && states[len(states)-1].Basis == timeline.Timed && states[len(states)-2].State != tcpstate.TimeWait
}

func (c *Case) gaveUpText(gaveUp bool, last *timeline.Mark) string {
	if gaveUp {
		return c.textf("It gave up after frame %d: the capture runs on and no further one came.", last.Frame)
	}
	return c.textf("It was still waiting %s.", c.ending())
}
