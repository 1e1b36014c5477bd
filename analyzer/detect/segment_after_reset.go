package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var segmentAfterReset = &Rule{
	Code:     "segment-after-reset",
	Severity: Warning,
	Title:    "an endpoint carried on after it had been reset",
	Text: `A reset that its receiver would have accepted was captured, its sender fell silent, and the receiver went on sending for longer than a round
trip. The reset was lost behind the point of capture: resets are not acknowledged and not repeated. Or a filter took it, or the receiver
ignores resets. The end that was reset keeps a connection that the other no longer has, until its next segment draws another reset.`,
	Refs:  []string{"RFC 9293 §3.5.1", "RFC 9293 §3.5.2"},
	Needs: sawReset,
	Check: checkSegmentAfterReset,
}

func checkSegmentAfterReset(c *Case) []Finding {
	for _, side := range sides {
		for _, rst := range c.resets(side) {
			if !c.fitting(rst) || c.carriedOn(side, rst) || !c.before(side.Other(), rst.Frame).Synchronized() ||
				c.before(side.Other(), rst.Frame) == tcpstate.TimeWait {
				continue
			}
			if later := c.sentInSpite(rst); later != nil {
				return []Finding{describeSegmentAfterReset(c, rst, later)}
			}
		}
	}
	return nil
}

// fitting reports whether a reset stands exactly where its receiver was: at the
// end of what its sender had sent, or at what the receiver had acknowledged.
func (c *Case) fitting(rst *timeline.Mark) bool {
	var end, acked int64
	c.segments(func(_ int, m *timeline.Mark) {
		switch {
		case m.Frame >= rst.Frame || m.Flags.Has(reassembly.RST):
		case m.From == rst.From:
			end = max(end, m.End)
		case m.Flags.Has(reassembly.ACK):
			acked = max(acked, m.LastAck)
		}
	})
	return rst.Seq == end || rst.Seq == acked
}

// carriedOn reports whether side sent anything but resets after its own reset:
// then that was forged in its name.
func (c *Case) carriedOn(side timeline.Side, rst *timeline.Mark) bool {
	for _, m := range c.sent(side, 0, reassembly.RST) {
		if m.LastFrame > rst.Frame {
			return true
		}
	}
	return false
}

// sentInSpite returns the first segment that the receiver of a reset sent when it
// must have had it, nil when there is none.
func (c *Case) sentInSpite(rst *timeline.Mark) *timeline.Mark {
	side := rst.From.Other()
	for _, m := range c.sent(side, 0, reassembly.RST|reassembly.SYN) {
		if m.Frame > rst.Frame && m.Time > rst.Time+c.patience(side) {
			return m
		}
	}
	return nil
}

func describeSegmentAfterReset(c *Case, rst, later *timeline.Mark) Finding {
	side, peer := rst.From.Other(), rst.From
	f := c.at(later, side, rst.Frame, later.Frame)
	f.Summary = fmt.Sprintf("%s sent frame %d, %s after %s had reset the connection (frame %d)", c.addr(side), later.Frame, since(rst.Time, later.Time), c.addr(peer), rst.Frame)
	end := fmt.Sprintf("No answer to it was captured: %s still takes the connection for open.", the(side))
	if answer := c.answerTo(later, peer); answer != nil && answer.Flags.Has(reassembly.RST) {
		f.Frames = append(f.Frames, answer.Frame)
		end = fmt.Sprintf("The reset in frame %d answered it. %s", answer.Frame, c.errorSeen(side))
	}
	f.Explanation = fmt.Sprintf("The %s in frame %d stands where %s would accept it, and %s sent nothing but resets from then on. Yet %s, in %s, sent again after more than a round trip: "+
		"the reset had not reached it, or was ignored. %s", rst.Flags, rst.Frame, the(side), the(peer), the(side), c.before(side, later.Frame), end)
	f.Causes = []string{
		fmt.Sprintf("the reset was lost on the way from %s to %s", c.host(peer), c.host(side)),
		"a filter drops resets, or drops what comes for a connection that it has deleted on seeing the reset",
		fmt.Sprintf("%s ignores resets: a packet filter rule on the host, or a program that speaks TCP by itself", c.host(side)),
	}
	f.Checks = []string{
		c.socketOf(side),
		fmt.Sprintf("tcpdump -ni any 'src host %s and tcp[tcpflags] & tcp-rst != 0'   # on %s: does the reset arrive?", c.host(peer), c.host(side)),
		fmt.Sprintf("nft list ruleset | grep -i rst; nstat -az TcpExtTCPChallengeACK TcpEstabResets   # on %s", c.host(side)),
	}
	return f
}
