package detect

import "fmt"

var windowFull = &Rule{
	Code:     "window-full",
	Severity: NoteLevel,
	Title:    "the sender filled the receiver's window",
	Text: `Data ended exactly at the edge of the window that the receiver had announced: the sender could not go on before the next window update.
Once is nothing. When it happens all the time, the receive buffer, not the network, limits the throughput to one window a round trip.`,
	Refs:    []string{"RFC 9293 §3.8.6", "RFC 7323 §2"},
	Certain: true,
	Needs:   sawFullWindow,
	Check:   checkWindowFull,
}

func checkWindowFull(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		n := c.Counters[side].WindowFulls
		if n == 0 {
			continue
		}
		f := Finding{Endpoint: side, Frames: c.frameList(c.Counters[side].FullFrame), Time: c.Start}
		if m := c.mark(c.Counters[side].FullFrame); m != nil {
			f.Time = m.Time
		}
		receiver := side.Other()
		f.Summary = fmt.Sprintf("%s filled the window of %s %s, first in frame %d", upper(the(side)), the(receiver), times(n), c.Counters[side].FullFrame)
		f.Explanation = fmt.Sprintf("The data in frame %d ended exactly where the window that %s had announced ends. It waited for the next ACK or window update there.",
			c.Counters[side].FullFrame, the(receiver))
		f.Causes = []string{
			fmt.Sprintf("the application of %s reads slower than %s sends", the(receiver), the(side)),
			fmt.Sprintf("the receive buffer of %s is smaller than bandwidth times round trip", the(receiver)),
		}
		f.Checks = c.windowChecks(receiver)[:1]
		f.Checks = append(f.Checks, "sysctl net.ipv4.tcp_rmem net.ipv4.tcp_moderate_rcvbuf")
		out = append(out, f)
	}
	return out
}
