package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var isnMismatch = &Rule{
	Code:     "isn-mismatch",
	Severity: Warning,
	Title:    "a SYN,ACK that acknowledges no SYN of this client",
	Text: `A SYN,ACK acknowledges the SYN's sequence number plus one. This one does not fit any SYN that the client sent: it is an old duplicate, the
answer to somebody else's SYN (two hosts behind one translated address and port), or made up. A client in SYN_SENT answers it with a reset and goes
on waiting; that reset also clears the stale half of whoever sent it.`,
	Refs:     []string{"RFC 9293 §3.5, figure 8", "RFC 9293 §3.10.7.3"},
	Certain:  true,
	Needs:    sawStrangeSYNACK,
	Swallows: []string{"reset-ignored"},
	Check:    checkISNMismatch,
}

func checkISNMismatch(c *Case) []Finding {
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil || !m.Flags.Has(reassembly.SYN|reassembly.ACK) || m.Flags.Has(reassembly.RST) {
			continue
		}
		opener := m.From.Other()
		if c.Halves[opener].Synced && !c.fitsSYN(opener, m) {
			return []Finding{describeISNMismatch(c, opener, m)}
		}
	}
	return nil
}

// fitsSYN reports whether a SYN,ACK acknowledges a SYN of side, one of another
// incarnation included, or a part of the data that it carried.
func (c *Case) fitsSYN(side timeline.Side, synack *timeline.Mark) bool {
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP == nil && m.From == side && m.Flags.Has(reassembly.SYN) && synack.Ack > m.Seq && synack.Ack <= m.End {
			return true
		}
	}
	return false
}

func describeISNMismatch(c *Case, opener timeline.Side, synack *timeline.Mark) Finding {
	peer := opener.Other()
	f := c.at(synack, peer, synack.Frame)
	f.Summary = fmt.Sprintf("the SYN,ACK of %s in frame %d acknowledges %d, and the SYN asks for 1", c.addr(peer), synack.Frame, synack.Ack)
	answer := "Nothing of the client that answers it was captured."
	if m := c.answerTo(synack, opener); m != nil {
		f.Frames = append(f.Frames, m.Frame)
		answer = fmt.Sprintf("The client answered with %s in frame %d.", m.Flags, m.Frame)
		if m.Flags.Has(reassembly.RST) {
			answer = fmt.Sprintf("The client answered with a reset in frame %d, as it must, and goes on with its own SYN.", m.Frame)
		}
	}
	f.Explanation = fmt.Sprintf("Counted from the sequence number of the client's SYN, a SYN,ACK for it acknowledges 1; this one acknowledges %d, "+
		"which no SYN in the capture accounts for. %s The last state of the client in this capture is %s.", synack.Ack, answer, c.Last(opener))
	f.Causes = []string{
		"an old duplicate: the answer to an earlier SYN on the same ports, late or repeated",
		"an address translation that gives two clients the same address and port",
		"a forged segment, or a middlebox that changes sequence numbers on one way only",
	}
	f.Checks = []string{
		fmt.Sprintf("tcpdump -Snni any 'tcp[tcpflags] & tcp-syn != 0 and port %d'   # on both hosts: absolute numbers, are they the same?", c.port(opener)),
		fmt.Sprintf("conntrack -L -p tcp --dport %d   # on the translating box", c.port(peer)),
	}
	return f
}
