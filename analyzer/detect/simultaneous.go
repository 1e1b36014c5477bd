package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// What both ends do at once: opening, closing, and being one and the same.

var simultaneousOpen = &Rule{
	Code:     "simultaneous-open",
	Severity: NoteLevel,
	Title:    "both SYNs crossed, and one connection resulted",
	Text: `Each end sent a SYN before it had received the other's. Both went from SYN_SENT to SYN_RCVD, answered with SYN,ACK, and one connection
resulted, without a listener on either side. It is rare and sound: peers that punch holes through address translations do it on purpose. A
peer that answers a SYN with a bare SYN of its own (a split handshake) leads the client through the same states.`,
	Refs:    []string{"RFC 9293 §3.5, figure 7"},
	Certain: true,
	Needs:   sawBothOpen,
	Check:   checkSimultaneousOpen,
}

func checkSimultaneousOpen(c *Case) []Finding {
	if c.Handshake != timeline.HandshakeSimultaneous {
		return nil
	}
	f := Finding{Endpoint: timeline.Nobody, Time: c.Start}
	for _, side := range sides {
		for _, m := range c.sent(side, reassembly.SYN, reassembly.RST) {
			f.Frames = append(f.Frames, m.Frame)
		}
	}
	f.Summary = fmt.Sprintf("%s and %s connected to each other at the same time", c.addr(timeline.Client), c.addr(timeline.Server))
	f.Explanation = "Neither SYN acknowledges the other. Both ends went SYN_SENT, SYN_RCVD, ESTABLISHED, and both connect() calls returned; there was no accept()."
	f.Causes = []string{
		"both programs bind a fixed port and connect to each other: hole punching, or a cluster whose members do so",
		"the other end answers a SYN with a bare SYN: a split handshake, of an old gateway or a test tool",
	}
	f.Checks = []string{c.socketOf(timeline.Client), c.socketOf(timeline.Server)}
	return []Finding{f}
}

var selfConnect = &Rule{
	Code:     "self-connect",
	Severity: Warning,
	Title:    "both ends are the same address and port",
	Text: `A program connected to a port of its own host in the range of ephemeral ports, nothing listened there, and the kernel happened to choose
that very port as the source. The SYN then meets its own socket: a simultaneous open with oneself. connect() succeeds, everything that is
sent is read back, and the real server can no longer bind its port. A program that retries in a loop until its server is up runs into this sooner or later.`,
	Refs:     []string{"RFC 9293 §3.5", "RFC 6056 §3.1"},
	Certain:  true,
	Swallows: []string{"simultaneous-open", "simultaneous-close"},
	Needs:    sawSelf,
	Check:    checkSelfConnect,
}

func checkSelfConnect(c *Case) []Finding {
	if c.Ends[timeline.Client] != c.Ends[timeline.Server] {
		return nil
	}
	f := c.at(&c.Marks[0], timeline.Client, c.Marks[0].Frame)
	f.Summary = fmt.Sprintf("%s is connected to itself", c.addr(timeline.Client))
	f.Explanation = fmt.Sprintf("Source and destination of the connection are both %s: one socket, shown as client and server. %s",
		c.addr(timeline.Client), selfText(c))
	f.Causes = []string{
		fmt.Sprintf("a client retries its connection to local port %d while nothing listens there, and the kernel chose that port for it", c.port(timeline.Client)),
		"a crafted packet with equal source and destination, when it came from the network",
	}
	f.Checks = []string{
		fmt.Sprintf("ss -tanp 'sport = :%d and dport = :%d'; sysctl net.ipv4.ip_local_port_range   # on %s", c.port(timeline.Client), c.port(timeline.Client), c.host(timeline.Client)),
		fmt.Sprintf("sysctl -w net.ipv4.ip_local_reserved_ports=%d   # on %s: keeps the port for its server", c.port(timeline.Client), c.host(timeline.Client)),
	}
	return []Finding{f}
}

func selfText(c *Case) string {
	if c.passed(timeline.Client, tcpstate.Established) {
		return "Its SYN met itself, a simultaneous open: connect() returned, and what the program sends it reads back."
	}
	return "No connection resulted in this capture."
}

var simultaneousClose = &Rule{
	Code:     "simultaneous-close",
	Severity: NoteLevel,
	Title:    "the FINs crossed",
	Text: `Both ends sent FIN before the other's had arrived. Both went through CLOSING, and both end in TIME_WAIT, so that both ports are held for
its length. Sound, and harmless: two applications closed within one round trip.`,
	Refs:    []string{"RFC 9293 §3.6, figure 13"},
	Certain: true,
	Needs:   sawClosing,
	Check:   checkSimultaneousClose,
}

func checkSimultaneousClose(c *Case) []Finding {
	crossed := 0
	for _, side := range sides {
		if c.passed(side, tcpstate.Closing) {
			crossed++
		}
	}
	if crossed == 0 {
		return nil
	}
	var fins [2]*timeline.Mark
	for _, side := range sides {
		sent := c.sent(side, reassembly.FIN, reassembly.RST)
		if len(sent) == 0 {
			return nil
		}
		fins[side] = sent[0]
	}
	first, second := fins[timeline.Client], fins[timeline.Server]
	if second.Frame < first.Frame {
		first, second = second, first
	}
	f := c.at(first, timeline.Nobody, first.Frame, second.Frame)
	f.Summary = fmt.Sprintf("both ends closed at the same time: the FINs in frames %d and %d crossed, %s apart", first.Frame, second.Frame, since(first.Time, second.Time))
	went := "Both ends went FIN_WAIT_1, CLOSING, TIME_WAIT, and both applications read end-of-file."
	if crossed == 1 {
		went = "One of the two was lost or late, so one end only went through CLOSING; the other had its own acknowledged first and went through FIN_WAIT_2."
	}
	f.Explanation = fmt.Sprintf("The FIN of %s in frame %d does not acknowledge that of %s in frame %d: it was sent before that had arrived. %s",
		the(second.From), second.Frame, the(first.From), first.Frame, went)
	f.Causes = []string{"both applications close at the end of an exchange, or at the same time limit"}
	f.Checks = []string{fmt.Sprintf("ss -tano state time-wait '( sport = :%d or dport = :%d )'   # on both hosts", c.port(timeline.Server), c.port(timeline.Server))}
	return []Finding{f}
}
