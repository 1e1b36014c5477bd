package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Segments that no receiver takes: too old by their timestamp, acknowledging
// what was never sent, or with flags that no TCP sends.

var pawsReject = &Rule{
	Code:     "paws-reject",
	Severity: NoteLevel,
	Title:    "a segment was dropped for its old timestamp",
	Text: `With timestamps in use a receiver drops any segment whose timestamp is older than the one it echoes (protection against wrapped sequence
numbers), and answers with an ACK. Old duplicates that the network held back are meant to be caught by this. When data that is new keeps being
dropped, the sender's clock jumped back, or several hosts behind one address take turns.`,
	Refs:  []string{"RFC 7323 §5"},
	Needs: sawOldStamp,
	Check: checkPAWSReject,
}

func checkPAWSReject(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		var old []*timeline.Mark
		c.segments(func(_ int, m *timeline.Mark) {
			if m.From == side && c.outdated(m) {
				old = append(old, m)
			}
		})
		if len(old) == 0 {
			continue
		}
		first, receiver := old[0], side.Other()
		echoed, _ := c.echoed(receiver, first.Frame)
		f := c.at(first, side, c.frameNumbers(old)...)
		f.Summary = fmt.Sprintf("the data of %s in frame %d has timestamp %d, and %s had echoed %d before: it is dropped", the(side), first.Frame, first.TSVal, the(receiver), echoed)
		f.Explanation = fmt.Sprintf("%s had already taken a later timestamp from %s when the segment in frame %d came (%s in all). It answers with an ACK of what it has; no application notices.",
			upper(the(receiver)), the(side), first.Frame, count(len(old), "segment"))
		f.Causes = []string{
			"an old duplicate: the network held a copy back",
			"a middlebox that rewrites timestamps, or several hosts behind one address",
		}
		f.Checks = []string{fmt.Sprintf("nstat -az TcpExtPAWSEstab TcpExtPAWSActive TcpExtTCPACKSkippedPAWS   # on %s", c.host(receiver))}
		out = append(out, f)
	}
	return out
}

// outdated reports whether m holds data or a FIN with a timestamp older than the
// one that its receiver had echoed before.
func (c *Case) outdated(m *timeline.Mark) bool {
	if !m.HasTS || m.Count > 1 || m.End == m.Seq || m.Flags.Any(reassembly.SYN|reassembly.RST) {
		return false
	}
	echoed, known := c.echoed(m.From.Other(), m.Frame)
	return known && int32(m.TSVal-echoed) < 0
}

// echoed returns the latest timestamp that side had echoed before a frame.
func (c *Case) echoed(side timeline.Side, frame int) (ts uint32, known bool) {
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From == side && m.LastFrame < frame && m.HasTS && m.TSEcr != 0 && !m.Flags.Has(reassembly.RST) && (!known || int32(m.TSEcr-ts) > 0) {
			ts, known = m.TSEcr, true
		}
	})
	return ts, known
}

var ackInvalid = &Rule{
	Code:     "ack-invalid",
	Severity: Warning,
	Title:    "an ACK for bytes that were never sent",
	Text: `The acknowledgment number lies far beyond everything that the other side ever sent, more than a capture could have missed. A receiver
drops such a segment and answers with an ACK of where it stands. Forged segments, middleboxes that changed one direction's numbers only, and
leftovers of an earlier connection with the same ports look like this.`,
	Refs:    []string{"RFC 9293 §3.10.7.4", "RFC 5961 §5"},
	Certain: true,
	Needs:   sawUnsentACK,
	Check:   checkACKInvalid,
}

func checkACKInvalid(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		var f *Finding
		c.segments(func(_ int, m *timeline.Mark) {
			if m.From != side || m.Notes&timeline.AckUnsent == 0 || m.Flags.Any(reassembly.RST|reassembly.SYN) {
				return
			}
			if f == nil {
				f = &Finding{Endpoint: side, Time: m.Time}
				f.Summary = fmt.Sprintf("%s acknowledges %d in frame %d, and %s never sent that far", upper(the(side)), m.Ack, m.Frame, the(side.Other()))
				f.Explanation = fmt.Sprintf("The segment in frame %d acknowledges number %d; the highest that %s sent is %d. It is dropped and answered by an ACK; no application notices.",
					m.Frame, m.Ack, the(side.Other()), c.Halves[side.Other()].Next)
			}
			f.Frames = append(f.Frames, m.Frame)
		})
		if f == nil {
			continue
		}
		f.Causes = []string{
			"a forged segment: its sender cannot see the other direction",
			"a middlebox that shifts the numbers of one direction only",
			"a leftover of an earlier connection with the same addresses and ports",
		}
		f.Checks = []string{fmt.Sprintf("nstat -az TcpExtTCPChallengeACK   # on %s", c.host(side.Other()))}
		out = append(out, *f)
	}
	return out
}

var badFlags = &Rule{
	Code:     "bad-flags",
	Severity: Warning,
	Title:    "a combination of flags that no TCP sends",
	Text: `SYN with FIN or RST, FIN or data without ACK, no flags at all: no TCP sends such segments. They come from scanners that tell systems apart by
what they answer, from tools that get past simple filters, or from a damaged header. A synchronized connection drops whatever has no ACK.`,
	Refs:    []string{"RFC 9293 §3.10.7", "RFC 3360 §2"},
	Certain: true,
	Needs:   sawBadFlags,
	Check:   checkBadFlags,
}

// illegal returns what is wrong with a combination of flags, "" for nothing.
func illegal(f reassembly.Flags) string {
	switch {
	case f.Has(reassembly.SYN | reassembly.FIN):
		return "SYN and FIN together"
	case f.Has(reassembly.SYN | reassembly.RST):
		return "SYN and RST together"
	case f.Has(reassembly.FIN | reassembly.RST):
		return "FIN and RST together"
	case f.Any(reassembly.ACK | reassembly.SYN | reassembly.RST):
		return ""
	case f.Has(reassembly.FIN | reassembly.URG | reassembly.PSH):
		return "FIN, URG and PSH without ACK (an Xmas scan's)"
	case f.Has(reassembly.FIN):
		return "FIN without ACK"
	case f&(reassembly.URG|reassembly.PSH) == 0:
		return "no flags at all"
	}
	return "no ACK"
}

func checkBadFlags(c *Case) []Finding {
	var f *Finding
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil || illegal(m.Flags) == "" {
			continue
		}
		if f == nil {
			f = &Finding{Endpoint: m.From, Time: m.Time}
			f.Summary = fmt.Sprintf("%s sent a segment with %s (frame %d)", c.addr(m.From), illegal(m.Flags), m.Frame)
			f.Explanation = fmt.Sprintf("Frame %d has %s. No TCP sends that. %s", m.Frame, flagText(m.Flags), c.metIn(m))
		}
		f.Frames = append(f.Frames, m.Frame)
	}
	if f == nil {
		return nil
	}
	f.Causes = []string{
		"a scanner: closed ports answer such segments by a reset, open ones not at all",
		"a test tool, or a damaged or forged header",
	}
	from := f.Endpoint
	f.Checks = []string{
		fmt.Sprintf("tcpdump -nvi any 'src host %s and tcp' -c 100   # what else does it send?", c.host(from)),
		fmt.Sprintf("nft list ruleset | grep -i 'tcp flags'; nstat -az TcpInErrs TcpExtTCPChallengeACK   # on %s", c.host(from.Other())),
	}
	return []Finding{*f}
}

// flagText names the flags of a segment, as a noun.
func flagText(f reassembly.Flags) string {
	if f == 0 {
		return "no flag at all"
	}
	return "the flags " + f.String()
}

// metIn says in which state a segment found its receiver.
func (c *Case) metIn(m *timeline.Mark) string {
	if s := c.before(m.From.Other(), m.Frame); s != tcpstate.Closed {
		return fmt.Sprintf("%s was in %s.", upper(the(m.From.Other())), s)
	}
	return "There was no connection that it could belong to."
}
