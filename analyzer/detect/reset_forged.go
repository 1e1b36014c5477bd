package detect

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var resetForged = &Rule{
	Code:     "reset-forged",
	Severity: Error,
	Title:    "a reset that its claimed sender does not seem to have sent",
	Text: `The reset carries the address of one end, and something contradicts it: that end carries on as if it had sent nothing, or the segment came
another way (its TTL) with an IP identification or options that this end would not have sent. Firewalls, intrusion prevention, parental and
national filters and load balancers end connections like this, and so does an attacker who can see the traffic. Window 0, IP identification 0 and
no timestamps are no evidence: a kernel without the socket sends just that.`,
	Refs:     []string{"RFC 9293 §3.10.7.4", "RFC 5961 §3.2", "RFC 3360"},
	Swallows: []string{"abortive-close", "rst-after-fin", "half-open-peer-gone", "reset-before-accept", "segment-after-reset", "connection-refused"},
	Needs:    sawReset,
	Check:    checkResetForged,
}

var resetIgnored = &Rule{
	Code:     "reset-ignored",
	Severity: Warning,
	Title:    "a reset that changed nothing",
	Text: `A reset counts only when its sequence number is exactly the next one that its receiver expects. Inside the window it is answered by a
challenge ACK, outside it is dropped. This one missed, and the connection went on. Late resets do so, and blind attackers who try numbers.`,
	Refs:     []string{"RFC 5961 §3.2", "RFC 9293 §3.10.7.4"},
	Swallows: []string{"challenge-ack"},
	Needs:    sawIgnoredReset,
	Check:    checkResetIgnored,
}

func checkResetForged(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		for _, rst := range c.resets(side) {
			if rst.Fate == timeline.Ignored {
				continue // reset-ignored says what speaks against it
			}
			evidence := c.foreign(rst)
			if on := c.contradiction(rst); on != nil {
				evidence = append([]string{fmt.Sprintf("%s carries on in frame %d, %s later", the(side), on.Frame, since(rst.Time, on.Time))}, evidence...)
			}
			if len(evidence) == 0 || !c.before(side.Other(), rst.Frame).Synchronized() && !c.ended(side.Other(), rst.Frame) {
				continue
			}
			out = append(out, describeForged(c, rst, evidence))
			break
		}
	}
	return out
}

// ended reports whether the segment of a frame closed side.
func (c *Case) ended(side timeline.Side, frame int) bool {
	tr := c.transition(side, tcpstate.Closed)
	return tr != nil && tr.Frame == frame
}

// contradiction returns what the claimed sender of a reset sent later that a
// sender of a reset does not send: anything but resets and SYNs that goes on
// where it had been. nil when it fell silent.
func (c *Case) contradiction(rst *timeline.Mark) *timeline.Mark {
	from := c.before(rst.From, rst.Frame)
	if !from.Synchronized() || from == tcpstate.TimeWait {
		return c.acceptedAfter(rst)
	}
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP == nil && m.From == rst.From && m.Frame > rst.Frame && m.Time > rst.Time+int64(time.Millisecond) &&
			!m.Flags.Any(reassembly.RST|reassembly.SYN) && m.Notes&timeline.Stray == 0 {
			return m
		}
	}
	return nil
}

// acceptedAfter returns the SYN,ACK with which the claimed sender of a reset answers
// the very SYN that the reset refused, nil when there is none.
func (c *Case) acceptedAfter(rst *timeline.Mark) *timeline.Mark {
	for i := range c.Marks {
		m := &c.Marks[i]
		switch {
		case m.ICMP != nil || m.Frame <= rst.Frame || !m.Flags.Has(reassembly.SYN):
		case m.From != rst.From:
			return nil // it asked again
		case m.Flags.Has(reassembly.ACK) && rst.Flags.Has(reassembly.ACK) && m.Ack == rst.Ack && m.Time > rst.Time+int64(time.Millisecond):
			return m
		}
	}
	return nil
}

func describeForged(c *Case, rst *timeline.Mark, evidence []string) Finding {
	side, victim := rst.From, rst.From.Other()
	f := c.at(rst, side, rst.Frame)
	f.Summary = fmt.Sprintf("the reset in frame %d carries the address of %s, which does not seem to have sent it: %s", rst.Frame, c.addr(side), evidence[0])
	f.Explanation = fmt.Sprintf("%s in frame %d (sequence number %d) does not fit %s: %s. It found %s. %s",
		rst.Flags, rst.Frame, rst.Seq, the(side), join(evidence), c.stateText(victim, rst.Frame), c.errorSeen(victim))
	if on := c.contradiction(rst); on != nil {
		f.Frames = append(f.Frames, on.Frame)
	}
	f.Causes = []string{
		"a firewall, an intrusion prevention system or a load balancer on the way that ends the connection in the name of an end",
		"a filter of the access network, or of a country, that resets what it does not let pass",
		"an attacker who sees the traffic or guessed its numbers",
	}
	f.Checks = []string{
		fmt.Sprintf("tcpdump -nvi any 'host %s and tcp port %d and tcp[tcpflags] & tcp-rst != 0'   # on %s: did it really send the reset?", c.host(victim), c.port(timeline.Server), c.host(side)),
		fmt.Sprintf("tcptraceroute -n %s %d   # on %s: which hop has that TTL?", c.host(timeline.Server), c.port(timeline.Server), c.host(timeline.Client)),
		fmt.Sprintf("nstat -az TcpOutRsts TcpExtTCPAbortOnData   # on %s, before and after", c.host(side)),
	}
	return f
}

func checkResetIgnored(c *Case) []Finding {
	var found []*timeline.Mark
	for i := range c.Marks { // foreign numbers make a reset stray, and are no reason to pass it over
		rst := &c.Marks[i]
		if rst.ICMP == nil && rst.Flags.Has(reassembly.RST) && rst.Fate == timeline.Ignored && c.exposed(rst) && c.survived(rst.From.Other(), rst) && !c.repeated(rst) {
			found = append(found, rst)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return []Finding{describeIgnored(c, found)}
}

// exposed reports whether a reset met an end that a reset can end. One that refuses
// the SYN as it should is no matter of numbers.
func (c *Case) exposed(rst *timeline.Mark) bool {
	switch state := c.before(rst.From.Other(), rst.Frame); state {
	case tcpstate.Closed, tcpstate.Listen, tcpstate.TimeWait, tcpstate.Unknown:
		return false
	case tcpstate.SynSent:
		return !rst.Flags.Has(reassembly.ACK) || rst.Ack != 1 || c.acceptedAfter(rst) != nil
	}
	return true
}

// repeated reports whether the sender of a reset reset again what it had not
// reached with the first one, and did reach it: then it meant it.
func (c *Case) repeated(rst *timeline.Mark) bool {
	return !c.carriedOn(rst.From, rst) && slices.ContainsFunc(c.resets(rst.From), func(m *timeline.Mark) bool {
		return m.Frame > rst.Frame && c.ended(rst.From.Other(), m.Frame)
	})
}

// survived reports whether side went on after a reset: it sent something other
// than a reset of its own, or still had the connection in the end.
func (c *Case) survived(side timeline.Side, rst *timeline.Mark) bool {
	on := c.Last(side) != tcpstate.Closed
	c.segments(func(_ int, m *timeline.Mark) {
		on = on || m.From == side && m.LastFrame > rst.Frame && !m.Flags.Has(reassembly.RST)
	})
	return on
}

func describeIgnored(c *Case, found []*timeline.Mark) Finding {
	rst := found[0]
	victim := rst.From.Other()
	f := c.at(rst, rst.From)
	for _, m := range found {
		f.Frames = append(f.Frames, m.Frame)
	}
	for _, m := range found {
		if ack := c.challenged(m); ack != nil {
			f.Frames = append(f.Frames, ack.Frame)
		}
	}
	same := 0
	for _, m := range found {
		if m.From == rst.From {
			same++
		}
	}
	expected := c.expects(victim, rst)
	f.Summary = fmt.Sprintf("%s in the name of %s changed nothing: number %d, where %d was expected", count(same, "reset"), the(rst.From), rst.Seq, expected)
	if rst.Seq == expected {
		f.Summary = fmt.Sprintf("%s in the name of %s changed nothing, though its number was the right one", count(same, "reset"), the(rst.From))
	}
	f.Explanation = fmt.Sprintf("The %s in frame %d carries sequence number %d; %s, in %s, expected %d. %s The connection went on.",
		rst.Flags, rst.Frame, rst.Seq, the(victim), c.before(victim, rst.Frame), expected, c.answerText(rst))
	if c.before(victim, rst.Frame) == tcpstate.SynSent {
		f.Summary = fmt.Sprintf("%s in the name of %s changed nothing: the SYN was answered all the same", count(same, "reset"), the(rst.From))
		heed := "it acknowledges the SYN, and should have ended connect(): it was lost after the point of capture, or dropped"
		if !rst.Flags.Has(reassembly.ACK) || rst.Ack != 1 {
			heed = "there a reset counts only if it acknowledges the SYN, and this one does not"
		}
		f.Explanation = fmt.Sprintf("%s was in SYN_SENT when the %s in frame %d came; %s.", upper(the(victim)), rst.Flags, rst.Frame, heed)
	}
	f.Causes = []string{
		"somebody else sent it in the name of that end and had to guess the number: a blind attack, or a middlebox that has lost track",
		"it was sent earlier and is late: data of its sender overtook it",
	}
	if rst.Seq == expected {
		f.Causes = append([]string{"it was lost after the point of capture, or dropped there: a wrong checksum, or a TTL too small to arrive (an evasion of filters)"}, f.Causes...)
	}
	if evidence := c.foreign(rst); evidence != nil {
		f.Explanation += fmt.Sprintf(" It does not fit %s: %s.", the(rst.From), join(evidence))
	}
	if c.contradiction(rst) != nil {
		f.Explanation += fmt.Sprintf(" %s itself carried on after it, and so hardly sent it.", upper(the(rst.From)))
	}
	f.Checks = []string{
		fmt.Sprintf("nstat -az TcpExtTCPChallengeACK TcpExtTCPACKSkippedChallenge   # on %s", c.host(victim)),
		fmt.Sprintf("tcpdump -nvi any 'host %s and tcp port %d and tcp[tcpflags] & tcp-rst != 0'   # on %s: did it really send the reset?", c.host(victim), c.port(timeline.Server), c.host(rst.From)),
	}
	return f
}

// expects returns the number that side had acknowledged last when m came.
func (c *Case) expects(side timeline.Side, m *timeline.Mark) int64 {
	var acked int64
	c.segments(func(_ int, o *timeline.Mark) {
		if o.From == side && o.Frame < m.Frame && o.Flags.Has(reassembly.ACK) {
			acked = max(acked, o.LastAck)
		}
	})
	return acked
}

func (c *Case) answerText(rst *timeline.Mark) string {
	if ack := c.challenged(rst); ack != nil {
		return fmt.Sprintf("A challenge ACK answered it (frame %d).", ack.Frame)
	}
	return "Nothing answered it."
}
