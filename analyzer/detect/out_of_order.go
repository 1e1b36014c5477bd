package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

var outOfOrder = &Rule{
	Code:     "out-of-order",
	Severity: NoteLevel,
	Title:    "segments overtook each other",
	Text: `A segment was captured after others that its sender had sent later: the network, or the capture, swapped them. Its timestamp or IP
identification shows that it was sent once only, so it is no retransmission. A receiver copes with that; more than a few places apart, its
duplicate ACKs make the sender repeat what was never lost, and slow down.`,
	Refs:    []string{"RFC 4737", "RFC 5681 §3.2"},
	Certain: true,
	Needs:   sawOutOfOrder,
	Check:   checkOutOfOrder,
}

func checkOutOfOrder(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		n := c.Counters[side].OutOfOrder
		var late []*timeline.Mark
		c.segments(func(_ int, m *timeline.Mark) {
			if m.From == side && m.Notes&timeline.OutOfOrder != 0 {
				late = append(late, m)
			}
		})
		if n == 0 || len(late) == 0 {
			continue
		}
		f := c.at(late[0], side, c.frameNumbers(late)...)
		f.Summary = fmt.Sprintf("%s of %s came late, behind what was sent after it", count(n, "segment"), the(side))
		f.Explanation = fmt.Sprintf("The segment in frame %d filled a hole and had been sent before its neighbours: nothing was lost, and nothing was sent again. %s",
			late[0].Frame, duplicateAcks(c.Counters[side.Other()].DuplicateAcks, side))
		f.Causes = []string{
			"parallel paths or links of which packets of one connection take several",
			"several receive queues of the capturing host: then only the capture is out of order",
		}
		f.Checks = []string{
			fmt.Sprintf("nstat -az TcpExtTCPOFOQueue TcpExtTCPSACKReorder TcpExtTCPTSReorder   # on %s and %s", c.host(side.Other()), c.host(side)),
			"ethtool -l DEV; ethtool -x DEV   # queues and how packets are spread over them",
		}
		out = append(out, f)
	}
	return out
}

func duplicateAcks(n int, side timeline.Side) string {
	if n == 0 {
		return "It caused no duplicate ACK."
	}
	return fmt.Sprintf("The receiver answered with %s; three in a row make %s repeat data that was never lost.", count(n, "duplicate ACK"), the(side))
}
