package detect

import (
	"fmt"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var handshakeOptions = &Rule{
	Code:     "handshake-options",
	Severity: NoteLevel,
	Title:    "an option that was offered and not taken, or a segment size that does not fit",
	Text: `Window scale, SACK and timestamps are used only when both SYNs carry them. Without window scale at most 65535 bytes can be under way in a
round trip; without SACK one lost segment may cost many repetitions; without timestamps the round trip is measured less well, and old
duplicates are not recognised. The peer may not want them, a middlebox may have taken them out, or the server answered with a SYN cookie,
which has room for them only beside a timestamp. A maximum segment size below 536 bytes makes many small packets; one above what the path carries costs an
ICMP error, or a stall where those are filtered.`,
	Refs:    []string{"RFC 7323 §2", "RFC 2018 §2", "RFC 9293 §3.7.1"},
	Certain: true,
	Needs:   sawOptions,
	Check:   checkHandshakeOptions,
}

// smallestMSS is the segment size that every host must take, and the one that
// holds where none is announced (RFC 9293 §3.7.1).
const smallestMSS = 536

// negotiable are the options that need both sides, and what it costs to lack them.
var negotiable = [...]struct {
	option     reassembly.OptionSet
	name, cost string
}{
	{reassembly.OptWindowScale, "window scale", "at most 65535 bytes can be under way in a round trip"},
	{reassembly.OptSACKPermitted, "SACK", "after more than one loss in a window the sender has to guess what to repeat"},
	{reassembly.OptTimestamps, "timestamps", "round trips are measured once a window, and old duplicates pass for new"},
}

func checkHandshakeOptions(c *Case) []Finding {
	syn, synack := c.openingPair()
	if syn == nil || c.Cut > 0 || c.Handshake != timeline.HandshakeComplete {
		return nil
	}
	var refused, costs []string
	for _, o := range negotiable {
		if c.Opts[timeline.Client].Has&o.option != 0 && c.Opts[timeline.Server].Has&o.option == 0 {
			refused, costs = append(refused, o.name), append(costs, o.cost)
		}
	}
	var said []string
	if len(refused) > 0 {
		said = append(said, fmt.Sprintf("the client offered %s and the SYN,ACK does not take that up", strings.Join(refused, " and ")))
	}
	f := c.at(synack, timeline.Nobody, syn.Frame, synack.Frame)
	for _, side := range sides {
		switch o := c.Opts[side]; {
		case o.Has&reassembly.OptMSS != 0 && o.MSS < smallestMSS:
			said = append(said, fmt.Sprintf("%s announces a segment size of %d bytes only", the(side), o.MSS))
			costs = append(costs, "more packets and more headers for the same data")
		case c.tooBig(side) != nil:
			m := c.tooBig(side)
			f.Frames = append(f.Frames, m.Frame)
			said = append(said, fmt.Sprintf("segments of %s do not fit the path (%s in frame %d)", the(side), routerOf(m.ICMP), m.Frame))
			costs = append(costs, "data has to be sent again in smaller segments")
		}
	}
	if len(said) == 0 {
		return nil
	}
	f.Summary = upper(strings.Join(said, "; "))
	f.Explanation = fmt.Sprintf("The SYN is frame %d, the SYN,ACK frame %d. What it costs: %s. Nothing is broken by it.", syn.Frame, synack.Frame, strings.Join(costs, "; "))
	f.Causes = optionCauses(c, len(refused) > 0)
	f.Checks = []string{
		fmt.Sprintf("tcpdump -vnni any 'tcp[tcpflags] & tcp-syn != 0 and port %d'   # on both hosts: does the SYN arrive with the options that it left with?", c.port(timeline.Server)),
		fmt.Sprintf("sysctl net.ipv4.tcp_window_scaling net.ipv4.tcp_sack net.ipv4.tcp_timestamps net.ipv4.tcp_syncookies   # on %s", c.host(timeline.Server)),
		fmt.Sprintf("nstat -az TcpExtSyncookiesSent   # on %s", c.host(timeline.Server)),
	}
	return []Finding{f}
}

// openingPair returns the first SYN of the client and the SYN,ACK that answers it,
// nil when either was not captured.
func (c *Case) openingPair() (syn, synack *timeline.Mark) {
	syns := c.sent(timeline.Client, reassembly.SYN, reassembly.ACK|reassembly.RST)
	synacks := c.sent(timeline.Server, reassembly.SYN|reassembly.ACK, reassembly.RST)
	if len(syns) == 0 || len(synacks) == 0 {
		return nil, nil
	}
	return syns[0], synacks[0]
}

// tooBig returns the ICMP error that a segment of side is too big for the path,
// nil when there is none (RFC 1191 §4, RFC 8201 §4).
func (c *Case) tooBig(side timeline.Side) *timeline.Mark {
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP == nil || m.From != side {
			continue
		}
		if n := m.ICMP; !n.V6 && n.Type == 3 && n.Code == 4 || n.V6 && n.Type == 2 {
			return m
		}
	}
	return nil
}

func optionCauses(c *Case, refused bool) []string {
	if !refused {
		return []string{
			"a tunnel on the path takes room for its own headers, and the hosts announce the size of their own link",
			"a setting of the route or of the interface: advmss, mtu",
		}
	}
	return []string{
		fmt.Sprintf("they are turned off on %s", c.host(timeline.Server)),
		"a middlebox takes options out of the SYN or of the SYN,ACK",
		"the server answered with a SYN cookie",
	}
}
