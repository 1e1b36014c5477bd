package analyzer

import (
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// zeek returns Zeek's conn_state and history of a connection, so that what
// filters on SF, S0 or ShADadFf can go on doing so. Zeek counts what was sent,
// not what arrived: that is why it is not how this program judges.
func zeek(c *Connection) (state, history string) {
	var room [32]byte
	z := zeekView{history: room[:0]}
	if m := &c.Marks[0]; m.Flags.Has(reassembly.SYN | reassembly.ACK) {
		z.history = append(z.history, '^') // Zeek first takes its sender for the originator
	}
	for i := range c.Marks {
		if m := &c.Marks[i]; m.ICMP == nil && m.Notes&timeline.Stray == 0 {
			z.see(m)
		}
	}
	return z.state(), string(z.history)
}

// zeekEnd is what Zeek knows of one endpoint.
type zeekEnd uint8

const (
	zeekInactive zeekEnd = iota
	zeekPartial
	zeekSYNSent
	zeekSYNACKSent
	zeekEstablished
	zeekClosed
	zeekReset
)

type zeekView struct {
	ends    [2]zeekEnd
	history []byte
	said    [2]uint32    // letters said, a bit for each
	counts  [2][26]int   // how often a letter would have been said
	numbers [2][26]int64 // the sequence number that a letter was said for
}

// see takes in one mark.
func (z *zeekView) see(m *timeline.Mark) {
	side := m.From
	syn, fin, rst, ack := m.Flags.Has(reassembly.SYN), m.Flags.Has(reassembly.FIN), m.Flags.Has(reassembly.RST), m.Flags.Has(reassembly.ACK)
	end, peer := &z.ends[side], &z.ends[side.Other()]
	switch {
	case syn && ack:
		z.say(side, 'h', m.Seq)
		*end = zeekEstablished
		if *peer == zeekSYNSent || *peer == zeekInactive {
			*peer = zeekEstablished
		}
	case syn:
		z.say(side, 's', m.Seq)
		*end = max(*end, zeekSYNSent)
	case rst:
		z.say(side, 'r', m.Seq)
		if z.ends != [2]zeekEnd{zeekClosed, zeekClosed} {
			*end = zeekReset
		}
	default:
		z.flow(m)
		if *end == zeekInactive {
			*end = zeekPartial
		}
	}
	if fin {
		z.say(side, 'f', m.Seq)
		*end = zeekClosed
	}
}

// flow says the letters of data, bare acknowledgments and closed windows.
func (z *zeekView) flow(m *timeline.Mark) {
	if m.Bare > 0 {
		z.once(m.From, 'a')
	}
	if m.Len > 0 {
		z.once(m.From, 'd')
	}
	if m.Notes&timeline.Retransmission != 0 && m.Len > 0 {
		z.often(m.From, 't', m.Count)
	}
	if m.Notes&timeline.ZeroWindow != 0 {
		z.often(m.From, 'w', m.Count)
	}
	if m.Notes&timeline.Unseen != 0 {
		z.often(m.From.Other(), 'g', m.Count)
	}
}

// often says a letter the first, the tenth, the hundredth time, and so on.
func (z *zeekView) often(side timeline.Side, letter byte, times int) {
	n := &z.counts[side][letter-'a']
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
	if z.said[side]&(1<<(letter-'a')) == 0 {
		z.write(side, letter)
	}
}

// say says a letter again when the sequence number is another one.
func (z *zeekView) say(side timeline.Side, letter byte, seq int64) {
	number := &z.numbers[side][letter-'a']
	if z.said[side]&(1<<(letter-'a')) != 0 && *number == seq {
		return
	}
	*number = seq
	z.write(side, letter)
}

// write puts the letter, upper case for the originator.
func (z *zeekView) write(side timeline.Side, letter byte) {
	z.said[side] |= 1 << (letter - 'a')
	if side == timeline.Client {
		letter -= 'a' - 'A'
	}
	z.history = append(z.history, letter)
}

// state evaluates Zeek's conditions in Zeek's order.
func (z *zeekView) state() string {
	o, r := z.ends[timeline.Client], z.ends[timeline.Server]
	idle := func(e zeekEnd) bool { return e == zeekInactive || e == zeekPartial }
	switch {
	case r == zeekReset:
		return z.responderReset(o, idle(o))
	case o == zeekReset && idle(r):
		if h := string(z.history); strings.HasPrefix(h, "S") && strings.ToUpper(h) == h {
			return "RSTOS0"
		}
		return "OTH"
	case o == zeekReset:
		return "RSTO"
	case o == zeekClosed && r == zeekClosed:
		return "SF"
	case o == zeekClosed:
		return pick(idle(r), "SH", "S2")
	case r == zeekClosed:
		return pick(idle(o), "SHR", "S3")
	case o == zeekSYNSent && r == zeekInactive:
		return "S0"
	case o == zeekEstablished && r == zeekEstablished:
		return "S1"
	}
	return "OTH"
}

func (z *zeekView) responderReset(o zeekEnd, idle bool) string {
	switch {
	case o == zeekSYNSent || o == zeekSYNACKSent:
		return "REJ"
	case idle:
		return "RSTRH"
	}
	return "RSTR"
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
