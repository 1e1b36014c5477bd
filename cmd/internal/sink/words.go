package sink

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// noteWords gives each note its code in NDJSON, which is the code of a finding
// where there is one, and its words for people. A note without words is told by
// something else on the line.
var noteWords = [...]struct {
	note        timeline.Note
	code, words string
}{
	{timeline.Retransmission, "retransmission", "again"},
	{timeline.OutOfOrder, "out-of-order", "out of order"},
	{timeline.KeepAlive, "keepalive", "keep-alive"},
	{timeline.KeepAliveAck, "keepalive-ack", "probe answered"},
	{timeline.WindowProbe, "window-probe", "window probe"},
	{timeline.ZeroWindow, "zero-window", "window closed"},
	{timeline.WindowUpdate, "window-update", "window open"},
	{timeline.DuplicateAck, "duplicate-ack", "duplicate ACK"},
	{timeline.ChallengeAck, "challenge-ack", "challenge ACK"},
	{timeline.BeyondFIN, "data-after-fin", "data after its own FIN"},
	{timeline.AckUnsent, "ack-invalid", "acknowledges bytes never sent"},
	{timeline.Unseen, "capture-loss", "acknowledges bytes not captured"},
	{timeline.FastOpen, "fast-open", "Fast Open data"},
	{timeline.Reordered, "reordered-capture", "captured too early"},
	{timeline.Stray, "stray", "belongs to no connection"},
	{timeline.OutOfReach, "out-of-window", "outside the window"},
	{timeline.Copy, "copy", "captured before"},
	{timeline.Void, "unacceptable", "dropped by its receiver"},
}

// fateCode is the code of a fate worth telling, or "".
func fateCode(f timeline.Fate) string {
	switch f {
	case timeline.Lost:
		return "lost"
	case timeline.Ignored:
		return "ignored"
	}
	return ""
}

// icmpName names an error as RFC 792, RFC 1812 and RFC 4443 do.
func icmpName(n *timeline.ICMPNote) string {
	names, version := icmp4Names, "ICMP"
	if n.V6 {
		names, version = icmp6Names, "ICMPv6"
	}
	if name, ok := names[[2]uint8{n.Type, n.Code}]; ok {
		return version + " " + name
	}
	return fmt.Sprintf("%s type %d code %d", version, n.Type, n.Code)
}

var icmp4Names = map[[2]uint8]string{
	{3, 0}:  "network unreachable",
	{3, 1}:  "host unreachable",
	{3, 2}:  "protocol unreachable",
	{3, 3}:  "port unreachable",
	{3, 4}:  "fragmentation needed",
	{3, 5}:  "source route failed",
	{3, 6}:  "network unknown",
	{3, 7}:  "host unknown",
	{3, 9}:  "network prohibited",
	{3, 10}: "host prohibited",
	{3, 13}: "administratively prohibited",
	{4, 0}:  "source quench",
	{11, 0}: "TTL exceeded",
	{11, 1}: "reassembly time exceeded",
	{12, 0}: "parameter problem",
}

var icmp6Names = map[[2]uint8]string{
	{1, 0}: "no route",
	{1, 1}: "administratively prohibited",
	{1, 2}: "beyond scope of source address",
	{1, 3}: "address unreachable",
	{1, 4}: "port unreachable",
	{1, 5}: "source address failed policy",
	{1, 6}: "reject route",
	{2, 0}: "packet too big",
	{3, 0}: "hop limit exceeded",
	{3, 1}: "reassembly time exceeded",
	{4, 0}: "parameter problem",
}

// router is who sent an ICMP error.
func router(n *timeline.ICMPNote) string { return netip.AddrFrom16(n.Router).Unmap().String() }

// outcome is how a connection began and ended: what totals are counted by.
type outcome struct {
	handshake timeline.Handshake
	teardown  timeline.Teardown
}

// String says it in words, the beginning only when nothing was ever open.
func (o outcome) String() string {
	switch o.handshake {
	case timeline.HandshakeRefused:
		return "refused"
	case timeline.HandshakeUnanswered:
		if o.teardown == timeline.TeardownTimeout {
			return "unanswered, given up"
		}
		return "unanswered"
	case timeline.HandshakeUnreachable:
		return "unreachable"
	}
	begin := [...]string{
		timeline.HandshakeIncomplete:   "handshake incomplete",
		timeline.HandshakeComplete:     "opened",
		timeline.HandshakeSimultaneous: "opened by both at once",
		timeline.HandshakeNotCaptured:  "open before the capture",
	}
	end := [...]string{
		timeline.TeardownNone:         "not closed in the capture",
		timeline.TeardownFIN:          "closed by FIN",
		timeline.TeardownSimultaneous: "closed by both at once",
		timeline.TeardownHalfClosed:   "half closed",
		timeline.TeardownReset:        "reset",
		timeline.TeardownTimeout:      "timed out",
	}
	return begin[o.handshake] + ", " + end[o.teardown]
}

// sign marks a severity without colour.
func sign(s detect.Severity) string {
	return [...]string{detect.Capture: "-", detect.NoteLevel: "-", detect.Warning: "!", detect.Error: "!!"}[s]
}

// severityStyle is the colour that goes with sign.
func severityStyle(s detect.Severity) Style {
	return [...]Style{detect.Capture: Dim, detect.NoteLevel: Dim, detect.Warning: Warn, detect.Error: Bad}[s]
}

// What the signs of a ladder mean.
const (
	presumedWords = "is presumed: nothing in the capture proves it, nothing contradicts it."
	lostWords     = "lost: it was captured, but never arrived."
)

// basisWords says how a step is known; nothing of a state that an end still has.
func basisWords(t *timeline.Transition) string {
	switch {
	case t == nil:
		return ""
	case t.Basis == timeline.Confirmed:
		return fmt.Sprintf("confirmed by %d", t.ConfirmedBy)
	case t.Basis == timeline.Inferred:
		return "presumed"
	}
	return t.Basis.String()
}

// sawWords tells what the application of one side saw, in calls and their results.
// One that may have called close() before sees no error any more.
func sawWords(c *analyzer.Connection, side timeline.Side) string {
	a := &c.App[side]
	var text string
	switch {
	case a.Connect == "ok":
		text = "connect() succeeded"
	case a.Connect == "pending":
		text = "connect() still waiting"
	case a.Connect != "":
		return "connect() failed: " + a.Connect
	case side == timeline.Server && a.Accept:
		text = "accept() succeeded"
	case side == timeline.Server:
		text = "accept() had nothing to return"
	default:
		text = "open before the capture"
	}
	if a.EOF {
		text += ", then end-of-file"
	}
	closed := slices.ContainsFunc(c.States[side], func(t timeline.Transition) bool {
		return t.State == tcpstate.FinWait1 || t.State == tcpstate.LastAck
	})
	switch {
	case a.Error == "":
	case closed:
		text += ", then, if it still reads, " + a.Error
	case a.Error == "ECONNRESET":
		text += ", then recv() gave ECONNRESET; send() gives EPIPE"
	case a.Error == "EPIPE":
		text += ", then send() gave EPIPE, SIGPIPE"
	default:
		text += ", then " + a.Error
	}
	return text
}

// doubtWords tells the two histories that a capture allows, and what would tell
// them apart.
func doubtWords(d *timeline.Doubt) string {
	return fmt.Sprintf("Two histories: the %s is in %s, which is likelier, or %s. To tell them apart: %s.", d.Side, d.State, d.Or, d.Tells)
}
