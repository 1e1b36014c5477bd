package analyzer

import (
	"slices"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// zeek returns Zeek's conn_state and history of a connection, so that what
// filters on SF, S0 or ShADadFf can go on doing so. Zeek counts what was sent,
// not what arrived: that is why it is not how this program judges.
//
// The letters are those of Zeek's documentation of conn.log, upper case for the
// originator, here the client. Two never come: c, a bad checksum, since those of
// sent segments are left to the network card and none is verified here; and x, an
// analysis given up.
//
// The history is valid until the next call.
func (z *zeekView) tell(c *Connection) (state string, history []byte) {
	*z = zeekView{history: z.history[:0]}
	z.first(c)
	z.ends[timeline.Client].bytes = c.Counters[timeline.Client].Bytes
	z.ends[timeline.Server].bytes = c.Counters[timeline.Server].Bytes
	flipped := false
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil || m.Notes&timeline.Stray != 0 && m.Flags.Has(reassembly.SYN) {
			continue // a foreign SYN begins a connection of its own in Zeek
		}
		if !flipped && len(z.history) == 0 && m.From == timeline.Server {
			z.history = append(z.history, '^') // its sender would be the originator
		}
		flipped = true
		z.see(m)
	}
	z.sayFirsts(c.LastFrame)
	return z.state(), z.history
}

// zeekState is what Zeek takes an endpoint to be in, by what it sent.
type zeekState uint8

const (
	zeekInactive zeekState = iota
	zeekPartial
	zeekSYNSent
	zeekEstablished
	zeekClosed
	zeekReset
)

// zeekEnd is what Zeek knows of one endpoint.
type zeekEnd struct {
	state, before zeekState
	bytes         int64
	said          uint32 // letters said, a bit for each
	counts        ['z' - 'a' + 1]int
	numbers       ['z' - 'a' + 1]int64 // the sequence number that a letter was last said for
}

func (e *zeekEnd) become(s zeekState) {
	if s != e.state {
		e.before, e.state = e.state, s
	}
}

// inactive reports an endpoint that opened nothing, as far as was captured.
func (e *zeekEnd) inactive() bool { return e.state <= zeekPartial }

// sound reports an endpoint whose holes mean something: it was seen opening.
func (e *zeekEnd) sound() bool {
	return e.state == zeekEstablished || e.state == zeekClosed && e.before == zeekEstablished
}

// zeekView is what Zeek knows of a connection.
type zeekView struct {
	ends    [2]zeekEnd // by timeline.Side
	history []byte
	room    [4]zeekFirst
	firsts  []zeekFirst // in room: those that are still to be said, in the order of the capture
}

// zeekFirst is a letter that each side says once, for the first such segment. A
// run of the history holds many segments, so their order is kept apart from it.
type zeekFirst struct {
	frame  int
	side   timeline.Side
	letter byte
}

// first looks up the first data and the first bare acknowledgment of each side.
func (z *zeekView) first(c *Connection) {
	z.firsts = z.room[:0]
	for side := timeline.Client; side < timeline.Nobody; side++ {
		n := &c.Counters[side]
		for _, f := range [...]zeekFirst{{n.FirstData, side, 'd'}, {n.FirstBare, side, 'a'}} {
			if f.frame > 0 {
				z.firsts = append(z.firsts, f)
			}
		}
	}
	slices.SortFunc(z.firsts, func(a, b zeekFirst) int { return a.frame - b.frame })
}

// sayFirsts says the letters of first segments up to a frame.
func (z *zeekView) sayFirsts(frame int) {
	for len(z.firsts) > 0 && z.firsts[0].frame <= frame {
		z.write(z.firsts[0].side, z.firsts[0].letter)
		z.firsts = z.firsts[1:]
	}
}

// see takes in one mark: first its letters, then what it makes of the endpoints,
// then the holes that it reveals, as Zeek does.
func (z *zeekView) see(m *timeline.Mark) {
	z.sayFirsts(m.Frame)
	end, peer := &z.ends[m.From], &z.ends[m.From.Other()]
	z.sayFlags(m)
	shut := m.Notes&timeline.ZeroWindow != 0 || m.Window == 0 && m.Flags.Has(reassembly.SYN)
	if shut && !m.Flags.Has(reassembly.RST) && peer.state != zeekClosed && end.state != zeekReset {
		z.often(m.From, 'w', m.Count)
	}
	if m.Notes&(timeline.Retransmission|timeline.KeepAlive) != 0 && m.Len > 0 {
		z.often(m.From, 't', m.Count)
	}
	z.step(m)
	if m.Notes&timeline.Unseen != 0 && end.sound() && peer.sound() && !m.Flags.Any(reassembly.FIN|reassembly.RST) {
		z.often(m.From.Other(), 'g', m.Count)
	}
}

// sayFlags says the letter of SYN, FIN or RST; two of them together have one of
// their own.
func (z *zeekView) sayFlags(m *timeline.Mark) {
	const syn, fin, rst = reassembly.SYN, reassembly.FIN, reassembly.RST
	switch m.Flags & (syn | fin | rst) {
	case 0:
	case syn:
		if z.again(m.From, 's', m.Seq) {
			z.write(m.From, pick(m.Flags.Has(reassembly.ACK), byte('h'), 's'))
		}
	case fin:
		if z.again(m.From, 'f', m.End) {
			z.write(m.From, 'f')
		}
	case rst:
		if z.again(m.From, 'r', m.Seq) {
			z.write(m.From, 'r')
		}
	case fin | rst, syn | fin | rst:
		z.once(m.From, 'i')
	default:
		z.once(m.From, 'q')
	}
}

// step moves the endpoint that sent m.
func (z *zeekView) step(m *timeline.Mark) {
	end, peer := &z.ends[m.From], &z.ends[m.From.Other()]
	syn, fin, rst := m.Flags.Has(reassembly.SYN), m.Flags.Has(reassembly.FIN), m.Flags.Has(reassembly.RST)
	switch {
	case end.state == zeekReset:
		return
	case end.state == zeekClosed:
		if rst && peer.state != zeekClosed {
			end.become(zeekReset)
		}
		return
	case syn:
		z.open(m.From)
	case end.state == zeekInactive && !fin && !rst:
		z.appear(m)
	}
	if fin && !rst {
		end.become(zeekClosed)
		if peer.state == zeekReset && peer.before == zeekClosed {
			peer.become(zeekClosed) // it had closed before its reset: that was a normal end
		}
	}
	if rst {
		end.become(zeekReset)
	}
}

// open takes in a SYN, with ACK or without. The responder's establishes both ends:
// Zeek does not wait for the third segment.
func (z *zeekView) open(side timeline.Side) {
	end, peer := &z.ends[side], &z.ends[side.Other()]
	switch {
	case end.state == zeekPartial && side == timeline.Client && peer.state == zeekInactive:
		end.become(zeekSYNSent)
	case end.state != zeekInactive:
	case side == timeline.Client && peer.state != zeekEstablished:
		end.become(zeekSYNSent)
	default:
		end.become(zeekEstablished)
		if peer.state == zeekSYNSent {
			peer.become(zeekEstablished)
		}
	}
}

// appear takes in the first segment of an endpoint that is neither SYN, FIN nor RST.
func (z *zeekView) appear(m *timeline.Mark) {
	end, peer := &z.ends[m.From], &z.ends[m.From.Other()]
	switch {
	case m.From == timeline.Server && m.Len == 0 && peer.state == zeekSYNSent:
		// A bare answer to a SYN opens nothing yet.
	case m.Flags.Has(reassembly.ACK) && peer.state == zeekEstablished:
		end.become(zeekEstablished) // its SYN was missed, the answer was not
	default:
		end.become(zeekPartial)
	}
}

// often says a letter the first, the tenth, the hundredth time, and so on.
func (z *zeekView) often(side timeline.Side, letter byte, times int) {
	n := &z.ends[side].counts[letter-'a']
	for range times {
		*n++
		for power := 1; power <= *n; power *= 10 {
			if power == *n {
				z.write(side, letter)
			}
		}
	}
}

// once says a letter the first time only.
func (z *zeekView) once(side timeline.Side, letter byte) {
	if z.ends[side].said&(1<<(letter-'a')) == 0 {
		z.write(side, letter)
	}
}

// again reports whether a segment of a kind is the first of its side, or has
// another sequence number than the last. SYN and SYN,ACK are one kind.
func (z *zeekView) again(side timeline.Side, kind byte, seq int64) bool {
	end := &z.ends[side]
	first := end.said&(1<<(kind-'a')) == 0
	end.said |= 1 << (kind - 'a')
	changed := end.numbers[kind-'a'] != seq
	end.numbers[kind-'a'] = seq
	return first || changed
}

// write puts the letter, upper case for the originator.
func (z *zeekView) write(side timeline.Side, letter byte) {
	z.ends[side].said |= 1 << (letter - 'a')
	if side == timeline.Client {
		letter -= 'a' - 'A'
	}
	z.history = append(z.history, letter)
}

// state evaluates Zeek's conditions in Zeek's order.
func (z *zeekView) state() string {
	o, r := &z.ends[timeline.Client], &z.ends[timeline.Server]
	switch {
	case r.state == zeekReset:
		return z.responderReset()
	case o.state == zeekReset && !r.inactive():
		return "RSTO"
	case o.state == zeekReset:
		return pick(z.onlySYN(), "RSTOS0", "OTH")
	case o.state == zeekClosed && r.state == zeekClosed:
		return "SF"
	case o.state == zeekClosed:
		return pick(r.inactive(), "SH", "S2")
	case r.state == zeekClosed:
		return pick(o.inactive(), "SHR", "S3")
	case o.state == zeekSYNSent && r.state == zeekInactive:
		return "S0"
	case o.state == zeekEstablished && r.state == zeekEstablished:
		return "S1"
	}
	return "OTH"
}

func (z *zeekView) responderReset() string {
	o, r := &z.ends[timeline.Client], &z.ends[timeline.Server]
	switch {
	case o.state == zeekSYNSent, o.state == zeekReset && o.bytes == 0 && r.bytes == 0:
		return "REJ"
	case o.inactive():
		return "RSTRH"
	}
	return "RSTR"
}

// onlySYN reports a history in which the originator's SYN is followed by its
// reset, and by nothing else of it that an open connection has.
func (z *zeekView) onlySYN() bool {
	after, opened := strings.CutPrefix(strings.TrimPrefix(string(z.history), "^"), "S")
	i := strings.IndexAny(after, "HAFGIQR")
	return opened && i >= 0 && after[i] == 'R'
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}
