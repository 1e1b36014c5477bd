package timeline

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// sendsRST feeds a reset that carries e's address. One that e contradicts by
// carrying on was forged, and one in SYN_SENT that e's next SYN follows only
// refused an old acknowledgment.
func (t *teller) sendsRST(e *endpoint, i int) {
	m := t.mark(i)
	if t.carriesOn(e, m.Frame, m.Time) || t.onlyRefuses(e, m) {
		return
	}
	if gone, at := t.gaveUp(e, m.Time, 1); gone && t.foundNone(m) && e.step(tcpstate.RetriesUsedUp, 0, Transition{Time: at, Basis: Timed}) {
		e.closedBy = byTimer // long before this reset, which says so
		return
	}
	t.uncapturedFIN(e, m)
	if e.step(tcpstate.SendRST, 0, m.at(Observed)) {
		e.closedBy = byOwnReset
	}
}

// foundNone reports whether the reset m says that its sender found no socket: it has
// no ACK, or answers a segment without one, from number 0 (RFC 9293 §3.10.7.1).
func (t *teller) foundNone(m *Mark) bool {
	return m.socketless() || m.Window == 0 && t.Halves[m.From].ISN()+reassembly.Seq(uint32(m.Seq)) == 0
}

// onlyRefuses reports whether the reset m of e, which is still opening, answers an
// acknowledgment of what e never sent: e goes on (RFC 9293 §3.10.7.3, §3.10.7.4).
func (t *teller) onlyRefuses(e *endpoint, m *Mark) bool {
	opening := e.state() == tcpstate.SynSent || e.state() == tcpstate.SynReceived
	return opening && m.socketless() && (m.Seq < 1 || m.Seq > t.Halves[e.side].Next)
}

// carriesOn reports whether e sent anything but resets after a frame.
func (t *teller) carriesOn(e *endpoint, frame int, since int64) bool {
	for k := len(e.sends) - 1; k >= 0; k-- {
		m := t.mark(e.sends[k])
		if m.LastFrame <= frame {
			return false
		}
		if !m.has(reassembly.RST) && m.LastTime > since {
			return true
		}
	}
	return false
}

// receivesRST feeds a reset that was sent to e, if e accepted it (RFC 5961 §3,
// and Linux as measured). What e does next outranks what was sent to it.
func (t *teller) receivesRST(e *endpoint, i int) {
	m := t.mark(i)
	if !t.acceptableRST(e, i) || t.carriesOn(e, m.Frame, m.Time+e.patience()) || t.abortsItself(e, m.Frame) || t.takesMore(e, i) {
		m.Fate = Ignored
		return
	}
	was := e.state()
	if e.step(tcpstate.ReceiveRST, 0, m.at(Inferred)) && was != tcpstate.TimeWait {
		e.closedBy = byReset
	}
}

// takesMore reports whether e acknowledges something that was sent to it only after
// the reset at i.
func (t *teller) takesMore(e *endpoint, i int) bool {
	for _, g := range e.gets {
		m := t.mark(g)
		if g < i || !m.occupies() || t.passed(e, m.proof(), i) {
			continue
		}
		if s := t.firstAck(e, m.proof()); s > g && !t.mark(s).has(reassembly.RST) {
			return true
		}
	}
	return false
}

// abortsItself reports whether e sent the reset of a live socket after a frame:
// two that crossed, and neither end ever took the other's.
func (t *teller) abortsItself(e *endpoint, frame int) bool {
	for _, s := range e.sends {
		if m := t.mark(s); m.Frame > frame && m.has(reassembly.RST|reassembly.ACK) && e.state() != tcpstate.SynSent {
			return true
		}
	}
	return false
}

// acceptableRST reports whether e accepts the reset at i in its present state.
func (t *teller) acceptableRST(e *endpoint, i int) bool {
	m := t.mark(i)
	own := &t.Halves[e.side]
	switch e.state() {
	case tcpstate.SynSent:
		return m.ackNumber() >= 1 && m.Ack <= own.Next
	case tcpstate.FinWait2:
		if t.orphanTakes(e, i) {
			return true
		}
	}
	low, high := t.expected(e, i)
	slack := int64(0)
	if e.receivedFIN && e.state() != tcpstate.TimeWait {
		slack = 1 // Linux takes the FIN's own number too
	}
	return m.Seq >= low-slack && m.Seq <= high && t.numbered(e, i, slack)
}

// orphanTakes reports whether e, in FIN_WAIT_2, is a closed socket that the reset
// at i ended: Linux keeps no more of that than a number and a window, and takes any
// reset within. A socket that somebody still holds would have answered.
func (t *teller) orphanTakes(e *endpoint, i int) bool {
	m, reach := t.mark(i), int64(0)
	for _, s := range e.sends {
		o := t.mark(s)
		if o.Frame > m.Frame && o.Time <= m.Time+e.patience() {
			return false
		}
		if o.Frame < m.Frame && o.ackCounts() {
			reach = max(reach, o.LastAck+o.Window)
		}
	}
	low, _ := t.expected(e, i)
	return low <= m.Seq && m.Seq < reach && t.until > m.Time+e.patience()
}

// expected returns the range in which RCV.NXT of e lies when the mark at i
// reaches it: at least what e had acknowledged, or was to acknowledge of what
// passed before, at most what the peer had sent.
func (t *teller) expected(e *endpoint, i int) (low, high int64) {
	frame := t.mark(i).Frame
	for _, s := range e.sends {
		if m := t.mark(s); m.Frame < frame && m.ackCounts() {
			low = max(low, m.ackNumber())
		}
	}
	high = low
	for _, g := range e.gets {
		m := t.mark(g)
		if m.Frame >= frame || m.Fate == Lost {
			continue
		}
		high = max(high, m.End, m.Seq)
		if m.occupies() && t.firstAck(e, m.proof()) >= 0 {
			low = max(low, m.proof())
		}
	}
	for _, s := range e.sends { // acknowledgments still under way, of bytes the capture missed
		if m := t.mark(s); m.Time <= t.mark(i).Time+e.patience() && m.ackCounts() {
			high = max(high, m.ackNumber())
		}
	}
	return low, high
}

// numbered reports whether the reset at i stands exactly at a number that e may
// be waiting for: where a segment of the peer ended, or what e acknowledged.
func (t *teller) numbered(e *endpoint, i int, slack int64) bool {
	m := t.mark(i)
	for _, s := range e.sends {
		if o := t.mark(s); o.ackNumber() == m.Seq || o.SACKed > 0 && o.SACKed == m.Seq || o.ackNumber() == m.Seq+slack {
			return true
		}
	}
	for _, g := range e.gets {
		if o := t.mark(g); g != i && o.ICMP == nil && (o.End == m.Seq || o.End == m.Seq+slack || o.Seq == m.Seq) && !o.has(reassembly.RST) {
			return true
		}
	}
	return false
}

// challenge reports whether the segment at i is a bare ACK with which e answers
// a foreign SYN, or in SYN_RCVD whatever it does not take: it proves nothing about
// e's state (RFC 5961 §4, RFC 9293 §3.10.7.4).
func (t *teller) challenge(e *endpoint, i int) bool {
	m := t.mark(i)
	if m.occupies() {
		return false
	}
	for k := len(e.gets) - 1; k >= 0; k-- {
		if g := e.gets[k]; g < i {
			o := t.mark(g)
			foreign := o.isSYN() && o.Notes&Stray != 0
			return (foreign || e.state() == tcpstate.SynReceived && o.refusable()) && m.Time-o.Time <= e.patience()
		}
	}
	return false
}

// refusable reports whether an endpoint in SYN_RCVD answers m by an ACK and stays
// there: a reset off its number, or what is old or not acceptable. What stands
// further on within its window is taken: the capture has missed what came before.
func (m *Mark) refusable() bool {
	below := m.Seq < 1 && m.Notes&OutOfReach != 0
	return m.ICMP == nil && (m.has(reassembly.RST) || m.Notes&void != 0 || below || m.occupies() && m.End <= 1 && m.Notes&Retransmission != 0)
}
