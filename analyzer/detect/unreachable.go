package detect

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

var unreachable = &Rule{
	Code:     "unreachable",
	Severity: Error,
	Title:    "an ICMP error says that the peer cannot be reached",
	Text: `A router, or the host itself, returned an ICMP error about a segment of this connection. While the SYN waits for its answer Linux takes
such an error at its word: connect() fails at once with the errno that belongs to the code. On a connection that is open it is a soft
error: TCP goes on, and only when the retransmissions are used up does the application get this errno instead of ETIMEDOUT. An error that quotes a
segment which is not outstanding is ignored.`,
	Refs:     []string{"RFC 9293 §3.9.2.2", "RFC 5927 §4", "RFC 1122 §4.2.3.9"},
	Swallows: []string{"syn-unanswered", "syn-retransmitted"},
	Needs:    sawICMP,
	Check:    checkUnreachable,
}

func checkUnreachable(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		var errors []*timeline.Mark
		for i := range c.Marks {
			m := &c.Marks[i]
			if m.ICMP != nil && m.From == side && m.Fate != timeline.Ignored && m.ICMP.Errno() != "" {
				errors = append(errors, m)
			}
		}
		if len(errors) > 0 {
			out = append(out, describeUnreachable(c, side, errors))
		}
	}
	return out
}

func describeUnreachable(c *Case, side timeline.Side, errors []*timeline.Mark) Finding {
	last := errors[len(errors)-1]
	f := c.at(errors[0], side, c.framesOf(errors)...)
	for _, m := range errors {
		if quoted := c.quoted(side, m); quoted != nil {
			f.Frames = append(f.Frames, quoted.LastFrame)
		}
	}
	slices.Sort(f.Frames)
	f.Frames = slices.Compact(f.Frames)
	router, says := routerOf(last.ICMP), icmpText(last.ICMP)
	f.Summary = fmt.Sprintf("%s says %q about the segments of %s to %s (%s)", router, says, the(side), c.addr(side.Other()), count(len(errors), "ICMP error"))
	effect, severity := c.icmpEffect(side, last)
	f.Severity = severity
	f.Explanation = fmt.Sprintf("The ICMP error in frame %d, sent by %s, quotes a segment of %s that was not acknowledged yet: type %d code %d, %s. %s",
		last.Frame, router, the(side), last.ICMP.Type, last.ICMP.Code, says, effect)
	f.Causes = icmpCauses(c, side, last.ICMP)
	f.Checks = []string{
		fmt.Sprintf("ip route get %s   # on %s and on %s", c.host(side.Other()), c.host(side), router),
		fmt.Sprintf("traceroute -T -p %d %s   # on %s: who answers last?", c.port(side.Other()), c.host(side.Other()), c.host(side)),
		fmt.Sprintf("tcpdump -ni any 'icmp or icmp6'   # on %s", c.host(side)),
	}
	return f
}

// quoted returns the last segment of side before the error that it can have quoted.
func (c *Case) quoted(side timeline.Side, icmp *timeline.Mark) *timeline.Mark {
	var found *timeline.Mark
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From == side && m.Frame < icmp.Frame && m.Seq <= icmp.ICMP.Seq && icmp.ICMP.Seq < max(m.End, m.Seq+1) {
			found = m
		}
	})
	return found
}

// icmpEffect says what the error did, hard or soft for the state it met, and how
// grave that makes it.
func (c *Case) icmpEffect(side timeline.Side, icmp *timeline.Mark) (string, Severity) {
	state, errno := c.before(side, icmp.Frame), icmp.ICMP.Errno()
	over := c.transition(side, tcpstate.Closed)
	switch {
	case over != nil && over.Frame == icmp.Frame:
		return fmt.Sprintf("%s was in %s, where the error is hard: connect() returned %s at once.", upper(the(side)), state, errno), Error
	case !state.Synchronized():
		return fmt.Sprintf("The SYN was sent again after it, so %s had only noted the error; connect() returns %s when the retries are used up.", the(side), errno), Error
	case c.gaveUp(side):
		return fmt.Sprintf("In %s it is a soft error: TCP went on until its retransmissions were used up, and the application then got %s.", state, c.App[side].Error), Error
	case c.answeredAfter(side, icmp):
		return fmt.Sprintf("In %s it is a soft error: TCP sent again and got through, and no application noticed anything but the delay.", state), Warning
	}
	return fmt.Sprintf("In %s it is a soft error: TCP goes on, and only when its retransmissions are used up does the application get %s instead of ETIMEDOUT.", state, errno), Error
}

// answeredAfter reports whether the peer acknowledged what an ICMP error was about.
func (c *Case) answeredAfter(side timeline.Side, icmp *timeline.Mark) bool {
	return c.captured(side.Other(), icmp.Frame, c.LastFrame+1, 0, icmp.ICMP.Seq+1) != nil
}

func routerOf(n *timeline.ICMPNote) string { return netip.AddrFrom16(n.Router).Unmap().String() }

// icmpText names type and code as RFC 792, RFC 1812 and RFC 4443 do.
func icmpText(n *timeline.ICMPNote) string {
	names := map[[2]uint8]string{
		{3, 0}: "network unreachable", {3, 1}: "host unreachable", {3, 2}: "protocol unreachable", {3, 3}: "port unreachable",
		{3, 5}: "source route failed", {3, 6}: "network unknown", {3, 7}: "host unknown", {3, 9}: "network administratively prohibited",
		{3, 10}: "host administratively prohibited", {3, 13}: "communication administratively prohibited",
		{11, 0}: "time to live exceeded in transit", {11, 1}: "fragment reassembly time exceeded",
	}
	if n.V6 {
		names = map[[2]uint8]string{
			{1, 0}: "no route to destination", {1, 1}: "communication administratively prohibited", {1, 3}: "address unreachable",
			{1, 4}: "port unreachable", {1, 5}: "source address failed policy", {1, 6}: "route rejected",
			{3, 0}: "hop limit exceeded in transit", {4, 1}: "unrecognized next header",
		}
	}
	if name, ok := names[[2]uint8{n.Type, n.Code}]; ok {
		return name
	}
	return fmt.Sprintf("ICMP type %d code %d", n.Type, n.Code)
}

func icmpCauses(c *Case, side timeline.Side, n *timeline.ICMPNote) []string {
	peer := c.host(side.Other())
	prohibited := "a filter at " + routerOf(n) + " rejects the traffic and says so"
	switch errno := n.Errno(); {
	case errno == "EACCES", !n.V6 && (n.Code == 9 || n.Code == 10 || n.Code == 13) && n.Type == 3:
		return []string{prohibited}
	case errno == "ENETUNREACH":
		return []string{"no route from " + routerOf(n) + " to the network of " + peer, "a route was withdrawn: a link or a routing session is down"}
	case errno == "ECONNREFUSED":
		return []string{"a filter on " + peer + " or before it rejects with \"port unreachable\", the default of REJECT", "nothing listens there, and the host is not one that answers with a reset"}
	case n.Type == 11 && !n.V6, n.Type == 3 && n.V6:
		return []string{"a routing loop between " + routerOf(n) + " and its neighbours", "a hop limit set too low by the sender"}
	}
	return []string{
		peer + " is down, or has another address: " + routerOf(n) + " gets no answer to ARP or neighbour discovery",
		"a route leads to a link on which " + peer + " is not",
		prohibited,
	}
}
