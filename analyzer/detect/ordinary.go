package detect

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// remarkable are the remarks that keep a connection from being ordinary.
const remarkable = ^(timeline.WindowUpdate | timeline.DuplicateAck)

// ordinary reports whether nothing happened in a connection but what happens in
// most: it opened, data flowed, and perhaps it closed. Only the rules that say so
// of themselves can find something in it; the others need not look.
func (c *Case) ordinary() bool {
	if c.Handshake != timeline.HandshakeComplete || c.Teardown == timeline.TeardownReset || c.Teardown == timeline.TeardownTimeout ||
		c.Cut > 0 || c.Backward > 0 || c.Conflict.Count > 0 || c.Ends[0] == c.Ends[1] || c.gaveUp(timeline.Client) || c.gaveUp(timeline.Server) {
		return false
	}
	for _, side := range sides {
		n := &c.Counters[side]
		if n.Copies+n.RetransmittedPackets+n.OutOfOrder+n.KeepAlives+n.ZeroWindows+n.DSACKs > 0 {
			return false
		}
	}
	return c.plainMarks()
}

// plainMarks reports whether each side sent its SYN once, its FIN once at most,
// and nothing that drew a remark.
func (c *Case) plainMarks() bool {
	var syns, fins [2]int
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil || m.Notes&remarkable != 0 || m.Fate == timeline.Lost || m.Fate == timeline.Ignored ||
			m.Flags.Any(reassembly.RST|reassembly.URG) || !m.Flags.Any(reassembly.SYN|reassembly.ACK) {
			return false
		}
		if m.Flags.Has(reassembly.SYN) {
			syns[m.From]++
		}
		if m.Flags.Has(reassembly.FIN) {
			fins[m.From]++
		}
	}
	return syns == [2]int{1, 1} && fins[0] <= 1 && fins[1] <= 1
}
