package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Data that meets an end which has closed: sent in full knowledge of the FIN, or
// crossing the FIN of a server that had waited long enough; and data behind a FIN.

var dataAfterFIN = &Rule{
	Code:     "data-after-fin",
	Severity: Error,
	Title:    "new data beyond the sender's own FIN",
	Text: `An endpoint sent FIN, which says that its data ends there, and then sent data with higher sequence numbers. No TCP does so. Either the FIN or
the data is not the endpoint's own (forged, or written by a middlebox that splices connections), or its TCP is broken. A receiver that has
taken the FIN drops the data.`,
	Refs:     []string{"RFC 9293 §3.6", "RFC 9293 §3.10.7.4"},
	Certain:  true,
	Swallows: []string{"close-wait-stuck", "half-closed", "rst-after-fin", "half-open-peer-gone", "keepalive"},
	Needs:    sawBeyondFIN,
	Check:    checkDataAfterFIN,
}

func checkDataAfterFIN(c *Case) []Finding {
	for _, side := range sides {
		fins := c.sent(side, reassembly.FIN, reassembly.RST)
		if len(fins) == 0 {
			continue
		}
		f := c.at(fins[0], side, fins[0].Frame)
		var n int64
		for _, m := range c.sent(side, 0, reassembly.RST) {
			if m.Notes&timeline.BeyondFIN != 0 && m.Frame > fins[0].Frame {
				f.Frames = append(f.Frames, m.Frame)
				n += m.Len
			}
		}
		if n > 0 {
			return []Finding{describeDataAfterFIN(c, side, fins[0], f, n)}
		}
	}
	return nil
}

func describeDataAfterFIN(c *Case, side timeline.Side, fin *timeline.Mark, f Finding, n int64) Finding {
	f.Summary = fmt.Sprintf("%s sent %s beyond its own FIN (frame %d)", c.addr(side), bytes(n), fin.Frame)
	fate := "Once it takes the FIN its application reads end-of-file there, and what lies beyond is dropped."
	if c.Halves[side].FIN != fin.End {
		fate = "The FIN still waited for data before it; that data goes on over its number, and Linux drops the FIN."
	}
	f.Explanation = fmt.Sprintf("The FIN in frame %d ends the data of %s at sequence number %d, and %s hold data beyond it. %s was in %s when the first of them came. %s",
		fin.Frame, the(side), fin.End-1, frames(f.Frames[1:]), upper(the(side.Other())), c.before(side.Other(), f.Frames[1]), fate)
	f.Causes = []string{
		"the FIN is not the sender's: forged, or put in by a middlebox; compare TTL and IP identification of the frames",
		"a middlebox that splices two connections and keeps the wrong numbers",
		"a broken TCP, or a crafted test",
	}
	f.Checks = []string{
		fmt.Sprintf("tcpdump -vnni any 'src host %s and tcp port %d'   # on %s: does it send both?", c.host(side), c.port(side), c.host(side)),
		"tshark -r CAPTURE -Y 'tcp.flags.fin==1 || tcp.len>0' -T fields -e frame.number -e ip.ttl -e ip.id -e tcp.seq -e tcp.len",
	}
	return f
}

var dataAfterClose = &Rule{
	Code:     "data-after-close",
	Severity: Error,
	Title:    "data for a socket that was closed, and had said so",
	Text: `One end closed and its FIN was known to the other, which went on sending. A FIN alone does not forbid that: the closer may have shut down its
sending side only. But it had called close(): nobody is left to read, and its kernel answers the data with a reset. On Linux the writer's next
write fails with EPIPE and raises SIGPIPE; the first one had succeeded, and its data is lost. Whoever reads end-of-file before writing again
is spared this.`,
	Refs:     []string{"RFC 9293 §3.6", "RFC 1122 §4.2.2.13"},
	Certain:  true,
	Swallows: []string{"rst-after-fin", "abortive-close"},
	Needs:    sawReset | sawFIN,
	Check:    checkDataAfterClose,
}

func checkDataAfterClose(c *Case) []Finding {
	fin, data, rst := c.refusedData()
	if rst == nil || c.before(data.From, data.LastFrame) != tcpstate.CloseWait || !c.knewOf(fin, data) || c.resetBefore(data) {
		return nil
	}
	closer, writer := rst.From, data.From
	f := c.at(data, closer, fin.Frame, data.LastFrame, rst.Frame)
	f.Time = data.LastTime
	f.Summary = fmt.Sprintf("%s sent %s to %s, which had closed %s before: answered by a reset", c.addr(writer), amount(data), c.addr(closer), since(fin.Time, data.LastTime))
	f.Explanation = fmt.Sprintf("%s closed with the FIN in frame %d. %s had it and was in CLOSE_WAIT when it sent frame %d; no socket was left to take that, "+
		"and the reset in frame %d says so. %s%s", upper(the(closer)), fin.Frame, upper(the(writer)), data.LastFrame, rst.Frame, c.lossText(rst), c.errorSeen(writer))
	f.Causes = []string{
		fmt.Sprintf("the application of %s writes without looking for end-of-file first: a kept-alive connection taken from a pool, a stream it only writes to", the(writer)),
		fmt.Sprintf("the application of %s closed, or ended, while more was to come", the(closer)),
		fmt.Sprintf("%s had only shut down its sending side, and its FIN_WAIT_2 was ended since", the(closer)),
	}
	f.Checks = []string{
		fmt.Sprintf("strace -f -e trace=read,recvfrom,write,sendto -p PID   # on %s: a read of 0 before the failing write?", c.host(writer)),
		fmt.Sprintf("nstat -az TcpExtTCPAbortOnData TcpExtTCPAbortOnClose   # on %s", c.host(closer)),
		fmt.Sprintf("ss -tanp state close-wait dst %s   # on %s", c.host(closer), c.host(writer)),
	}
	return []Finding{f}
}

// resetBefore reports whether a reset in the name of the sender of m had closed the
// other end before: that, and no close(), is why m met no socket.
func (c *Case) resetBefore(m *timeline.Mark) bool {
	tr := c.transition(m.From.Other(), tcpstate.Closed)
	if tr == nil || tr.Frame == 0 || tr.Frame >= m.Frame {
		return false
	}
	by := c.mark(tr.Frame)
	return by != nil && by.From == m.From && by.Flags.Has(reassembly.RST)
}

// amount says how much data m holds; what a run of segments holds was not all refused.
func amount(m *timeline.Mark) string {
	if m.Count > 1 {
		return "data"
	}
	return bytes(m.Len)
}

// refusedData returns a FIN, the data that the other side sent to its sender, and
// the reset with which that refused the data; nil when there is no such thing.
func (c *Case) refusedData() (fin, data, rst *timeline.Mark) {
	for _, closer := range sides {
		fins := c.sent(closer, reassembly.FIN, reassembly.RST)
		if len(fins) == 0 {
			continue
		}
		for _, r := range c.resets(closer) {
			if m := c.answeredBy(r); m != nil && m.Len > 0 && r.Fate != timeline.Ignored && fins[0].Frame < r.Frame && c.Ended(r) {
				return fins[0], m, r
			}
		}
	}
	return nil, nil, nil
}

// knewOf reports whether the sender of data had acknowledged fin, with it or before.
func (c *Case) knewOf(fin, data *timeline.Mark) bool {
	return data.LastAck >= fin.End || c.captured(data.From, fin.Frame, data.LastFrame, 0, fin.End) != nil
}

var idleCloseRace = &Rule{
	Code:     "idle-close-race",
	Severity: Error,
	Title:    "the server closed an idle connection just as the next request came",
	Text: `A connection was kept alive between requests. The server's idle limit ended and it closed; at that moment the client sent its next request,
before the FIN had reached it. The server's socket was gone, and the request was answered with a reset. The client did nothing wrong, and
cannot know whether the request was carried out: a proxy makes it the sporadic "502 Bad Gateway". The cure is a client, or proxy, whose
idle limit is shorter than the server's.`,
	Refs:     []string{"RFC 9293 §3.6", "RFC 9112 §9.5"},
	Certain:  true,
	Swallows: []string{"rst-after-fin", "data-after-close", "abortive-close"},
	Needs:    sawReset | sawFIN,
	Check:    checkIdleCloseRace,
}

func checkIdleCloseRace(c *Case) []Finding {
	fin, data, rst := c.refusedData()
	if rst == nil || fin.From != timeline.Server || c.knewOf(fin, data) {
		return nil
	}
	// Whichever of the two was captured first ended the silence.
	idle, woke := c.Resumed.After, c.Resumed.Frame
	if woke != fin.Frame && (woke < data.Frame || woke > data.LastFrame) || !c.exchanged(woke) {
		return nil
	}
	f := c.at(fin, timeline.Server, fin.Frame, data.LastFrame, rst.Frame)
	f.Summary = fmt.Sprintf("%s closed after %s of silence just as %s sent its next request: answered by a reset", c.addr(timeline.Server), Span(idle), c.addr(timeline.Client))
	f.Explanation = fmt.Sprintf("The connection had been kept open after an exchange and was silent for %s. The server's FIN (frame %d) and the client's request (frame %d) "+
		"crossed, %s apart: the request does not acknowledge the FIN. The server's socket was closed, and the reset in frame %d answered the request. %s "+
		"The idle limit of the server is about %s.", Span(idle), fin.Frame, data.LastFrame, Span(time.Duration(max(data.LastTime-fin.Time, fin.Time-data.LastTime))),
		rst.Frame, c.errorSeen(timeline.Client), Span(idle))
	f.Causes = []string{
		fmt.Sprintf("the server's keep-alive limit, about %s, is not longer than the time for which the client keeps idle connections in its pool", Span(idle)),
		"the server was stopped or reloaded at that moment",
	}
	f.Checks = []string{
		fmt.Sprintf("set the idle limit of the client or proxy below %s, or that of the server above the client's", Span(idle)),
		"let the client repeat an idempotent request once on a new connection",
		fmt.Sprintf("tcpdump -nni any 'tcp port %d and tcp[tcpflags] & (tcp-fin|tcp-rst) != 0'   # on %s", c.port(timeline.Server), c.host(timeline.Server)),
	}
	return []Finding{f}
}

// exchanged reports whether both sides had sent data before a frame: the
// connection was kept for another request.
func (c *Case) exchanged(frame int) bool {
	var spoke [2]bool
	c.segments(func(_ int, m *timeline.Mark) {
		if m.Frame < frame && m.Len > 0 && m.Notes&timeline.KeepAlive == 0 {
			spoke[m.From] = true
		}
	})
	return spoke[timeline.Client] && spoke[timeline.Server]
}
