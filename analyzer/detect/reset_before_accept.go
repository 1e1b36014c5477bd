package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var resetBeforeAccept = &Rule{
	Code:     "reset-before-accept",
	Severity: Warning,
	Title:    "the client reset the connection before the server had sent anything",
	Text: `The handshake was complete and the client aborted before the server's application had sent a byte. The connection may still have waited in
the accept queue: accept() is no part of the handshake and leaves no trace on the wire. On Linux accept() returns it all the same and the first read
fails with ECONNRESET; other systems return ECONNABORTED from accept() (POSIX), EPROTO (System V), or drop it silently (BSD). A
server that takes these for fatal stops serving.`,
	Refs:     []string{"RFC 9293 §3.10.5", "accept(2)"},
	Certain:  true,
	Swallows: []string{"abortive-close"},
	Needs:    sawReset,
	Check:    checkResetBeforeAccept,
}

func checkResetBeforeAccept(c *Case) []Finding {
	if c.Handshake == timeline.HandshakeSimultaneous {
		return nil // nobody accepts
	}
	for _, rst := range c.resets(timeline.Client) {
		switch {
		case !c.Ended(rst) || rst.Fate == timeline.Ignored:
			continue
		case c.before(timeline.Server, rst.Frame) != tcpstate.Established, c.finBefore(rst) != nil,
			c.answeredBy(rst) != nil && rst.Window == 0, c.App[timeline.Client].Error == "ETIMEDOUT", c.spoke(timeline.Server, rst):
			return nil
		}
		if opened := c.transition(timeline.Server, tcpstate.Established); opened.Rule != nil {
			return []Finding{describeResetBeforeAccept(c, opened, rst)}
		}
		return nil // found open: what the server had sent before is not known
	}
	return nil
}

// spoke reports whether side had sent data before m.
func (c *Case) spoke(side timeline.Side, m *timeline.Mark) bool {
	for _, o := range c.sent(side, 0, reassembly.RST) {
		if o.Frame < m.Frame && o.Len > 0 {
			return true
		}
	}
	return false
}

func describeResetBeforeAccept(c *Case, opened *timeline.Transition, rst *timeline.Mark) Finding {
	f := c.at(rst, timeline.Client, opened.Frame, rst.Frame)
	var sent int64
	for _, m := range c.sent(timeline.Client, 0, reassembly.RST) {
		if m.Frame < rst.Frame && m.Notes&timeline.Retransmission == 0 {
			sent += m.Len
		}
	}
	f.Summary = fmt.Sprintf("%s reset the connection %s after the handshake, before %s had sent anything", c.addr(timeline.Client), since(opened.Time, rst.Time), c.addr(timeline.Server))
	f.Explanation = fmt.Sprintf("Both ends were ESTABLISHED since frame %d. The client had sent %s when it aborted with %s in frame %d; the server had sent none. "+
		"Whether accept() had taken the connection by then cannot be seen. On Linux accept() returns it even so. %s",
		opened.Frame, bytes(sent), rst.Flags, rst.Frame, c.errorSeen(timeline.Server))
	f.Causes = []string{
		"the client gave up waiting, a time limit of its own, and closed with SO_LINGER 0 or was killed",
		"a health check or a scanner that opens a connection and resets it",
		fmt.Sprintf("the server is slow to accept() or to answer: see how long its queue on port %d is", c.port(timeline.Server)),
	}
	f.Checks = []string{
		fmt.Sprintf("ss -ltn 'sport = :%d'   # on %s: Recv-Q is the length of the accept queue", c.port(timeline.Server), c.host(timeline.Server)),
		fmt.Sprintf("strace -f -e trace=accept4,read,recvfrom -p PID   # on %s: the first read fails with ECONNRESET", c.host(timeline.Server)),
		fmt.Sprintf("nstat -az TcpExtTCPAbortOnData TcpExtTCPAbortOnClose   # on %s", c.host(timeline.Client)),
	}
	return f
}
