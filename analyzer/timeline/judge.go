package timeline

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// maxUnseen is how far an acknowledgment may run ahead of what was captured and
// still be taken for a hole in the capture; beyond it acknowledges nothing that
// was ever sent.
const maxUnseen = 1 << 28

// reorderWindow is how late a segment may fill a hole and still count as
// overtaken on the way rather than sent again.
const reorderWindow = int64(3 * time.Millisecond)

// judge recognises what m is, moves both halves on, and reports whether m must
// stand alone in the history. Plain data and its acknowledgments need not.
func (c *Conn) judge(m *Mark) (noteworthy bool) {
	own, peer := &c.Halves[m.From], &c.Halves[m.From.Other()]
	st := &c.side[m.From]
	m.Notes |= c.acceptability(m)
	c.contradicts(m)
	if m.Notes&Void != 0 {
		return true
	}
	noteworthy = !c.plain || m.control() != 0 || !m.has(reassembly.ACK) || c.reset
	if c.probe(m) {
		noteworthy = true
	} else if !m.has(reassembly.RST) {
		noteworthy = c.place(m, own) || noteworthy
	}
	if m.has(reassembly.ACK) && (!c.dropped(m) || m.has(reassembly.RST)) {
		noteworthy = c.acknowledge(m, peer, st) || noteworthy
	}
	noteworthy = c.windows(m, st) || noteworthy
	c.awaitFIN(m)
	c.fills(m)
	st.stamp(m)
	st.echo.take(m)
	st.opensWindow(m)
	st.probing = m.Notes&(KeepAlive|WindowProbe) != 0
	c.reset = c.reset || m.has(reassembly.RST)
	c.plain = c.open() && !m.has(reassembly.SYN) // what answers a SYN stands alone
	return noteworthy
}

// open reports whether data flows: both directions are anchored and at least
// one acknowledgment of each was captured, or one side is not captured at all.
func (c *Conn) open() bool {
	cl, sv := &c.Halves[Client], &c.Halves[Server]
	return !c.reset && (cl.Acked > 0 || !sv.Sent) && (sv.Acked > 0 || !cl.Sent)
}

// probe recognises keep-alives and zero-window probes: at most one byte just
// below what was sent last, with nothing outstanding (RFC 9293 §3.8.4, §3.8.6.1).
// Linux sends the same segment for both; the peer's last window tells them apart.
func (c *Conn) probe(m *Mark) bool {
	own := &c.Halves[m.From]
	if m.control() != 0 || !m.has(reassembly.ACK) || m.Len > 1 || !own.Sent {
		return false
	}
	peer := &c.side[m.From.Other()]
	closed := peer.ackSeen && peer.window == 0
	switch {
	case m.Seq == own.Next-1 && own.Acked == own.Next && !closed:
		m.Notes |= KeepAlive
	case closed && m.Seq == own.Acked-1, closed && m.Len == 1 && m.Seq == own.Acked:
		m.Notes |= WindowProbe
	default:
		return false
	}
	return true
}

// place takes in the sequence numbers of m.
func (c *Conn) place(m *Mark, own *reassembly.Half) (noteworthy bool) {
	end := m.End
	if own.FIN > 0 && m.Len > 0 && end > own.FIN {
		m.Notes |= BeyondFIN
		if m.Seq >= own.FIN || c.finReady[m.From].frame > 0 {
			return true
		}
		own.FIN = 0 // it waits behind a hole, and data that fills its place makes it void, too
	}
	if m.has(reassembly.SYN) && m.Seq != 0 {
		m.Notes |= Stray // of another incarnation, or forged: its numbers mean nothing here
		return true
	}
	if m.has(reassembly.FIN) && own.FIN == 0 {
		if own.Sent && end <= own.Next && !own.MayEnd(end) {
			m.Notes |= Stray // its number had been a byte's
			return true
		}
		own.FIN = end
	}
	next, lastTime := own.Next, c.lastSent(m.From)
	switch own.Add(m.Seq, end) {
	case reassembly.Repeated:
		if !m.isSYNACK() || c.side[m.From].synack {
			m.Notes |= Retransmission
		}
	case reassembly.Belated:
		c.belated(m)
	case reassembly.Filling:
		if m.Seq >= own.Acked && m.End <= next && c.overtaken(m, lastTime) {
			m.Notes |= OutOfOrder
		} else {
			m.Notes |= Retransmission
		}
	case reassembly.Empty:
		if m.Seq != own.Next {
			m.Notes |= OutOfReach
		}
	}
	c.side[m.From].synack = c.side[m.From].synack || m.isSYNACK()
	return m.Notes != 0
}

// swapWindow is how long after the acknowledgment of it a segment may come in the
// capture and still be one that the capture has put in the wrong order.
const swapWindow = int64(10 * time.Millisecond)

// belated recognises a segment that was acknowledged before it was captured: the
// capture has swapped the two, or missed the first copy of it.
func (c *Conn) belated(m *Mark) {
	marks := c.history.marks
	for i := len(marks) - 1; i >= max(0, len(marks)-8); i-- {
		ack := &marks[i]
		if ack.From != m.From && ack.Notes&Unseen != 0 && ack.LastAck >= m.End && m.Time-ack.Time <= swapWindow {
			ack.Notes = ack.Notes&^Unseen | Reordered
			m.Notes |= Reordered
			return
		}
	}
	m.Notes |= Retransmission
}

// closeIDs is how far an IP identification may lie below the last one and still
// be taken for a number of the same counter.
const closeIDs = 1024

// overtaken reports whether m, which fills a hole, was sent before what was
// captured ahead of it. Its timestamp or its IP identification tells, where its
// sender counts them up; otherwise how late it came.
func (c *Conn) overtaken(m *Mark, lastTime int64) bool {
	st := &c.side[m.From]
	if m.HasTS && st.stamped && m.TSVal != st.tsval {
		return int32(m.TSVal-st.tsval) < 0
	}
	if m.HasIPID && m.IPID != 0 && st.id != 0 {
		if below := int16(st.id - m.IPID); below > -closeIDs && below < closeIDs {
			return below > 0
		}
	}
	return m.Time-lastTime <= reorderWindow
}

// stamp keeps the newest timestamp and IP identification of a direction.
func (st *sideState) stamp(m *Mark) {
	if m.HasTS && (!st.stamped || int32(m.TSVal-st.tsval) > 0) {
		st.tsval, st.stamped = m.TSVal, true
	}
	if m.HasIPID && m.IPID != 0 && (m.Notes&OutOfOrder == 0) {
		st.id = m.IPID
	}
}

// fills counts data that ends exactly at the edge of the receiver's window.
func (c *Conn) fills(m *Mark) {
	peer := &c.side[m.From.Other()]
	if m.Len == 0 || !peer.ackSeen || !peer.scaled || peer.window == 0 || m.End != peer.lastAck+peer.window {
		return
	}
	n := &c.Counters[m.From]
	if n.WindowFulls++; n.WindowFulls == 1 {
		n.FullFrame = m.Frame
	}
}

// lastSent returns the time of the last mark of side, 0 when there is none.
func (c *Conn) lastSent(side Side) int64 {
	marks := c.history.marks
	for i := len(marks) - 1; i >= 0 && i >= len(marks)-4; i-- {
		if marks[i].From == side && marks[i].ICMP == nil {
			return marks[i].LastTime
		}
	}
	return 0
}

// acknowledge takes in the acknowledgment number of m. It stands alone when it
// covers a SYN or a FIN for the first time, or what the capture missed.
func (c *Conn) acknowledge(m *Mark, peer *reassembly.Half, st *sideState) (noteworthy bool) {
	before, next := peer.Acked, peer.Next
	switch {
	case m.Ack > peer.Next+maxUnseen || m.Ack > peer.Next && m.Flags.Any(reassembly.RST|reassembly.SYN):
		m.Notes |= AckUnsent
		return true
	case peer.Acknowledge(m.Ack):
		m.Notes |= Unseen
		noteworthy = true
		c.leaps(m, next, before)
	case m.Ack == st.lastAck && st.ackSeen && m.Len == 0 && m.control() == 0 && m.Notes == 0:
		c.repeatedAck(m, peer, st)
	}
	st.lastAck, st.ackSeen = m.Ack, true
	first := func(number int64) bool { return number > 0 && before < number && m.Ack >= number }
	return noteworthy || first(1) || first(peer.FIN) || first(peer.Missed)
}

// repeatedAck tells a duplicate ACK from a window update and from the answer to a probe.
func (c *Conn) repeatedAck(m *Mark, peer *reassembly.Half, st *sideState) {
	switch {
	case c.side[m.From.Other()].probing:
		m.Notes |= KeepAliveAck
	case m.Window != st.window:
		m.Notes |= WindowUpdate
	case m.Ack < peer.Next:
		m.Notes |= DuplicateAck
	}
}

// windows takes in the window of m; a window that closes or opens again stands alone.
func (c *Conn) windows(m *Mark, st *sideState) (noteworthy bool) {
	if m.has(reassembly.RST) {
		return false
	}
	shut := m.Window == 0 && !m.has(reassembly.SYN)
	if shut {
		m.Notes |= ZeroWindow
	}
	noteworthy = shut != (st.window == 0) && st.ackSeen
	if m.has(reassembly.ACK) || m.has(reassembly.SYN) {
		st.window = m.Window
	}
	return noteworthy
}

// awaitFIN keeps the moment at which a FIN had nothing missing before it: that is
// when it takes effect at its receiver.
func (c *Conn) awaitFIN(m *Mark) {
	for side := range c.Halves {
		if h := &c.Halves[side]; h.FIN > 0 && c.finReady[side].frame == 0 && h.Complete(h.FIN) {
			c.finReady[side] = instant{m.Frame, m.Time}
		}
	}
}
