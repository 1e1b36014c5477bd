package timeline

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// walk takes e through the transition table in e's own order.
func (t *teller) walk(e *endpoint) {
	t.begin(e)
	for _, at := range t.order(e) {
		m := t.mark(at.mark)
		switch {
		case m.ICMP != nil:
			t.unreachable(e, at.mark)
		case at.sent:
			t.sends(e, at.mark)
		default:
			t.receives(e, at)
		}
	}
}

// begin puts an endpoint that the capture found mid-stream into the state it was
// found in.
func (t *teller) begin(e *endpoint) {
	first := t.mark(0)
	switch {
	case t.opensWithSYN():
	case first.isSYNACK():
		if e.side != first.From {
			t.enter(e, tcpstate.SynSent, first, MidStream)
		}
	default:
		t.enter(e, tcpstate.Established, first, MidStream)
	}
}

// opensWithSYN reports whether the SYN of the opening was captured, be it behind
// its answer.
func (t *teller) opensWithSYN() bool {
	for i := range t.story.Marks {
		switch m := t.mark(i); {
		case m.ICMP != nil || m.Notes&void != 0:
		case m.isSYN():
			return true
		case !m.isSYNACK():
			return false
		}
	}
	return false
}

func (t *teller) enter(e *endpoint, s tcpstate.State, m *Mark, b Basis) {
	e.states = append(e.states, Transition{State: s, Time: m.Time, Frame: m.Frame, Basis: b})
}

// state returns where e is now.
func (e *endpoint) state() tcpstate.State {
	if n := len(e.states); n > 0 {
		return e.states[n-1].State
	}
	return tcpstate.Closed
}

// step feeds one input; it reports whether the state changed.
func (e *endpoint) step(in tcpstate.Input, g tcpstate.Guard, tr Transition) bool {
	r := tcpstate.Step(e.state(), in, g)
	if r == nil || r.To == r.From {
		return false
	}
	tr.State, tr.Rule = r.To, r
	e.states = append(e.states, tr)
	return true
}

// at returns a transition at m, its state to be filled in.
func (m *Mark) at(b Basis) Transition { return Transition{Time: m.Time, Frame: m.Frame, Basis: b} }

// sends feeds what e's own segment at i proves.
func (t *teller) sends(e *endpoint, i int) {
	m := t.mark(i)
	if m.Notes&void != 0 {
		return
	}
	switch {
	case m.isSYN():
		e.step(tcpstate.SendSYN, 0, m.at(Observed))
	case m.isSYNACK():
		e.step(tcpstate.SendSYNACK, 0, m.at(Observed))
	case m.has(reassembly.RST):
		t.sendsRST(e, i)
	case t.challenge(e, i):
		m.Notes |= ChallengeAck
	default:
		t.sendsData(e, m)
	}
}

// sendsData feeds a segment that is neither SYN nor RST.
func (t *teller) sendsData(e *endpoint, m *Mark) {
	peer := &t.Halves[e.side.Other()]
	if !m.has(reassembly.FIN) || e.state() != tcpstate.SynReceived || !t.heard(e) {
		e.step(tcpstate.Send, t.early(e), m.at(Observed))
	}
	if peer.Missed > 0 && m.ackNumber() >= peer.Missed && !e.receivedFIN {
		t.missedFIN(e, m)
	}
	if m.has(reassembly.FIN) && !e.sentFIN && !t.goesBeyondFIN(e, m) {
		e.sentFIN = e.step(tcpstate.SendFIN, 0, m.at(Observed))
	}
	t.unseenFIN(e, m)
}

// heard reports whether the peer was captured at all: then a FIN out of SYN_RCVD
// is one that was sent before the handshake's ACK, not one whose ACK is missing.
func (t *teller) heard(e *endpoint) bool { return len(e.gets) > 0 }

// early returns the guard of a server that may send data before the handshake's ACK.
func (t *teller) early(e *endpoint) tcpstate.Guard {
	for _, s := range e.sends {
		if m := t.mark(s); m.isSYNACK() && m.Ack > 1 {
			return tcpstate.EarlyData
		}
	}
	return 0
}

// missedFIN feeds a FIN of the peer that e acknowledges and the capture missed.
// It is taken to have acknowledged whatever e had sent.
func (t *teller) missedFIN(e *endpoint, m *Mark) {
	e.receivedFIN = true
	if e.sentFIN {
		e.step(tcpstate.ReceiveACK, tcpstate.AcksFIN, m.at(Observed))
	}
	e.step(tcpstate.ReceiveFIN, 0, m.at(Observed))
}

// receives feeds what the peer's segment at i does at e: reset, SYN,
// acknowledgment, FIN (RFC 9293 §3.10.7.4).
func (t *teller) receives(e *endpoint, at moment) {
	i, m := at.mark, t.mark(at.mark)
	if m.Notes&(void|AckUnsent) != 0 && !m.has(reassembly.RST) {
		m.Fate = Ignored
		return
	}
	if m.has(reassembly.RST) {
		t.receivesRST(e, i)
		return
	}
	tr := m.at(Inferred)
	if m.has(reassembly.SYN) {
		t.receivesSYN(e, i, tr)
	}
	if m.has(reassembly.ACK) {
		t.receivesACK(e, i, tr)
	}
	if m.has(reassembly.FIN) && !e.receivedFIN && e.denied != m.Frame && t.acceptableFIN(e, m) {
		t.receivesFIN(e, i, at.with)
	}
}

func (t *teller) receivesSYN(e *endpoint, i int, tr Transition) {
	m := t.mark(i)
	if e.state() == tcpstate.Closed {
		if len(e.states) > 0 || !m.isSYN() || !t.answered(e) {
			return
		}
	}
	var g tcpstate.Guard
	if m.ackNumber() >= 1 {
		g = tcpstate.AcksSYN
	}
	if m.isSYNACK() && g == 0 {
		return
	}
	if m.isSYN() && e.state() == tcpstate.SynSent && !t.crossed(e) {
		m.Fate = Lost
		return
	}
	e.step(tcpstate.ReceiveSYN, g, t.confirm(e, m.proof(), tr))
}

// crossed reports whether e, in SYN_SENT, can have had the peer's bare SYN: it
// would have answered with a SYN,ACK (RFC 9293 §3.10.7.3), and not gone on
// without one. Where that was lost before it could be captured, e may still say
// that the peer's SYN,ACK brought nothing new.
func (t *teller) crossed(e *endpoint) bool {
	wentOn := false
	for _, s := range e.sends {
		m := t.mark(s)
		if m.isSYNACK() || t.hadSYN(e, m) {
			return true
		}
		wentOn = wentOn || !m.isSYN()
	}
	return !wentOn
}

// hadSYN reports whether m calls the SYN of the peer's SYN,ACK, the only one so
// far, a duplicate (RFC 2883 §4): e had the bare SYN already.
func (t *teller) hadSYN(e *endpoint, m *Mark) bool {
	if m.SACKed != 1 || m.ackNumber() < 1 {
		return false
	}
	answers := 0
	for _, g := range e.gets {
		if o := t.mark(g); o.isSYNACK() && o.Frame < m.Frame {
			answers++
		}
	}
	return answers == 1
}

// answered reports whether e took the SYN up: its SYN,ACK was captured, or the
// peer acts as if it had come. An e that refused may open by itself later.
func (t *teller) answered(e *endpoint) bool {
	refused := false
	for i := range t.story.Marks {
		m := t.mark(i)
		if m.ICMP != nil || m.Notes&void != 0 {
			continue
		}
		if m.has(reassembly.RST) {
			refused = refused || m.From == e.side
			continue
		}
		if refused && m.From == e.side && m.isSYN() {
			return false
		}
		if m.From == e.side || m.has(reassembly.ACK) && !m.has(reassembly.SYN) {
			return true
		}
	}
	return false
}

func (t *teller) receivesACK(e *endpoint, i int, tr Transition) {
	m := t.mark(i)
	own := &t.Halves[e.side]
	if e.state() == tcpstate.SynReceived && !e.passed(tcpstate.SynSent) && m.refusable() || t.stale(e, m) {
		return
	}
	var g tcpstate.Guard
	if m.LastAck >= 1 {
		g |= tcpstate.AcksSYN
	}
	if own.Missed > 0 && !e.sentFIN && m.LastAck >= own.Missed {
		e.sentFIN = e.step(tcpstate.SendFIN, 0, tr)
	}
	if m.LastAck >= max(own.FIN, own.Missed) {
		g |= tcpstate.AcksFIN
	}
	if e.step(tcpstate.ReceiveACK, g, t.confirmAck(e, i, tr)) && e.state() == tcpstate.Closed {
		e.closedBy = byAck
	}
}

// stale reports whether m was old when it passed.
func (t *teller) stale(e *endpoint, m *Mark) bool {
	for _, s := range e.sends {
		if o := t.mark(s); o.LastFrame < m.Frame && o.ackCounts() && m.oldFor(o.ackNumber()) {
			return true
		}
	}
	return false
}

// receivesFIN feeds the FIN at i, which took effect with the mark at with.
func (t *teller) receivesFIN(e *endpoint, i, with int) {
	m := t.mark(i)
	if s := t.firstAck(e, m.proof()); s >= 0 && t.copyBetween(e, i, s) < 0 && !t.overtook(e, t.mark(s), m.proof()) {
		t.unseenFIN(e, t.mark(s)) // it answers at once, from beyond its own FIN
	}
	tr := m.at(Inferred)
	if filler := t.mark(with); filler.Len > 0 && with > i {
		tr = filler.at(Inferred) // it waited behind a hole
	} else if at := t.finReady[m.From]; at.frame > m.Frame {
		tr.Time, tr.Frame = at.time, at.frame // that the capture saw, or that was acknowledged without it
	}
	if tr = t.confirm(e, m.proof(), tr); tr.Basis == Confirmed && e.state() == tcpstate.SynSent {
		e.step(tcpstate.Send, 0, tr) // the capture missed the SYN,ACK
	}
	e.receivedFIN = e.step(tcpstate.ReceiveFIN, 0, tr)
}

// acceptableFIN reports whether a FIN is where its sender's direction ends: a
// forged one is not, and neither is one that its sender goes on beyond. One that
// is still behind a hole at the end was never taken up.
func (t *teller) acceptableFIN(e *endpoint, m *Mark) bool {
	return m.End == t.Halves[m.From].FIN && t.finReady[m.From].frame > 0
}

// confirm makes tr a confirmed transition when a later segment of e
// acknowledges number.
func (t *teller) confirm(e *endpoint, number int64, tr Transition) Transition {
	if s := t.firstAck(e, number); s >= 0 {
		tr.Basis, tr.ConfirmedBy = Confirmed, t.mark(s).Frame
	}
	return tr
}

// confirmAck makes tr a confirmed transition when a later segment of e could not
// have been sent without the acknowledgment at i: by leaving SYN_RCVD, or by
// acknowledging something that the peer sent with or after it.
func (t *teller) confirmAck(e *endpoint, i int, tr Transition) Transition {
	m := t.mark(i)
	for _, s := range e.sends {
		o := t.mark(s)
		if o.Frame <= m.Frame || o.has(reassembly.RST) {
			continue
		}
		opened := e.state() == tcpstate.SynReceived && !o.has(reassembly.SYN) && o.Notes&ChallengeAck == 0
		if opened || t.reachedWith(e, i, o) {
			tr.Basis, tr.ConfirmedBy = Confirmed, o.Frame
			return tr
		}
	}
	return tr
}

// reachedWith reports whether o acknowledges a segment that carried the
// acknowledgment at i, or a higher one. Where SYNs crossed, o may acknowledge the
// bare SYN that came before the SYN,ACK.
func (t *teller) reachedWith(e *endpoint, i int, o *Mark) bool {
	for _, g := range e.gets {
		m := t.mark(g)
		if g >= i && m.Frame < o.Frame && m.occupies() && m.LastAck >= t.mark(i).LastAck &&
			m.proof() <= o.LastAck && m.Fate != Lost && !(m.isSYNACK() && t.passed(e, m.proof(), g)) {
			return true
		}
	}
	return false
}
