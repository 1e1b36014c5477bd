package detect

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var connectionRefused = &Rule{
	Code:     "connection-refused",
	Severity: Error,
	Title:    "the SYN was answered by a reset",
	Text: `The host answered the SYN with a RST that acknowledges it, so connect() returned ECONNREFUSED. A kernel does so when no socket
listens on that address and port. A firewall set to reject with a TCP reset sends the same segment, and nothing in it tells the two apart for
certain; a TTL that differs from the host's other segments points to a box on the way.`,
	Refs:    []string{"RFC 9293 §3.10.7.1", "RFC 9293 §3.10.7.3"},
	Certain: true,
	Needs:   sawRefusal,
	Check:   checkConnectionRefused,
}

func checkConnectionRefused(c *Case) []Finding {
	closed := c.transition(timeline.Client, tcpstate.Closed)
	if c.Handshake != timeline.HandshakeRefused || closed == nil {
		return nil
	}
	rst := c.mark(closed.Frame)
	syns := c.sent(timeline.Client, reassembly.SYN, reassembly.ACK)
	if rst == nil || len(syns) == 0 {
		return nil
	}
	syn := syns[0]
	for _, s := range syns {
		if s.Frame < rst.Frame {
			syn = s
		}
	}
	if illegal(syn.Flags) != "" {
		return nil // no connect() sends that
	}
	f := c.at(rst, timeline.Server, syn.Frame, rst.Frame)
	client, server := c.addr(timeline.Client), c.addr(timeline.Server)
	f.Summary = c.textf("%s refused the connection %s after the SYN: connect() returned ECONNREFUSED", server, c.since(syn.Time, rst.Time))
	f.Explanation = c.textf("The SYN of %s in frame %d was answered by %s in frame %d, which acknowledges it. The client went from SYN_SENT to CLOSED, "+
		"and its connect() returned ECONNREFUSED. There never was a connection, and no application on the server saw anything.",
		client, syn.Frame, rst.Flags, rst.Frame)
	if n := len(syns); n > 1 {
		f.Explanation += c.textf(" The client sent the SYN %d times in all.", n)
	}
	f.Causes = c.list(
		c.textf("nothing listens on port %d of %s: the service is down, still starting, or bound to another address", c.port(timeline.Server), c.host(timeline.Server)),
		"a firewall on the host or on the way rejects with a TCP reset",
	)
	f.Checks = c.list(
		c.textf("ss -ltnp 'sport = :%d'   # on %s", c.port(timeline.Server), c.host(timeline.Server)),
		c.textf("nft list ruleset | grep -i 'reject with tcp reset'   # on %s", c.host(timeline.Server)),
		c.textf("nc -vz %s %d", c.host(timeline.Server), c.port(timeline.Server)),
	)
	return append(c.none(), f)
}
