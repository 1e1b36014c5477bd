package detect

import (
	"fmt"
	"strings"
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
	var out []Finding
	for _, side := range sides {
		a := c.repeatedData(side)
		if a.first == nil {
			continue
		}
		f := at(a.first, side, a.frames...)
		n := max(c.Counters[side].RetransmittedPackets, len(a.frames))
		a.reported(c.Counters[side.Other()].DSACKs)
		f.Summary = fmt.Sprintf("%s sent %s again (%s)", upper(the(side)), bytes(a.bytes), a.classes(n))
		f.Explanation = fmt.Sprintf("%s repeated %s of data, first in frame %d. %s%s", upper(the(side)), count(n, "segment"), a.first.Frame, a.where(c, side), a.delay())
		f.Causes = []string{
			fmt.Sprintf("packet loss between %s and %s", c.host(side), c.host(side.Other())),
			"loss or delay of the ACKs on the way back, when it had arrived after all",
		}
		if a.spurious == n {
			f.Severity = NoteLevel
			f.Causes[0], f.Causes[1] = f.Causes[1], "a round trip that grew suddenly, or reordering on the way"
		}
		f.Checks = []string{
			fmt.Sprintf("ss -tin 'dst %s'   # on %s: retrans, rto, rtt, cwnd", c.addr(side.Other()), c.host(side)),
			fmt.Sprintf("nstat -az TcpRetransSegs TcpExtTCPTimeouts TcpExtTCPLossProbes TcpExtTCPSpuriousRTOs   # on %s", c.host(side)),
			fmt.Sprintf("mtr -zbwc 100 --tcp --port %d %s   # on %s", c.port(timeline.Server), c.host(side.Other()), c.host(side)),
		}
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
	sentAt := map[int64]int64{}
	lastSent := c.Start
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From != side {
			acked = max(acked, m.LastAck)
			return
		}
		if m.Notes&timeline.Retransmission == 0 || m.Len == 0 || m.Flags.Has(reassembly.SYN) || m.End <= refused {
			if m.Len > 0 {
				sentAt[m.Seq], lastSent = m.Time, m.LastTime
			}
			return
		}
		if a.first == nil {
			a.first = m
		}
		a.frames = append(a.frames, m.Frame)
		a.bytes += m.Len
		waited := m.Time - lastSent
		if t, ok := sentAt[m.Seq]; ok {
			waited = m.Time - t
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
		sentAt[m.Seq], lastSent = m.Time, m.LastTime
	})
	return a
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
func (a *again) classes(n int) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(a.timeout, "after a timeout")
	add(a.fast, "fast or as a tail-loss probe")
	add(a.spurious, "spurious: it had arrived already")
	if len(parts) == 1 && n == 1 {
		return "1 segment, " + parts[0][len("1 "):]
	}
	return count(n, "segment") + ": " + strings.Join(parts, ", ")
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

func (a *again) delay() string {
	if a.longest < shortestTimeout {
		return ""
	}
	return fmt.Sprintf("The longest wait was %s.", Span(time.Duration(a.longest)))
}
