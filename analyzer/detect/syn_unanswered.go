package detect

import (
	"strconv"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var synUnanswered = &Rule{
	Code:     "syn-unanswered",
	Severity: Error,
	Title:    "no answer of any kind to the SYN",
	Text: `The SYN got no SYN,ACK, no reset and no ICMP error. A filter that drops, a dead host, a missing route back and a full accept queue all
look like this: newer Linux kernels drop the SYN itself when the accept queue is full. The capture cannot tell them apart, but other
connections to the same port in the same second can. connect() returns ETIMEDOUT when the retries are used up: after some 131 s on Linux 6.5 and
later (five retries one second apart, then 2, 4, 8, 16, 32 s), after 127 s before.`,
	Refs:     []string{"RFC 9293 §3.8.3", "RFC 6298 §2"},
	Swallows: []string{"syn-retransmitted"},
	Needs:    sawNoAnswer,
	Check:    checkSYNUnanswered,
}

// synPatience is how long a SYN may go unanswered before that is worth a word:
// the first retry comes after one second (RFC 6298 §2).
const synPatience = int64(time.Second)

func checkSYNUnanswered(c *Case) []Finding {
	syns := c.sent(timeline.Client, reassembly.SYN, reassembly.ACK|reassembly.RST)
	if c.Handshake != timeline.HandshakeUnanswered || len(syns) == 0 {
		return nil
	}
	first, last := syns[0], syns[len(syns)-1]
	gaveUp := c.Last(timeline.Client) == tcpstate.Closed
	if c.Until-first.Time < synPatience && !gaveUp {
		return nil
	}
	f := c.at(first, timeline.Client, c.framesOf(syns)...)
	server := c.addr(timeline.Server)
	f.Summary = c.textf("%s answered none of %s in %s", server, c.count(len(syns), "SYN"), c.since(first.Time, max(last.Time, c.Until)))
	f.Explanation = c.textf("The client sent its SYN %s (%s) and got neither SYN,ACK nor RST nor an ICMP error.%s %s",
		times(len(syns)), c.frames(f.Frames), schedule(syns), c.connectSays(gaveUp))
	f.Causes = c.list(
		"the SYN or its answer is dropped on the way: a filter, a missing route back, an address that is not there",
		"the host is down or unreachable and no router says so",
		"the server's accept queue is full: Linux then drops the SYN itself",
	)
	f.Checks = c.list(
		c.textf("tcpdump -ni any 'host %s and tcp port %d'   # on %s: does the SYN arrive?", c.host(timeline.Client), c.port(timeline.Server), c.host(timeline.Server)),
		c.textf("ss -ltn 'sport = :%d'; nstat -az TcpExtListenOverflows TcpExtListenDrops   # on %s: Recv-Q at its limit?", c.port(timeline.Server), c.host(timeline.Server)),
		c.textf("ip route get %s   # on %s, and the way back on the server", c.host(timeline.Server), c.host(timeline.Client)),
	)
	return append(c.none(), f)
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return strconv.Itoa(n) + " times"
}

func (c *Case) connectSays(gaveUp bool) string {
	if gaveUp {
		return "It gave up: connect() returned ETIMEDOUT."
	}
	return c.textf("It was still in SYN_SENT %s, its connect() waiting.", c.ending())
}

// schedule names the retry schedule that the SYNs follow, "" when none is recognised.
func schedule(syns []*timeline.Mark) string {
	if len(syns) < 3 {
		return ""
	}
	first, second := syns[1].Time-syns[0].Time, syns[2].Time-syns[1].Time
	near := func(got int64, want time.Duration) bool {
		return got > int64(want*3/4) && got < int64(want*5/4)
	}
	switch {
	case near(first, time.Second) && near(second, time.Second):
		return " The retries one second apart are those of Linux 6.5 or later."
	case near(first, time.Second) && near(second, 2*time.Second):
		return " The retries after 1, 2, 4 … s are those of Linux before 6.5, or of any RFC 6298 stack."
	case near(first, 3*time.Second) && near(second, 6*time.Second):
		return " The retries after 3 and 6 s are those of Windows, or of an RFC 1122 stack."
	}
	return ""
}
