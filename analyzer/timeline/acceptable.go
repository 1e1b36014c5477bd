package timeline

import "github.com/tcpflow-explain/tcpflow-explain/reassembly"

// void are the remarks on segments whose numbers mean nothing here: they move
// neither their claimed sender nor their receiver.
const void = Stray | Void

// echo is the newest time stamp that one side has echoed. A capture may swap
// segments that pass within milliseconds, so what decides about the other side's
// stamps is the last one that stood for a while.
type echo struct {
	newest  uint32
	since   int64 // time of the first segment that echoes newest
	settled uint32
	known   bool // settled is set
}

// take takes in the echo of m.
func (e *echo) take(m *Mark) {
	switch {
	case !m.HasTS || m.TSEcr == 0 || m.has(reassembly.RST):
	case m.isSYNACK():
		e.settled, e.known = m.TSEcr, true // no capture swaps it with the SYN that it echoes
	case e.since == 0:
		e.newest, e.since = m.TSEcr, m.Time
	case int32(m.TSEcr-e.newest) > 0:
		e.settle(m.Time)
		e.newest, e.since = m.TSEcr, m.Time
	}
}

func (e *echo) settle(now int64) {
	if e.since != 0 && now-e.since > swapWindow {
		e.settled, e.known = e.newest, true
	}
}

// outdates reports whether a segment with m's time stamp comes too late for the
// side that echoes (PAWS, RFC 7323 §5.3).
func (e *echo) outdates(m *Mark) bool {
	if !m.HasTS {
		return false
	}
	e.settle(m.Time)
	return e.known && int32(m.TSVal-e.settled) < 0
}

// acceptability returns the remarks on an m that its receiver drops (RFC 9293
// §3.10.7.4): without ACK, stamped too early, or not within the window. Resets
// and SYNs have rules of their own.
func (c *Conn) acceptability(m *Mark) Note {
	st, peer := &c.side[m.From], &c.side[m.From.Other()]
	switch {
	case m.Flags.Any(reassembly.SYN | reassembly.RST):
		return 0
	case !m.has(reassembly.ACK):
		return Void
	case peer.echo.outdates(m):
		return Void
	case m.Ack < 1 && c.opening(m.From.Other()):
		return Void | AckUnsent // and it is not the SYN that it acknowledges
	case !peer.ackSeen:
		return 0
	case peer.scaled && m.Seq > peer.reach && m.Seq != st.beyond:
		st.beyond = m.End // when that goes on, the capture has missed acknowledgments
		return Void | OutOfReach
	}
	return 0
}

// dropped reports whether the receiver of m does not look at its acknowledgment.
func (c *Conn) dropped(m *Mark) bool {
	return m.Notes&void != 0 || m.oldFor(c.side[m.From.Other()].lastAck)
}

// oldFor reports whether m came again, or late, after its receiver had acknowledged
// ack, which is more than all of it: such a segment is dropped whole (RFC 9293
// §3.10.7.4, first). A keep-alive stands one below, and its acknowledgment is new.
func (m *Mark) oldFor(ack int64) bool {
	switch {
	case m.has(reassembly.SYN):
		return false
	case !m.occupies():
		return m.Seq < ack-1
	}
	return m.Notes&Retransmission != 0 && m.End < ack
}

// opening reports whether side has sent a SYN that nobody has acknowledged yet.
func (c *Conn) opening(side Side) bool {
	return c.Halves[side].Synced && c.Halves[side].Acked < 1
}

// opensWindow keeps how far the other side may send.
func (st *sideState) opensWindow(m *Mark) {
	if m.has(reassembly.ACK) && !m.has(reassembly.RST) {
		st.reach = max(st.reach, m.Ack+m.Window)
	}
}

// leap is an acknowledgment beyond all that was captured of a direction: the
// capture has missed something, or it acknowledges what was never sent. One beyond
// may be a FIN, or follow a keep-alive.
type leap struct {
	from, to int64 // the highest number captured before, and the one acknowledged
	acked    int64 // the highest number acknowledged before
	frame    int
}

// leaps keeps an acknowledgment m of numbers that were not captured.
func (c *Conn) leaps(m *Mark, next, acked int64) {
	c.side[m.From.Other()].leap = leap{from: next, to: m.Ack, acked: acked, frame: m.Frame}
}

// contradicts lets m decide about an acknowledgment beyond all that was captured
// of its sender: a bare ACK stands where its sender will send next, or one below
// as a probe, so one that stands further below was sent by somebody who had never sent that far. The whole segment
// with the acknowledgment is void then (RFC 9293 §3.10.7.4, fifth; RFC 5961 §5).
func (c *Conn) contradicts(m *Mark) {
	st, own := &c.side[m.From], &c.Halves[m.From]
	l := st.leap
	if l.to <= l.from+1 || m.Notes&void != 0 {
		return
	}
	refused := l.acked < 1 && m.socketless() && m.Seq == l.to // still opening: RFC 9293 §3.10.7.4
	if below := l.from <= m.Seq && m.Seq < l.to-1; own.Next != l.to || !below && !refused {
		st.leap = leap{}
		return
	} else if m.Bare != 1 && !refused {
		return
	}
	st.leap = leap{}
	next := m.Seq
	if refused {
		next = l.from
	}
	for i := len(c.history.marks) - 1; i >= 0; i-- {
		o := &c.history.marks[i]
		if o.Frame != l.frame || o.From == m.From {
			continue
		}
		o.Notes = o.Notes&^(Unseen|Retransmission|OutOfOrder) | AckUnsent | Void
		own.Retract(next, l.acked)
		c.withdraw(o)
		return
	}
}

// withdraw takes back what the segment o, void as it is, had moved in its own
// direction.
func (c *Conn) withdraw(o *Mark) {
	half, st := &c.Halves[o.From], &c.side[o.From]
	if o.occupies() && half.Next == o.End {
		if half.FIN > o.Seq {
			c.finReady[o.From] = instant{}
		}
		half.Retract(o.Seq, half.Acked)
	}
	st.lastAck = c.Halves[o.From.Other()].Acked
}
