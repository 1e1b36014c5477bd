package detect

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var retransmission = &Rule{
	Code:     "retransmission",
	Severity: Warning,
	Title:    "data was sent again",
	Text: `The same bytes were sent more than once. After a timeout (200 ms or more on Linux) the sender had heard nothing; a fast retransmission follows
duplicate ACKs or SACK within a round trip; a tail-loss probe repeats the last segment to provoke an ACK; a spurious one repeats what had been
acknowledged already. A capture near the sender shows the original too; near the receiver a segment may come late, and only once: then its original was
lost before the point of capture.`,
	Refs:  []string{"RFC 6298", "RFC 5681 §3.2", "RFC 8985 §7"},
	Needs: sawRepetition,
	Check: checkRetransmission,
}

// shortestTimeout is the least retransmission timeout of Linux.
const shortestTimeout = int64(200 * time.Millisecond)

// again counts repeated data of one direction by class.
type again struct {
	frames                  []int
	timeout, fast, spurious int
	first                   *timeline.Mark
	bytes                   int64
	longest                 int64 // longest time that repeated data had been waiting, ns
}

func checkRetransmission(c *Case) []Finding {
	out := c.none()
	for _, side := range sides {
		a := c.repeatedData(side)
		if a.first == nil {
			continue
		}
		f := c.at(a.first, side, a.frames...)
		n := max(c.Counters[side].RetransmittedPackets, len(a.frames))
		a.reported(c.Counters[side.Other()].DSACKs)
		f.Summary = c.textf("%s sent %s again (%s)", c.upper(the(side)), c.bytes(a.bytes), a.classes(c, n))
		f.Explanation = c.textf("%s repeated %s of data, first in frame %d. %s%s", c.upper(the(side)), c.count(n, "segment"), a.first.Frame, a.where(c, side), a.delay(c))
		f.Causes = c.list(
			c.textf("packet loss between %s and %s", c.host(side), c.host(side.Other())),
			"loss or delay of the ACKs on the way back, when it had arrived after all",
		)
		if a.spurious == n {
			f.Severity = NoteLevel
			f.Causes[0], f.Causes[1] = f.Causes[1], "a round trip that grew suddenly, or reordering on the way"
		}
		f.Checks = c.list(
			c.textf("ss -tin 'dst %s'   # on %s: retrans, rto, rtt, cwnd", c.addr(side.Other()), c.host(side)),
			c.textf("nstat -az TcpRetransSegs TcpExtTCPTimeouts TcpExtTCPLossProbes TcpExtTCPSpuriousRTOs   # on %s", c.host(side)),
			c.textf("mtr -zbwc 100 --tcp --port %d %s   # on %s", c.port(timeline.Server), c.host(side.Other()), c.host(side)),
		)
		out = append(out, f)
	}
	return out
}

// repeatedData collects what side sent again. How long data had been under way is
// told by its first copy, or by the last that was sent when that is not in the
// capture, or lies within a run. Data that a SYN carried and that was
// not taken comes again by design (RFC 7413 §4.2) and does not count.
func (c *Case) repeatedData(side timeline.Side) again {
	var a again
	refused := c.refusedEarlyData(side)
	acked := int64(0)
	frames := len(c.numbers)
	lastSent := c.Start
	c.segments(func(i int, m *timeline.Mark) {
		if m.From != side {
			acked = max(acked, m.LastAck)
			return
		}
		if m.Notes&timeline.Retransmission == 0 || m.Len == 0 || m.Flags.Has(reassembly.SYN) || m.End <= refused {
			if m.Len > 0 {
				lastSent = m.LastTime
			}
			return
		}
		if a.first == nil {
			a.first = m
		}
		c.numbers = append(c.numbers, m.Frame)
		a.bytes += m.Len
		waited := m.Time - lastSent
		if before := c.sameData(i); before != nil {
			waited = m.Time - before.Time
		}
		a.longest = max(a.longest, waited)
		switch {
		case m.End <= acked:
			a.spurious += m.Count
		case waited >= shortestTimeout+int64(c.round()/2):
			a.timeout += m.Count
		default:
			a.fast += m.Count
		}
		lastSent = m.LastTime
	})
	a.frames = c.numbers[frames:len(c.numbers):len(c.numbers)]
	return a
}

// sameData returns the last mark before the i-th with data of the same side and
// sequence number, nil when there is none.
func (c *Case) sameData(i int) *timeline.Mark {
	m := &c.Marks[i]
	for i--; i >= 0; i-- {
		if o := &c.Marks[i]; o.From == m.From && o.Seq == m.Seq && o.Len > 0 && o.ICMP == nil && o.Notes&timeline.Stray == 0 {
			return o
		}
	}
	return nil
}

// reported takes in how many repetitions the receiver reported as needless by
// D-SACK (RFC 2883): those were spurious, whatever made the sender repeat them.
func (a *again) reported(dsacks int) {
	for _, class := range []*int{&a.timeout, &a.fast} {
		n := min(max(dsacks-a.spurious, 0), *class)
		a.spurious += n
		*class -= n
	}
}

// refusedEarlyData returns the end of the data that the SYN of side carried and
// the other side did not take, 0 when there was none.
func (c *Case) refusedEarlyData(side timeline.Side) int64 {
	var end int64
	for _, m := range c.sent(side, reassembly.SYN, reassembly.RST) {
		if m.Len > 0 {
			end = max(end, m.End)
		}
	}
	for _, m := range c.sent(side.Other(), reassembly.SYN|reassembly.ACK, reassembly.RST) {
		if m.Ack >= end {
			return 0
		}
	}
	return end
}

// classes says how the repetitions divide: "3 segments: 2 after a timeout, 1 fast".
func (a *again) classes(c *Case, n int) string {
	text, colon := c.count(n, "segment"), ": "
	for _, class := range [...]struct {
		n    int
		what string
	}{
		{a.timeout, "after a timeout"},
		{a.fast, "fast or as a tail-loss probe"},
		{a.spurious, "spurious: it had arrived already"},
	} {
		switch {
		case class.n == 0:
		case n == 1:
			return c.textf("%s, %s", text, class.what)
		default:
			text, colon = c.textf("%s%s%d %s", text, colon, class.n, class.what), ", "
		}
	}
	return text
}

// where says on which side of the point of capture the loss happened.
func (a *again) where(c *Case, side timeline.Side) string {
	if c.Counters[side].OutOfOrder+len(a.frames) > 0 && a.first.Fate == timeline.Arrived && c.Reply[side] > 0 && c.Reply[side.Other()] >= 0 {
		switch near, far := c.Reply[side], c.Reply[side.Other()]; {
		case near*8 < far:
			return "The capture was taken near the sender, so the originals, or the ACKs of them, were lost on the way. "
		case far*8 < near:
			return "The capture was taken near the receiver: originals that are not in it were lost before they came there. "
		}
	}
	return ""
}

func (a *again) delay(c *Case) string {
	if a.longest < shortestTimeout {
		return ""
	}
	return c.textf("The longest wait was %s.", c.span(time.Duration(a.longest)))
}
