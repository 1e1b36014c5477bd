package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var portExhaustion = &Rule{
	Code:     "port-exhaustion",
	Severity: Warning,
	Title:    "a client uses up its ports in TIME_WAIT",
	Text: `Whoever closes first holds the port in TIME_WAIT, 60 s on Linux. One source address has 28232 ports by default (net.ipv4.ip_local_port_range) for
each address and port that it talks to; at more than some 470 connections a second to the same one they run out, and connect() fails with
EADDRNOTAVAIL. Keeping connections open and using them again is the cure; net.ipv4.tcp_tw_reuse=1 lets a client take ports out of TIME_WAIT early.`,
	Refs: []string{"RFC 9293 §3.6.1", "RFC 6191"},
}

// The default range of ports of Linux, and for how long TIME_WAIT holds one.
const (
	ephemeral    = 60999 - 32768 + 1
	timeWaitHold = time.Minute
	exhaustLeast = 1000        // connections before a rate is believed
	exhaustTook  = time.Second // and the least time that they took
)

type exhaustions struct {
	kept[pair, closings, *closings]
}

// closings counts the connections of a pair that the client closed first.
type closings struct {
	from, to int64
	n        int
	worst    struct {
		n    int
		took time.Duration
		from int64
	}
	frames few[int]
}

func (c *closings) weight() int { return max(c.n, c.worst.n) }
func (c *closings) clear()      { *c = closings{} }

func (e *exhaustions) add(f *Fact, h *hashes) {
	if !f.ActiveTW {
		return
	}
	c := e.at(pair{f.Ends[timeline.Client].IP, f.Ends[timeline.Server]}, h.pair)
	if c.n == 0 || f.Start-c.from > int64(timeWaitHold) {
		c.settle()
		c.from, c.to, c.n = f.Start, f.Start, 0
	}
	c.from, c.to = min(c.from, f.Start), max(c.to, f.Start)
	c.n++
	c.frames.add(f.FirstFrame)
}

func (c *closings) settle() {
	if c.n > c.worst.n {
		c.worst.n, c.worst.took, c.worst.from = c.n, time.Duration(c.to-c.from), c.from
	}
}

func (e *exhaustions) findings(int64) []Across {
	var out []Across
	e.each(func(p pair, c *closings) {
		c.settle()
		w := &c.worst
		if w.n < exhaustLeast || w.took < exhaustTook {
			return
		}
		rate := float64(w.n) / w.took.Seconds()
		if rate*timeWaitHold.Seconds() < ephemeral {
			return
		}
		out = append(out, c.describe(p, rate))
	})
	return out
}

func (c *closings) describe(p pair, rate float64) Across {
	client := reassembly.Endpoint{IP: p.client}
	a := portExhaustion.across(client, c.worst.from, c.frames.list())
	until := time.Duration(ephemeral / rate * float64(time.Second))
	a.Summary = fmt.Sprintf("%s opens and closes %.0f connections a second to %s: at that rate its %d ports run out after %s", client.Addr(), rate, p.server, ephemeral, Span(until))
	a.Explanation = fmt.Sprintf("It closed %d connections first within %s, and each leaves a port in TIME_WAIT for 60 s: %.0f of them at a time, where the default range holds %d. "+
		"When none is left connect() returns EADDRNOTAVAIL.", c.worst.n, Span(c.worst.took), rate*timeWaitHold.Seconds(), ephemeral)
	a.Causes = []string{
		"one connection for each request: no keep-alive, no connection pool, or a pool that is too small",
		"a load generator or a health check without pauses",
	}
	a.Checks = []string{
		fmt.Sprintf("ss -tan state time-wait 'dst %s' | wc -l; sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse   # on %s", p.server, client.Addr()),
		fmt.Sprintf("nstat -az TcpExtTW TcpExtTWRecycled TcpExtTWKilled TcpActiveOpens   # on %s", client.Addr()),
	}
	return a
}
