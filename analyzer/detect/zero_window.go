package detect

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var zeroWindow = &Rule{
	Code:     "zero-window",
	Severity: Warning,
	Title:    "the receiver closed its window",
	Text: `The receiver announced a window of 0: its socket's buffer was full, because its application did not read as fast as data came. The sender
must stop, and probes from time to time whether there is room again; the probes' intervals grow. The network is not to blame, and neither is
the sender: the time was lost in the receiving application.`,
	Refs:     []string{"RFC 9293 §3.8.6", "RFC 9293 §3.8.6.1"},
	Swallows: []string{"window-full"},
	Needs:    sawZeroWindow,
	Check:    checkZeroWindow,
}

var zeroWindowStuck = &Rule{
	Code:     "zero-window-stuck",
	Severity: Error,
	Title:    "the receiver's window never opened again",
	Text: `The receiver's buffer filled up, its window went to 0 and stayed there: its application stopped reading for good, or its host went away.
As long as the probes are answered the sender goes on probing, for ever if need be; when answers cease it gives up after tcp_retries2, with
ETIMEDOUT and without a reset.`,
	Refs:     []string{"RFC 9293 §3.8.6.1"},
	Swallows: []string{"zero-window", "peer-unresponsive", "retransmission", "window-full"},
	Needs:    sawZeroWindow,
	Check:    checkZeroWindowStuck,
}

// shut is a time during which the window of a receiver was closed.
type shut struct {
	side   timeline.Side // the receiver
	first  *timeline.Mark
	open   *timeline.Mark   // what opened it again, nil for nothing
	probes []*timeline.Mark // of the sender
	end    int64            // when it opened, or the last that is known of it
}

// closedWindows returns the times during which the window of side was 0 and the
// other end still had something to send.
func (c *Case) closedWindows(side timeline.Side) []shut {
	var all []shut
	var cur *shut
	finished := false
	c.segments(func(_ int, m *timeline.Mark) {
		if m.Flags.Has(reassembly.RST) {
			return
		}
		if m.From != side {
			finished = finished || m.Flags.Has(reassembly.FIN) && c.Halves[side.Other()].FIN <= m.End
			if cur != nil && m.Notes&timeline.WindowProbe != 0 {
				cur.probes, cur.end = append(cur.probes, m), m.LastTime
			}
			return
		}
		switch zero := m.Notes&timeline.ZeroWindow != 0; {
		case cur == nil && zero && !finished:
			all = append(all, shut{side: side, first: m, end: m.LastTime})
			cur = &all[len(all)-1]
		case cur != nil && !zero && m.Window > 0:
			cur.open, cur.end = m, m.Time
			cur = nil
		case cur != nil:
			cur.end = m.LastTime
		}
	})
	return all
}

// shutLeast is for how long a window is closed before that counts as waiting,
// when no probe shows that the sender had something to send.
const shutLeast = 200 * time.Millisecond

func (s *shut) took() time.Duration { return time.Duration(s.end - s.first.Time) }

// matters reports whether the sender was held up.
func (s *shut) matters() bool { return len(s.probes) > 0 || s.open != nil && s.took() >= shutLeast }

func checkZeroWindow(c *Case) []Finding {
	var out []Finding
	for _, side := range sides {
		all := c.closedWindows(side)
		if len(all) == 0 {
			continue
		}
		out = append(out, describeShut(c, all))
	}
	return out
}

func describeShut(c *Case, all []shut) Finding {
	side := all[0].side
	worst, probes, whole := &all[0], 0, time.Duration(0)
	f := c.at(all[0].first, side)
	matters := false
	for i := range all {
		s := &all[i]
		f.Frames = append(f.Frames, s.first.Frame)
		if s.open != nil {
			f.Frames = append(f.Frames, s.open.Frame)
		}
		f.Frames = append(f.Frames, c.frameNumbers(s.probes)...)
		probes += total(s.probes)
		whole += s.took()
		matters = matters || s.matters()
		if s.took() > worst.took() {
			worst = s
		}
	}
	if !matters {
		f.Severity = NoteLevel
	}
	f.Summary = fmt.Sprintf("%s closed its window %s, for %s in all: its application did not read", upper(the(side)), times(len(all)), Span(whole))
	if whole == 0 {
		f.Summary = fmt.Sprintf("%s closed its window in frame %d, and nothing of it was captured after that", upper(the(side)), worst.first.Frame)
	}
	f.Explanation = fmt.Sprintf("%s announced a window of 0 in frame %d. %s had to wait and sent %s. %s The application that reads at %s was the slow one, not the network.",
		upper(the(side)), all[0].first.Frame, upper(the(side.Other())), count(probes, "window probe"), worst.text(), c.addr(side))
	f.Causes = []string{
		fmt.Sprintf("the application of %s was busy with something else, blocked, or reads slower than data comes", the(side)),
		fmt.Sprintf("the receive buffer of %s is small for what is sent at once (SO_RCVBUF, net.ipv4.tcp_rmem)", the(side)),
	}
	f.Checks = c.windowChecks(side)
	return f
}

func (s *shut) text() string {
	if s.open == nil {
		return "It was not seen to open again."
	}
	return fmt.Sprintf("The longest time was %s, until frame %d.", Span(s.took()), s.open.Frame)
}

func (c *Case) windowChecks(side timeline.Side) []string {
	return []string{
		fmt.Sprintf("ss -tnmi 'src %s and dst %s'   # on %s: a full Recv-Q is what the application has not read", c.addr(side), c.addr(side.Other()), c.host(side)),
		fmt.Sprintf("cat /proc/PID/stack; strace -p PID   # on %s: what does the application do instead of reading?", c.host(side)),
		"nstat -az TcpExtTCPToZeroWindowAdv TcpExtTCPWantZeroWindowAdv TcpExtTCPWinProbe; sysctl net.ipv4.tcp_rmem",
	}
}

// stuckLeast is for how long a window must have been closed when the capture
// ended to say that it does not open any more.
const stuckLeast = 60 * time.Second

func checkZeroWindowStuck(c *Case) []Finding {
	for _, side := range sides {
		all := c.closedWindows(side)
		if len(all) == 0 || all[len(all)-1].open != nil {
			continue
		}
		s := &all[len(all)-1]
		sender := side.Other()
		gone := c.Last(sender) == tcpstate.Closed && c.App[sender].Error != ""
		waited := time.Duration(c.Until - s.first.Time)
		t := c.silentTail(sender)
		deaf := t != nil && total(t.windows) >= dropProof
		if len(s.probes) == 0 || !gone && !deaf && waited < stuckLeast {
			continue
		}
		return []Finding{describeStuck(c, s, gone)}
	}
	return nil
}

func describeStuck(c *Case, s *shut, gone bool) Finding {
	sender := s.side.Other()
	f := c.at(s.first, s.side, append([]int{s.first.Frame}, c.frameNumbers(s.probes)...)...)
	f.Summary = fmt.Sprintf("%s closed its window in frame %d and never opened it again: %s", c.addr(s.side), s.first.Frame, count(total(s.probes), "window probe"))
	ending := fmt.Sprintf("%s was still waiting in %s %s, %s later.", upper(the(sender)), c.Last(sender), c.ending(), Span(time.Duration(c.Until-s.first.Time)))
	if gone {
		ending = fmt.Sprintf("%s gave up; its application got %s.", upper(the(sender)), c.App[sender].Error)
	}
	f.Explanation = fmt.Sprintf("The receive buffer of %s was full in frame %d. %s probed it %s (%s). %s %s",
		the(s.side), s.first.Frame, upper(the(sender)), times(total(s.probes)), frames(c.frameNumbers(s.probes)), s.answered(c), ending)
	f.Causes = []string{fmt.Sprintf("the application of %s has stopped reading: deadlocked, stopped, or it forgot the connection", the(s.side))}
	if t := c.silentTail(sender); t != nil && len(t.windows) > 0 {
		f.Causes = append(f.Causes, fmt.Sprintf("%s went away while its window was closed", c.host(s.side)))
		if len(t.windows) > 1 {
			slices.Reverse(f.Causes)
		}
	}
	f.Checks = append(c.windowChecks(s.side)[:2], c.reachChecks(sender)[:1]...)
	return f
}

// answered says whether the probes were answered to the end.
func (s *shut) answered(c *Case) string {
	if t := c.silentTail(s.side.Other()); t != nil && len(t.windows) > 0 {
		return fmt.Sprintf("The last %s got no answer: its kernel may be gone as well.", count(total(t.windows), "probe"))
	}
	return "Its kernel answered each with a window of 0: the host is well, the application does not read."
}
