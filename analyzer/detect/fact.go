package detect

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Fact is what one finished connection tells about its place among the others.
// It is plain values and holds on to nothing.
type Fact struct {
	Ends       [2]reassembly.Endpoint // by timeline.Side
	Start, End int64                  // nanoseconds since the Unix epoch
	FirstFrame int
	Probe      Probe             // what the first segment asks, by its flags
	Opener     timeline.Side     // who sent it
	Last       [2]tcpstate.State // by timeline.Side
	SYNs       int               // of the client, repetitions included
	Waited     time.Duration     // how long the capture went on after the last segment
	Answered   bool              // by a SYN,ACK
	Completed  bool              // the handshake was
	Refused    bool              // the first segment was answered by a reset
	Silent     bool              // the client sent nothing but SYNs
	OffersMore bool              // its SYN offers window scale and SACK, and no timestamps
	TakesMore  bool              // the SYN,ACK takes up the window scale
	ActiveTW   bool              // the client closed first and holds TIME_WAIT
	Gone       bool              // the client no longer has the connection, and the server does not know
	Asked      int64             // when the client first sent data that the server's kernel acknowledged; 0 for never
	Reply      int64             // when the server first sent data; 0 for never
	Cut        Cut
}

// Probe is the kind of an unsolicited first segment.
type Probe uint8

// The first segments that open or try something. An answer (SYN,ACK or RST) to
// what the capture does not hold is none of them: its sender asked for nothing.
const (
	NoProbe Probe = iota
	ProbeSYN
	ProbeFIN
	ProbeNull
	ProbeXmas
)

// String returns the name of the scan that uses such probes.
func (p Probe) String() string { return [...]string{"", "SYN", "FIN", "NULL", "Xmas"}[p] }

// Cut is how a connection ended after a quiet time.
type Cut struct {
	Kind  CutKind
	Side  timeline.Side // who ended it
	Quiet time.Duration
	Frame int
}

// CutKind says what came after a quiet time.
type CutKind uint8

// A connection may not have been cut at all, been closed or reset by an end, or
// been forgotten on the way.
const (
	NotCut CutKind = iota
	CutClosed
	CutDropped
)

// Fact returns what the connection tells that All was asked about last.
func (d *Detector) Fact() Fact {
	c := &d.c
	first := &c.Marks[0]
	f := Fact{
		Ends: c.Ends, Start: c.Start, End: c.End, FirstFrame: c.FirstFrame,
		Probe: probeOf(first), Opener: first.From,
		Last:      [2]tcpstate.State{c.Last(timeline.Client), c.Last(timeline.Server)},
		Waited:    time.Duration(c.Until - c.End),
		SYNs:      c.tally.syns[timeline.Client],
		Answered:  c.tally.synacks[timeline.Server] > 0,
		Completed: c.Handshake == timeline.HandshakeComplete || c.Handshake == timeline.HandshakeSimultaneous,
		Silent:    c.Counters[timeline.Client].Packets > 0 && c.tally.others[timeline.Client] == 0,
		ActiveTW:  c.ClosedBy == timeline.Client && c.passed(timeline.Client, tcpstate.TimeWait),
		Reply:     c.Counters[timeline.Server].DataTime,
	}
	f.Refused = c.tally.resets[first.From.Other()] > 0 && !f.Answered
	f.Gone = c.clientGone(&f)
	if c.Halves[timeline.Client].Acked > 1 {
		f.Asked = c.Counters[timeline.Client].DataTime
	}
	const more = reassembly.OptWindowScale | reassembly.OptSACKPermitted
	f.OffersMore = c.Opts[timeline.Client].Has&(more|reassembly.OptTimestamps) == more
	f.TakesMore = c.Opts[timeline.Server].Has&reassembly.OptWindowScale != 0
	f.Cut = c.cut(d.found)
	return f
}

// probeOf tells what the first segment of a connection asks.
func probeOf(m *timeline.Mark) Probe {
	const all = reassembly.SYN | reassembly.FIN | reassembly.RST | reassembly.PSH | reassembly.ACK | reassembly.URG
	switch m.Flags & all {
	case reassembly.SYN:
		return ProbeSYN
	case reassembly.FIN:
		return ProbeFIN
	case reassembly.FIN | reassembly.PSH | reassembly.URG:
		return ProbeXmas
	case 0:
		if m.ICMP == nil {
			return ProbeNull
		}
	}
	return NoProbe
}

// clientGone reports whether the server goes on with a connection that its client
// no longer has: the client is closed, or answers nothing.
func (c *Case) clientGone(f *Fact) bool {
	switch f.Last[timeline.Server] {
	case tcpstate.Established, tcpstate.CloseWait:
	default:
		return false
	}
	if f.Last[timeline.Client] == tcpstate.Closed {
		return true
	}
	if c.tally.again[timeline.Server] < 2 {
		return false
	}
	t := c.silentTail(timeline.Server)
	return t != nil && (t.repeats() > 1 || total(t.probes) > 1)
}

// cut returns how the connection ended after a quiet time.
func (c *Case) cut(found []Finding) Cut {
	r := &c.Resumed
	out := Cut{Side: r.From, Quiet: r.After, Frame: r.Frame}
	for i := range found {
		if found[i].Code == idleDrop.Code {
			out.Kind = CutDropped
			return out
		}
	}
	if m := c.mark(r.Frame); r.Frame > 0 && m != nil && m.Flags.Any(reassembly.FIN|reassembly.RST) && c.ClosedBy == r.From {
		out.Kind = CutClosed
	}
	return out
}
