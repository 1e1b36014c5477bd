package timeline

import (
	"slices"
	"sort"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// moment is one thing that happened at an endpoint: a segment it sent, or one
// that reached it.
type moment struct {
	mark int
	sent bool
	pos  int // how many of its own segments the endpoint had sent before
	with int // the mark with which it took effect: a FIN waits for the data before it
}

// order returns what happened at e in e's own order, which is not always that of
// the capture. What e had received when it sent a segment is told by that
// segment's acknowledgment number. So a segment is placed before e's first one
// that acknowledges it and after the last that does not, and never before what
// it acknowledges itself; a bare ACK or a reset follows what its sender sent
// before it.
func (t *teller) order(e *endpoint) []moment {
	out := t.moments[:0]
	for k, s := range e.sends {
		out = append(out, moment{mark: s, sent: true, pos: k})
	}
	floor := 0
	for _, g := range e.gets {
		m := t.mark(g)
		if m.Fate == Lost || m.Fate == Ignored {
			continue
		}
		pos, with := max(t.position(e, g), t.after(e, m)), max(t.filler(e, g), t.overtaker(e, g))
		if with > g {
			pos = max(pos, t.tooLate(e, with+1))
		}
		if !m.occupies() {
			pos = max(pos, floor)
		}
		floor = max(floor, pos)
		out = append(out, moment{mark: g, pos: pos, with: with})
	}
	slices.SortStableFunc(out, before)
	t.moments = out
	return out
}

// before orders two moments of one endpoint, which sends no two in one position.
func before(a, b moment) int {
	switch {
	case a.pos != b.pos:
		return a.pos - b.pos
	case b.sent:
		return -1 // what comes before a segment reaches e before it is sent
	case a.sent:
		return 1
	case a.with != b.with:
		return a.with - b.with
	}
	return b.mark - a.mark // what fills the hole comes before the FIN that waits for it
}

// position returns how many of its segments e had sent when the segment at g
// reached it.
func (t *teller) position(e *endpoint, g int) int {
	m := t.mark(g)
	byTime := sort.SearchInts(e.sends, g)
	byTime = max(byTime, t.tooLate(e, g))
	if m.has(reassembly.RST) {
		return t.lastWord(e, m, byTime)
	}
	if !m.occupies() {
		return max(byTime, t.unstamped(e, m))
	}
	ignorant := 0
	for k, s := range e.sends {
		o := t.mark(s)
		if m.isSYNACK() && (o.isSYNACK() || t.tooEarly(e, g, o)) {
			ignorant = k + 1 // it answers the bare SYN before: a SYN,ACK is answered by an ACK
			continue
		}
		if o.ackNumber() >= m.proof() && o.ackCounts() {
			if s < g && (t.passed(e, m.proof(), s) || m.Notes&Retransmission != 0 && !m.isSYN() && o.LastFrame < m.Frame) {
				return byTime // an earlier copy is what it acknowledges
			}
			return k
		}
		if t.ignorant(o, m) {
			ignorant = k + 1
		}
	}
	return max(ignorant, byTime)
}

// tooEarly reports whether o cannot speak for the SYN,ACK at g, though it has the
// right number: the peer's bare SYN had come before, and o passed sooner after g
// than any answer of e.
func (t *teller) tooEarly(e *endpoint, g int, o *Mark) bool {
	m := t.mark(g)
	return o.Frame > m.Frame && time.Duration(o.Time-m.Time) < e.reply*9/10 && t.passed(e, m.proof(), g)
}

// unstamped returns the position after the last segment of e that echoes an older
// time stamp than that of the bare ACK m. It returns 0 when there is none.
func (t *teller) unstamped(e *endpoint, m *Mark) int {
	for k := len(e.sends) - 1; k >= 0; k-- {
		if t.unechoed(e, m, e.sends[k]) {
			return k + 1
		}
	}
	return 0
}

// passed reports whether number had been sent to e before the mark at until.
func (t *teller) passed(e *endpoint, number int64, until int) bool {
	for _, g := range e.gets {
		if m := t.mark(g); g < until && m.occupies() && m.proof() >= number {
			return true
		}
	}
	return false
}

// lastWord returns the position after what e still sent, from pos on, before the
// reset m can have reached it: had e accepted the reset first, it would have sent
// nothing more.
func (t *teller) lastWord(e *endpoint, m *Mark, pos int) int {
	for pos < len(e.sends) {
		o := t.mark(e.sends[pos])
		if o.has(reassembly.RST) || o.Time > m.Time+e.patience() {
			break
		}
		pos++
	}
	return pos
}

// tooLate returns the position after the reset with which a kernel without a
// socket answers what e got before the mark at g: whatever came after what it
// answers met no connection any more. It returns 0 when there is none.
func (t *teller) tooLate(e *endpoint, g int) int {
	if !e.refuses {
		return 0
	}
	for k, s := range e.sends {
		rst := t.mark(s)
		if !rst.socketless() {
			continue
		}
		for _, j := range e.gets {
			m := t.mark(j)
			if j >= min(g, s) {
				return 0
			}
			if m.Len > 0 && m.Ack <= rst.Seq && rst.Seq <= m.LastAck && m.Fate != Lost && !t.took(e, m) {
				return k + 1
			}
		}
	}
	return 0
}

// took reports whether e says that it has m, a run of data: by the number that it
// acknowledges, or by the edge of what it has behind a hole (RFC 2018 §3). What was
// sent after that may be what fills the hole.
func (t *teller) took(e *endpoint, m *Mark) bool {
	for _, s := range e.sends {
		if o := t.mark(s); o.ackCounts() && (o.ackNumber() >= m.proof() || o.LastFrame > m.Frame && o.SACKed >= m.proof()) {
			return true
		}
	}
	return false
}

// filler returns the mark with which the last of the data before the FIN at g
// reached e: the FIN takes effect then. It returns g for anything else.
func (t *teller) filler(e *endpoint, g int) int {
	fin, with := t.mark(g), g
	if !fin.has(reassembly.FIN) {
		return g
	}
	for _, k := range e.gets {
		o := t.mark(k)
		if k <= g || o.Len == 0 || o.End > fin.End || o.Fate == Lost {
			continue
		}
		last := sort.SearchInts(e.sends, k) - 1
		if last >= 0 && t.mark(e.sends[last]).ackNumber() >= o.End {
			break // e had it already
		}
		if missed := t.finReady[fin.From].frame >= o.Frame; missed || last >= 0 && e.sends[last] > g {
			with = k // the capture had not seen it before either, or e says that it still waits
		}
	}
	return with
}

// overtaker returns the mark that overtook the FIN at g on its way to e. The
// acknowledgment of a FIN that came in order echoes its time stamp (RFC 7323
// §4.3); Linux takes no stamp from a segment whose own acknowledgment number is
// old already. It returns g where nothing tells.
func (t *teller) overtaker(e *endpoint, g int) int {
	fin, s := t.mark(g), t.firstAck(e, t.mark(g).proof())
	if !fin.has(reassembly.FIN) || s < 0 || !t.unechoed(e, fin, s) {
		return g
	}
	for _, k := range e.gets {
		if o := t.mark(k); k > g && k < s && o.Fate != Lost && o.ackNumber() > fin.ackNumber() {
			return k
		}
	}
	return g
}

// unechoed reports whether e echoes an older time stamp than that of m at s, though
// m stands in order: with m in its hands, e would have echoed that (RFC 7323 §4.3).
func (t *teller) unechoed(e *endpoint, m *Mark, s int) bool {
	o, acked := t.mark(s), int64(-1)
	if !o.HasTS || !m.HasTS || m.Count > 1 || int32(m.TSVal-o.TSEcr) <= 0 {
		return false
	}
	for _, k := range e.sends {
		if before := t.mark(k); before.Frame < m.Frame {
			acked = max(acked, before.ackNumber())
		}
	}
	return m.Seq == acked
}

// after returns how many segments e must have sent before m could acknowledge
// the last of them.
func (t *teller) after(e *endpoint, m *Mark) int {
	ack := m.ackNumber()
	if !m.ackCounts() || m.has(reassembly.RST) {
		return 0
	}
	for k := len(e.sends) - 1; k >= 0; k-- {
		o := t.mark(e.sends[k])
		if o.occupies() && o.Frame > m.Frame && o.Notes&(Retransmission|void) == 0 && o.proof() <= ack {
			return k + 1
		}
	}
	return 0
}
