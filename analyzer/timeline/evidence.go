package timeline

import (
	"sort"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// weigh settles the fate of everything that was sent to e.
//
// What occupies sequence numbers arrived when a later segment of e acknowledges
// it: the earliest copy that e's segments in between do not disprove. What e
// repeats was not acknowledged in e's eyes: acknowledgments captured well before
// the repetition were lost. And an e that leaves repeated segments unanswered
// hears nothing any more.
func (t *teller) weigh(e *endpoint) {
	for _, g := range e.gets {
		m := t.mark(g)
		if m.occupies() {
			t.weighCopy(e, g)
		}
		t.metNoSocket(e, m)
	}
	for k, s := range e.sends {
		if t.repeats(e, k) {
			t.disproveAcks(e, s)
		}
	}
	t.disproveUnechoed(e)
	t.deafness(e)
}

// weighCopy settles the fate of one segment that occupies sequence numbers. It
// was lost when e went on in ignorance of it for longer than a round trip, unless
// e acknowledges it in the end and no later copy can have been the one that came.
func (t *teller) weighCopy(e *endpoint, g int) {
	m := t.mark(g)
	if m.Notes&(KeepAlive|WindowProbe) != 0 && t.answers(e, g) {
		m.Fate = Arrived // its byte is not taken while the window is closed, and need not be
		return
	}
	ack := t.firstAck(e, m.proof())
	if ack >= 0 && t.mark(ack).Frame > m.Frame {
		m.Fate = Arrived
		again := t.copyBetween(e, g, ack)
		if again < 0 {
			return
		}
		if t.cameLater(m, t.mark(again), t.mark(ack)) {
			m.Fate = Lost
			return
		}
	}
	for _, s := range e.sends {
		o := t.mark(s)
		if ack >= 0 && s >= ack {
			return
		}
		// What begins where e still waits is the hole itself, and a FIN counts in order only.
		selected := o.SACKed >= m.proof() && m.Seq > o.LastAck && !m.has(reassembly.FIN)
		if o.Time > m.LastTime+e.patience() && t.ignorant(o, m) && !selected {
			m.Fate = Lost
			return
		}
	}
}

// answers reports whether e's next segment came soon enough to be the answer to
// the probe at g.
func (t *teller) answers(e *endpoint, g int) bool {
	for _, s := range e.sends {
		if s > g {
			return t.mark(s).Time-t.mark(g).LastTime <= e.patience()+int64(time.Second)
		}
	}
	return false
}

// cameLater reports whether ack, the first acknowledgment of m and of the copy
// after it, speaks for the copy. It does not when it names the copy a duplicate
// (RFC 2883 §4), or echoes a time stamp from before the copy (RFC 7323 §4.3); it
// does when it echoes another than that of m, a SYN, or came only after m had
// long been due for an answer.
func (t *teller) cameLater(m, again, ack *Mark) bool {
	switch stamped := m.HasTS && again.HasTS && ack.HasTS; {
	case ack.SACKed > 0 && ack.SACKed <= ack.Ack:
		return false
	case m.isSYN():
		return stamped && m.TSVal != ack.TSEcr
	case stamped && int32(ack.TSEcr-again.TSVal) < 0:
		return false
	}
	return ack.Time-m.Time > int64(delayedAck)+t.ends[ack.From].patience()
}

// delayedAck is the longest that Linux waits with an acknowledgment while the
// connection is in use; RFC 9293 §3.8.6.3 allows half a second.
const delayedAck = 40 * time.Millisecond

// metNoSocket marks what e answered by the reset of a kernel without a socket,
// where that tells that e was closed already: a SYN,ACK, a FIN, or in SYN_RCVD the
// ACK of the handshake.
func (t *teller) metNoSocket(e *endpoint, m *Mark) {
	if m.Fate == Arrived || !m.has(reassembly.ACK) || m.has(reassembly.RST) {
		return
	}
	var synack *Mark // what e sent last, where that is its SYN,ACK
	for _, s := range e.sends {
		o := t.mark(s)
		soon := e.reply < 0 || o.Time-m.Time <= e.patience() || synack != nil && t.onlyAnswer(e, m, synack, o)
		if (synack != nil || m.control() != 0) && o.Frame > m.Frame && o.socketless() && o.Seq == m.Ack && soon {
			if t.firstOfFIN(e, m) {
				e.denied = m.Frame
			} else {
				m.Fate = Ignored
			}
			return
		}
		synack = nil
		if o.isSYNACK() {
			synack = o
		}
	}
}

// onlyAnswer reports whether the reset rst of e can answer nothing but m, however
// long that was on its way: e got nothing else, and had its SYN,ACK not been
// acknowledged, it would not have been due to come again yet.
func (t *teller) onlyAnswer(e *endpoint, m, synack, rst *Mark) bool {
	for _, g := range e.gets {
		if o := t.mark(g); o.Frame > m.Frame && o.Frame < rst.Frame {
			return false
		}
	}
	return rst.Time-synack.Time < initialTimeout
}

// firstOfFIN reports whether m is the first to acknowledge e's FIN and holds or
// misses data: e was in FIN_WAIT_1 when it came, and its closed socket takes no data.
func (t *teller) firstOfFIN(e *endpoint, m *Mark) bool {
	fin := t.Halves[e.side].FIN
	if fin == 0 || m.Ack < fin || m.Len == 0 && t.finReady[m.From].frame == m.Frame {
		return false
	}
	for _, g := range e.gets {
		if o := t.mark(g); o.Frame < m.Frame && o.ackNumber() >= fin && o.ackCounts() {
			return false
		}
	}
	return true
}

// copyBetween returns the first mark with which the segment at g was sent to e
// again before the mark at until, -1 for none.
func (t *teller) copyBetween(e *endpoint, g, until int) int {
	m := t.mark(g)
	for _, k := range e.gets {
		if o := t.mark(k); k > g && k < until && o.isSYN() == m.isSYN() && o.Seq <= m.Seq && o.proof() >= m.proof() {
			return k
		}
	}
	return -1
}

// ignorant reports whether o, sent by the receiver of m, was sent without m: it
// carries an acknowledgment number below m. A SYN acknowledges nothing.
func (t *teller) ignorant(o, m *Mark) bool {
	if !o.ackCounts() || o.has(reassembly.RST) && t.carriesOn(&t.ends[o.From], o.Frame, o.Time) {
		return false // its number says nothing of what arrived
	}
	return o.isSYN() || o.has(reassembly.ACK) && o.Ack < m.proof()
}

// repeats reports whether the k-th segment of e is an earlier SYN, SYN,ACK or
// FIN of its own again, sent because no acknowledgment came: a SYN,ACK, too, that
// answers a repeated SYN, for out of ESTABLISHED that is answered by an ACK. An old
// packet that the network delivers once more says nothing of the kind.
func (t *teller) repeats(e *endpoint, k int) bool {
	m := t.mark(e.sends[k])
	if m.control() == 0 || m.has(reassembly.RST) || m.Notes&void != 0 {
		return false
	}
	j := t.earlier(e, k)
	return j >= 0 && !m.samePacket(t.mark(e.sends[j]))
}

// earlier returns the position in e.sends of the latest earlier copy of the k-th
// SYN, SYN,ACK or FIN, -1 for none.
func (t *teller) earlier(e *endpoint, k int) int {
	m := t.mark(e.sends[k])
	for j := k - 1; j >= 0; j-- {
		o := t.mark(e.sends[j])
		if o.control() == m.control() && o.isSYN() == m.isSYN() && o.End == m.End && o.Notes&void == 0 {
			return j
		}
	}
	return -1
}

// disproveAcks marks as lost whatever acknowledged the repeated segment at s
// well before e sent it again.
func (t *teller) disproveAcks(e *endpoint, s int) {
	again := t.mark(s)
	for _, g := range e.gets {
		m := t.mark(g)
		if m.Fate == Presumed && m.ackNumber() >= again.proof() && m.ackCounts() &&
			m.Time < again.Time-e.patience() {
			m.Fate = Lost
		}
	}
}

// disproveUnechoed marks as lost the bare ACKs whose time stamp e, a round trip
// later and more, still does not echo. A packet of e that is older than the ACK,
// delivered late, says nothing.
func (t *teller) disproveUnechoed(e *endpoint) {
	for _, g := range e.gets {
		m := t.mark(g)
		if !m.HasTS || m.occupies() || m.Fate != Presumed || m.has(reassembly.RST) || m.Notes&(KeepAlive|WindowProbe) != 0 {
			continue
		}
		for k := sort.SearchInts(e.sends, g); k < len(e.sends); k++ {
			o := t.mark(e.sends[k])
			if o.Time <= m.LastTime+e.patience() || !o.HasTS || int32(o.TSVal-m.TSEcr) <= 0 || t.unprompted(e, k) {
				continue
			}
			if t.unechoed(e, m, e.sends[k]) {
				m.Fate = Lost
			}
			break
		}
	}
}

// unprompted reports whether the k-th segment of e is a bare ACK that answers nothing,
// from an end that had acknowledged the peer's FIN and so has nothing to announce
// either: it is a stray one, or forged.
func (t *teller) unprompted(e *endpoint, k int) bool {
	m, fin := t.mark(e.sends[k]), t.Halves[e.side.Other()].FIN
	if k == 0 || fin == 0 || m.Bare != 1 || t.mark(e.sends[k-1]).ackNumber() < fin {
		return false
	}
	for g := e.sends[k-1] + 1; g < e.sends[k]; g++ {
		if o := t.mark(g); o.Bare == 0 || o.Notes&^passing != 0 {
			return false
		}
	}
	return true
}

// quietHandshake is how long a server in SYN_RCVD keeps silent at most: its
// SYN,ACK comes again after one second, and again after two (RFC 6298 §2).
const quietHandshake = int64(3 * time.Second)

// deafness looks at the end of the history: when the peer repeats itself and e
// answers nothing, nothing more is presumed to have reached e.
func (t *teller) deafness(e *endpoint) {
	tail := t.unanswered(e)
	first := t.firstRepeated(tail)
	if first < 0 {
		return
	}
	if e.unheard = t.lastFINOnly(e, tail); e.unheard {
		return
	}
	e.cutOff = true
	for _, g := range tail {
		m := t.mark(g)
		if m.ICMP != nil {
			continue
		}
		if !m.occupies() && !m.has(reassembly.RST) && t.mark(first).Time-m.LastTime >= quietHandshake {
			continue // e would have repeated what this acknowledges long before
		}
		m.Fate = Lost
	}
}

// unanswered returns what was sent to e after its own last segment. Where
// nothing of e was captured, only a SYN that comes again tells that nothing was
// answered: one direction may be missing from the capture.
func (t *teller) unanswered(e *endpoint) []int {
	if len(e.sends) == 0 {
		return nil
	}
	last := e.sends[len(e.sends)-1]
	for k, g := range e.gets {
		if g > last {
			return e.gets[k:]
		}
	}
	return nil
}

// firstRepeated returns the first mark of tail that was sent again in it for want
// of an answer, or that is the repetition of an earlier one; -1 for none.
func (t *teller) firstRepeated(tail []int) int {
	for k, g := range tail {
		if m := t.mark(g); m.asks() && t.comesAgain(tail[k+1:], m) {
			return g
		}
	}
	return -1
}

func (t *teller) comesAgain(later []int, m *Mark) bool {
	for _, g := range later {
		if o := t.mark(g); o.asks() && o.Seq == m.Seq && o.Time-m.Time > int64(10*time.Millisecond) {
			return true
		}
	}
	return false
}

// lastFINOnly reports whether all that goes unanswered is the FIN of a peer that
// has acknowledged e's own FIN. An e that had been cut off would repeat its FIN,
// were it not acknowledged; so it is in FIN_WAIT_2 at least, and rather its last
// ACKs are lost than it is gone.
func (t *teller) lastFINOnly(e *endpoint, tail []int) bool {
	fin := t.Halves[e.side].FIN
	if fin == 0 {
		return false
	}
	acked := false
	for _, g := range tail {
		m := t.mark(g)
		if m.Len > 0 || m.has(reassembly.RST) {
			return false
		}
		acked = acked || m.ackNumber() >= fin
	}
	return acked
}
