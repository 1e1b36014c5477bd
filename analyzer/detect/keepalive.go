package detect

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

var keepalive = &Rule{
	Code:     "keepalive",
	Severity: NoteLevel,
	Title:    "keep-alive probes",
	Text: `An idle connection was probed: a segment without data, one below the next sequence number, which the other end must answer with an ACK.
Linux sends the first after tcp_keepalive_time of silence (7200 s unless the application sets TCP_KEEPIDLE), the next ones tcp_keepalive_intvl
apart (75 s), and gives up after tcp_keepalive_probes (9) without an answer: 2 h 11 min 15 s by default. An answer proves that the other kernel still
has the connection, not that its application is well.`,
	Refs:    []string{"RFC 9293 §3.8.4", "RFC 1122 §4.2.3.6"},
	Certain: false,
	Needs:   sawKeepAlive,
	Check:   checkKeepalive,
}

var keepaliveTimeout = &Rule{
	Code:     "keepalive-timeout",
	Severity: Error,
	Title:    "keep-alive probes went unanswered until the prober gave up",
	Text: `The other end of an idle connection answered none of the keep-alive probes, and the prober ended the connection. Linux then sends a reset,
which mostly reaches nobody, and the application gets ETIMEDOUT. Until then it had no way to know: without keep-alives, or data of its own, a
connection to a peer that is gone lives for ever.`,
	Refs:     []string{"RFC 9293 §3.8.4", "RFC 1122 §4.2.3.6"},
	Swallows: []string{"keepalive", "peer-unresponsive", "abortive-close"},
	Needs:    sawKeepAlive | sawClosed,
	Check:    checkKeepaliveTimeout,
}

// probing is the keep-alives of one side.
type probing struct {
	marks      []*timeline.Mark
	idle       time.Duration // silence before the first
	interval   time.Duration // median time between two; 0 for a single one
	unanswered int           // after the last answer
}

// probes collects the keep-alives of side.
func (c *Case) probes(side timeline.Side) probing {
	var p probing
	gaps := make([]time.Duration, 0, 8)
	n := len(c.marks)
	var before, last int64
	c.segments(func(_ int, m *timeline.Mark) {
		switch {
		case m.From == side && m.Notes&timeline.KeepAlive != 0:
			if len(c.marks) == n {
				p.idle = time.Duration(m.Time - before)
			} else {
				gaps = append(gaps, time.Duration(m.Time-last))
			}
			last = m.LastTime
			c.marks = append(c.marks, m)
			p.unanswered += m.Count
		case m.From != side:
			p.unanswered = 0
		}
		before = m.LastTime
	})
	p.marks = c.marks[n:len(c.marks):len(c.marks)]
	if len(gaps) > 0 {
		slices.Sort(gaps)
		p.interval = gaps[len(gaps)/2]
	}
	return p
}

func checkKeepalive(c *Case) []Finding {
	out := c.none()
	for _, side := range sides {
		p := c.probes(side)
		if len(p.marks) == 0 {
			continue
		}
		n := max(c.Counters[side].KeepAlives, len(p.marks))
		f := c.at(p.marks[0], side, c.frameNumbers(p.marks)...)
		f.Summary = c.textf("%s sent %s, the first after %s of silence%s: %s", the(side), c.count(n, "keep-alive"), c.span(p.idle), p.every(c), p.answers(c, side))
		f.Summary = c.upper(f.Summary)
		f.Explanation = c.textf("Each probe repeats the number below the next byte and carries no data (first in frame %d). %s is kept in %s by them, and so is the record of it in any box on the way.",
			p.marks[0].Frame, c.upper(the(side)), c.before(side, p.marks[0].Frame))
		f.Causes = c.list(
			c.textf("the application of %s set SO_KEEPALIVE: intended", the(side)),
		)
		f.Checks = c.list(
			c.textf("ss -tno 'src %s and dst %s'   # on %s: timer:(keepalive,…)", c.addr(side), c.addr(side.Other()), c.host(side)),
			"sysctl net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes",
		)
		out = append(out, f)
	}
	return out
}

func (p *probing) every(c *Case) string {
	if p.interval == 0 {
		return ""
	}
	return c.textf(", then every %s", c.span(p.interval))
}

func (p *probing) answers(c *Case, side timeline.Side) string {
	switch {
	case p.unanswered == 0:
		return "the other end answered"
	case !c.Halves[side.Other()].Sent:
		return "the other direction was not captured"
	}
	return c.textf("the last %s got no answer", c.count(p.unanswered, "probe"))
}

func checkKeepaliveTimeout(c *Case) []Finding {
	for _, side := range sides {
		t := c.silentTail(side)
		if t == nil || total(t.probes) < 2 || len(t.data) > 0 || c.Last(side) != tcpstate.Closed || c.App[side].Error != "ETIMEDOUT" && t.icmp == nil {
			continue
		}
		return append(c.none(), describeKeepaliveTimeout(c, t))
	}
	return nil
}

func describeKeepaliveTimeout(c *Case, t *tail) Finding {
	peer, p := t.side.Other(), c.probes(t.side)
	n := total(t.probes)
	f := c.at(t.probes[0], peer, c.frameNumbers(t.probes)...)
	f.Summary = c.textf("%s answered none of %s, %s apart: %s gave up (%s)", c.addr(peer), c.count(n, "keep-alive"), c.span(p.interval), the(t.side), c.App[t.side].Error)
	end := c.textf("then it gave up, %s after the last word of %s", c.since(t.heard.LastTime, t.probes[len(t.probes)-1].LastTime), the(peer))
	if t.reset != nil {
		f.Frames = append(f.Frames, t.reset.Frame)
		end = c.textf("then it reset the connection (frame %d), %s after the last word of %s", t.reset.Frame, c.since(t.heard.LastTime, t.reset.Time), the(peer))
	}
	f.Explanation = c.textf("%s was silent for %s after frame %d. %s probed it %s, %s. Its application got %s. %s",
		c.upper(the(peer)), c.since(t.heard.LastTime, t.probes[0].Time), t.heard.LastFrame, c.upper(the(t.side)), times(n), end, c.App[t.side].Error, c.leftBehind(peer))
	f.Causes = c.list(
		c.textf("%s is down, unplugged or cut off", c.host(peer)),
		"a firewall or NAT on the way forgot the connection before the first probe: then it should come sooner",
	)
	if icmp := c.noticed(t.side, t.probes[0].Frame); icmp != nil {
		router, says := routerOf(icmp.ICMP), icmpText(icmp.ICMP)
		f.Frames = append(f.Frames, icmp.Frame)
		f.Explanation += fmt.Sprintf(" %s answered a probe by ICMP %q (frame %d); that ends nothing, since a probe's number is acknowledged already.", router, says, icmp.Frame)
		f.Causes = append([]string{fmt.Sprintf("there is no way from %s to %s: a route is gone, or the host behind it", router, c.host(peer))}, f.Causes...)
	}
	f.Checks = c.reachChecks(t.side)[:3]
	f.Checks = append(f.Checks, "sysctl net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes")
	return f
}

// noticed returns the first ICMP error about segments of side after a frame, whether
// TCP may act on it or not; nil for none.
func (c *Case) noticed(side timeline.Side, frame int) *timeline.Mark {
	for i := range c.Marks {
		if m := &c.Marks[i]; m.ICMP != nil && m.From == side && m.Frame > frame {
			return m
		}
	}
	return nil
}
