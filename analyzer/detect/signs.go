package detect

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Signs are what occurs in a connection, told by one look at its marks, states and
// counters. A Rule names those without which it finds nothing and is not asked: of
// most connections only a few rules are.
type Signs uint64

const (
	sawNoAnswer Signs = 1 << iota // the SYN was not answered
	sawRefusal                    // it was refused
	sawBothOpen                   // the handshake was simultaneous
	sawNoneOpen                   // neither end was ever ESTABLISHED
	sawSYNAgain                   // more than one SYN of one side
	sawSYNACK
	sawSYNACKAgain   // more than one of one side
	sawStrangeSYNACK // one that does not answer the SYN before it
	sawLateSYN       // a SYN that is not the first segment
	sawOptions       // options not taken up, or a segment size that does not fit
	sawFastOpen      // its option, or data on a SYN of the client
	sawSelf          // both ends are one
	sawBefore        // an earlier connection of the same addresses and ports
	sawFIN
	sawFINAgain     // more than one of one side
	sawDataAfterFIN // data that acknowledges the FIN of the other side
	sawBeyondFIN    // data beyond its sender's own FIN
	sawClosing      // a side in CLOSING
	sawCloseWait    // a side that was left in CLOSE_WAIT
	sawOpen         // a side that still had the connection in the end
	sawClosed       // a side that was left in CLOSED
	sawGivenUp      // a side that a timer ended
	sawReset
	sawIgnoredReset
	sawIntruder // a reset that was ignored, or a late SYN
	sawICMP
	sawRepetition    // what had been sent before
	sawResetOrRepeat // sawReset or sawRepetition
	sawOutOfOrder
	sawKeepAlive
	sawZeroWindow
	sawFullWindow
	sawConflict  // the same bytes sent twice, and not the same
	sawOldStamp  // a time stamp older than one that had been echoed
	sawUnsentACK // an ACK of what nobody sent
	sawBadFlags
	sawMidStream  // no SYN in the capture
	sawOneSide    // an ACK of a side that was not captured
	sawUncaptured // an ACK of what was not captured
	sawCopies     // frames captured more than once
	sawDisorder   // frames out of the order of time, or an answer before its question
	sawCut        // headers cut short
	sawBig        // segments larger than agreed on
)

// tally counts the marks of each side by what they do, ICMP errors and strays left out.
type tally struct {
	syns, synacks, fins, resets, acks [2]int // ACKs outside resets
	others                            [2]int // all but SYNs
	again                             [2]int // segments of those that are keep-alives or repetitions
}

// look fills in the signs of c and its tally.
func (c *Case) look() {
	c.signs, c.tally = 0, tally{}
	c.lookAtMarks()
	c.lookAtStates()
	c.lookAtConn()
}

// see adds a sign when a condition holds.
func (c *Case) see(s Signs, is bool) {
	if is {
		c.signs |= s
	}
}

// noted are the signs that a remark on a mark gives.
var noted = [...]struct {
	note timeline.Note
	sign Signs
}{
	{timeline.Retransmission, sawRepetition | sawResetOrRepeat},
	{timeline.OutOfOrder, sawOutOfOrder},
	{timeline.KeepAlive, sawKeepAlive},
	{timeline.ZeroWindow, sawZeroWindow},
	{timeline.BeyondFIN, sawBeyondFIN},
	{timeline.AckUnsent, sawUnsentACK},
	{timeline.Unseen, sawUncaptured},
	{timeline.Reordered, sawDisorder},
}

func (c *Case) lookAtMarks() {
	const kinds = reassembly.SYN | reassembly.FIN | reassembly.RST | reassembly.ACK
	var notes timeline.Note
	var opening [2]*timeline.Mark // the last SYN of each side, with ACK or without
	var echoes [2]echo
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil {
			c.signs |= sawICMP
			continue
		}
		notes |= m.Notes
		c.tally.add(m)
		if m.Flags&kinds != reassembly.ACK {
			c.lookAtControl(i, &opening)
		}
		fin := c.Halves[m.From.Other()].FIN
		c.see(sawDataAfterFIN, m.Len > 0 && fin > 0 && m.LastAck >= fin)
		if m.HasTS {
			c.see(sawOldStamp, echoes[m.From.Other()].after(m.TSVal))
			echoes[m.From].add(m.TSEcr)
		}
	}
	for _, n := range noted {
		c.see(n.sign, notes&n.note != 0)
	}
}

// lookAtControl looks at the i-th mark, which is more than data and an ACK.
func (c *Case) lookAtControl(i int, opening *[2]*timeline.Mark) {
	m := &c.Marks[i]
	if m.Flags.Any(reassembly.SYN) {
		c.see(sawLateSYN|sawIntruder, i > 0 && !m.Flags.Any(reassembly.ACK|reassembly.RST|reassembly.FIN))
		asked := opening[m.From.Other()]
		c.see(sawStrangeSYNACK, m.Flags.Has(reassembly.ACK) && (asked == nil || m.Ack <= asked.Seq || m.Ack > asked.End))
		opening[m.From] = m
		c.see(sawFastOpen, m.From == timeline.Client && m.Len > 0)
	}
	if m.Flags.Any(reassembly.RST) {
		c.signs |= sawReset | sawResetOrRepeat
		c.see(sawIgnoredReset|sawIntruder, m.Fate == timeline.Ignored)
	}
	c.see(sawFIN, m.Flags.Any(reassembly.FIN))
	c.see(sawBadFlags, illegal(m.Flags) != "")
}

// echo is the latest time stamp that one side has echoed.
type echo struct {
	stamp uint32
	known bool
}

func (e *echo) add(stamp uint32) {
	if stamp != 0 && (!e.known || int32(stamp-e.stamp) > 0) {
		e.stamp, e.known = stamp, true
	}
}

func (e *echo) after(stamp uint32) bool { return e.known && int32(stamp-e.stamp) < 0 }

// add counts a mark.
func (t *tally) add(m *timeline.Mark) {
	if m.Notes&timeline.Stray != 0 {
		return
	}
	from := m.From
	switch {
	case m.Flags.Any(reassembly.RST):
		t.resets[from]++
	case m.Flags.Has(reassembly.SYN | reassembly.ACK):
		t.synacks[from]++
	case m.Flags.Any(reassembly.SYN):
		t.syns[from]++
	}
	if !m.Flags.Any(reassembly.RST) {
		if m.Flags.Any(reassembly.FIN) {
			t.fins[from]++
		}
		if m.Flags.Any(reassembly.ACK) {
			t.acks[from]++
		}
	}
	if !m.Flags.Any(reassembly.SYN) {
		t.others[from]++
	}
	if m.Notes&(timeline.Retransmission|timeline.KeepAlive) != 0 {
		t.again[from] += m.Count
	}
}

func (c *Case) lookAtStates() {
	opened := false
	for _, side := range sides {
		states := c.States[side]
		for i := range states {
			opened = opened || states[i].State == tcpstate.Established
			c.see(sawClosing, states[i].State == tcpstate.Closing)
		}
		last := c.Last(side)
		c.see(sawOpen, len(states) > 0 && !last.Over(true))
		c.see(sawCloseWait, last == tcpstate.CloseWait)
		c.see(sawClosed, last == tcpstate.Closed)
		c.see(sawGivenUp, c.gaveUp(side))
	}
	c.see(sawNoneOpen, !opened)
	c.see(sawMidStream, len(c.States[timeline.Client])+len(c.States[timeline.Server]) == 0 || c.foundOpen())
	c.see(sawNoAnswer, c.Handshake == timeline.HandshakeUnanswered)
	c.see(sawRefusal, c.Handshake == timeline.HandshakeRefused)
	c.see(sawBothOpen, c.Handshake == timeline.HandshakeSimultaneous)
}

func (c *Case) lookAtConn() {
	t := &c.tally
	for _, side := range sides {
		c.see(sawSYNAgain, t.syns[side] > 1)
		c.see(sawSYNACK, t.synacks[side] > 0)
		c.see(sawSYNACKAgain, t.synacks[side] > 1)
		c.see(sawFINAgain, t.fins[side] > 1)
		n, own, other := &c.Counters[side], &c.Halves[side], &c.Halves[side.Other()]
		c.see(sawCopies, n.Copies > 0)
		c.see(sawFullWindow, n.WindowFulls > 0)
		c.see(sawOneSide, !own.Sent && n.Packets == 0 && t.acks[side.Other()] > 0)
		c.see(sawUncaptured, !own.Synced && other.Synced && t.acks[side.Other()] > 0)
		c.see(sawOptions, c.Opts[side].Has&reassembly.OptMSS != 0 && c.Opts[side].MSS < smallestMSS)
	}
	first := &c.Marks[0]
	c.see(sawDisorder, c.Backward > 0 || first.Flags.Has(reassembly.SYN|reassembly.ACK))
	c.see(sawOptions, c.signs&sawICMP != 0)
	for _, o := range negotiable {
		c.see(sawOptions, c.Opts[timeline.Client].Has&^c.Opts[timeline.Server].Has&o.option != 0 && c.Handshake == timeline.HandshakeComplete)
	}
	limit := c.largest()
	c.see(sawBig, limit > 0 && c.Big > limit)
	c.see(sawFastOpen, c.Opts[timeline.Client].Has&reassembly.OptFastOpen != 0)
	c.see(sawSelf, c.Ends[timeline.Client] == c.Ends[timeline.Server])
	c.see(sawBefore, c.Before != nil)
	c.see(sawConflict, c.Conflict.Count > 0)
	c.see(sawCut, c.Cut > 0)
}
