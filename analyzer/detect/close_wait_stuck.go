package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

var closeWaitStuck = &Rule{
	Code:     "close-wait-stuck",
	Severity: Error,
	Title:    "a FIN was acknowledged, and its receiver never closed",
	Text: `One end closed; the other end's kernel acknowledged the FIN, and its application never called close(). No timer ends CLOSE_WAIT: the socket and
its descriptor stay until the process closes them or ends. Many of them mean an application that does not read to end-of-file, or forgets
the socket after an error. The end that closed waits in FIN_WAIT_2: for tcp_fin_timeout (60 s on Linux) when it had called close(), for ever
when it had called shutdown().`,
	Refs:  []string{"RFC 9293 §3.6", "RFC 1122 §4.2.2.13"},
	Needs: sawCloseWait,
	Check: checkCloseWaitStuck,
}

// closeWaitLimit is how long an application may take to close after end-of-file
// unless the case says otherwise.
const closeWaitLimit = time.Minute

func checkCloseWaitStuck(c *Case) []Finding {
	limit := c.CloseWait
	if limit == 0 {
		limit = closeWaitLimit
	}
	for _, side := range sides {
		closer := side.Other()
		waits := c.transition(side, tcpstate.CloseWait)
		if waits == nil || c.Last(side) != tcpstate.CloseWait || c.Halves[closer].FIN == 0 {
			continue
		}
		ack := c.captured(side, 0, c.LastFrame+1, 0, c.Halves[closer].FIN)
		if ack == nil || c.Until-max(waits.Time, c.lastData(side)) < int64(limit) {
			continue
		}
		return []Finding{describeCloseWaitStuck(c, side, waits, ack)}
	}
	return nil
}

// lastData returns when side last sent payload, 0 when it never did.
func (c *Case) lastData(side timeline.Side) int64 {
	var last int64
	for _, m := range c.sent(side, 0, 0) {
		if m.Len > 0 && m.Notes&(timeline.KeepAlive|timeline.WindowProbe) == 0 {
			last = max(last, m.LastTime)
		}
	}
	return last
}

func describeCloseWaitStuck(c *Case, side timeline.Side, waits *timeline.Transition, ack *timeline.Mark) Finding {
	closer := side.Other()
	f := Finding{Endpoint: side, Time: waits.Time, Frames: c.frameList(waits.Frame, ack.LastFrame)}
	stuck := Span(time.Duration(c.Until - waits.Time))
	f.Summary = fmt.Sprintf("%s is in CLOSE_WAIT since frame %d and had not closed %s later", c.addr(side), waits.Frame, stuck)
	f.Explanation = fmt.Sprintf("The FIN of %s in frame %d was acknowledged in frame %d, so the kernel of %s has it and its application can read end-of-file. "+
		"In the %s that the capture went on no FIN of %s came. %s", the(closer), waits.Frame, ack.LastFrame, the(side), stuck, the(side), c.closerWaits(closer))
	f.Causes = []string{
		fmt.Sprintf("the application of %s forgot to close(): a leak in an error path, a pool that does not check its idle connections, a descriptor that a child process holds", the(side)),
		fmt.Sprintf("the application of %s hangs or is stopped, and does not read", the(side)),
		"its FIN was sent and is missing from this capture",
	}
	f.Checks = []string{
		fmt.Sprintf("ss -tanp state close-wait '( src %s )'   # on %s: which process, how many; Recv-Q above 1 means unread data", c.addr(side), c.host(side)),
		fmt.Sprintf("ss -tanp state close-wait | awk '{print $NF}' | sort | uniq -c | sort -rn | head   # on %s", c.host(side)),
		fmt.Sprintf("ss -tano state fin-wait-2 dst %s   # on %s", c.host(side), c.host(closer)),
	}
	return f
}

// closerWaits says what the end that closed does in the meantime.
func (c *Case) closerWaits(closer timeline.Side) string {
	if c.Last(closer) == tcpstate.FinWait2 {
		return fmt.Sprintf("%s waits in FIN_WAIT_2; if it had called close(), Linux has ended that silently after 60 s, and whatever comes then is answered by a reset.", upper(the(closer)))
	}
	return fmt.Sprintf("%s is in %s.", upper(the(closer)), c.Last(closer))
}
