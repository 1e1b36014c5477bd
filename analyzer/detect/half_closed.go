package detect

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var halfClosed = &Rule{
	Code:     "half-closed",
	Severity: NoteLevel,
	Title:    "one side had sent FIN, and the other went on sending data",
	Text: `A FIN closes one direction only. The side that sent it still receives: shutdown(SHUT_WR) is made for this, and "send the request, say
that it is all, read the answer" is a sound way to use it. On the wire close() looks the same until data comes: a closed socket answers it
with a reset.`,
	Refs:    []string{"RFC 9293 §3.6"},
	Certain: false,
	Needs:   sawDataAfterFIN,
	Check:   checkHalfClosed,
}

func checkHalfClosed(c *Case) []Finding {
	for _, side := range sides {
		fin := c.Halves[side].FIN
		finMarks := c.sent(side, reassembly.FIN, reassembly.RST)
		if fin == 0 || len(finMarks) == 0 {
			continue
		}
		var bytesAfter int64
		var first, last *timeline.Mark
		c.segments(func(_ int, m *timeline.Mark) {
			if m.From == side || m.Len == 0 || m.LastAck < fin || m.Notes&timeline.Retransmission != 0 {
				return
			}
			if first == nil {
				first = m
			}
			last = m
			bytesAfter += m.Len
		})
		if first == nil || last.LastFrame == first.Frame && first.Flags.Has(reassembly.FIN) || c.Teardown == timeline.TeardownReset {
			continue // an answer that ends with the FIN itself is the ordinary close
		}
		f := c.at(finMarks[0], side, finMarks[0].Frame, first.Frame, last.LastFrame)
		f.Summary = c.textf("%s had closed its direction; %s went on and sent %s in %s", the(side), the(side.Other()), c.bytes(bytesAfter), c.since(finMarks[0].Time, last.LastTime))
		f.Explanation = c.textf("%s sent FIN in frame %d and waited in FIN_WAIT_2; %s, in CLOSE_WAIT, acknowledged it and sent %s more, the last in frame %d. "+
			"They were accepted, so the socket was shut down for sending, not closed.",
			c.upper(the(side)), finMarks[0].Frame, the(side.Other()), c.bytes(bytesAfter), last.LastFrame)
		f.Summary = c.upper(f.Summary)
		f.Causes = c.list(
			c.textf("the application of %s called shutdown(SHUT_WR) and reads the rest: intended", the(side)),
			"a proxy that passes on an end-of-file of one direction",
		)
		f.Checks = c.list(c.textf("ss -tano state fin-wait-2 dst %s   # on %s: how many, for how long", c.host(side.Other()), c.host(side)))
		return append(c.none(), f)
	}
	return nil
}
