package flowtest

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// What repeats may come to in one script: bytes, with so many for the headers of
// each frame. It bounds what a short text can ask for.
const (
	maxRepeated   = 4 << 20
	headersOfEach = 100
)

// isnOfRound keeps the rounds of a connection apart.
const isnOfRound = 1_000_003

// repeat is a block of lines that is played count times.
type repeat struct {
	line  int // of the file, for errors
	count int
	every time.Duration // from the beginning of one round to that of the next
	steps []step
	body  []line // the first round, as written
	first int    // index into Script.lines of its first frame
}

// frames is how many lines of the script the block stands for.
func (r *repeat) frames() int { return r.count * len(r.body) }

// step is what each round adds to an endpoint.
type step struct {
	side    side
	address bool // to its address; else to its port
	by      uint16
}

func (s step) String() string {
	what := "port"
	if s.address {
		what = "addr"
	}
	return fmt.Sprintf("%s %s+%d", [...]string{"client", "server"}[s.side], what, s.by)
}

// roundKey is a connection that a repeat made: a later repeat goes on with it.
type roundKey struct {
	base int // the connection that is written
	ends [2]netip.AddrPort
}

// begin takes the rest of the line that begins a block.
func (p *parser) begin(w *words) {
	w.next("repeat")
	if p.block != nil {
		w.fail("repeat: the one of line %d has not ended", p.block.line)
	}
	r := &repeat{line: p.number, count: int(w.number("repeat", math.MaxUint16))}
	w.choice("word", "every")
	var err error
	if r.every, err = parseTime(w.next("time")); err != nil {
		w.fail("%w", err)
	}
	for w.more() {
		r.steps = takeSteps(w, r.steps)
	}
	p.block = r
}

// takeSteps takes a side and what each round adds to its endpoint.
func takeSteps(w *words, steps []step) []step {
	at := side(w.choice("endpoint", "client", "server"))
	for n := 0; n == 0 || strings.Contains(w.peek(), "+"); n++ {
		word := w.next("port+N or addr+N")
		what, by, _ := strings.Cut(word, "+")
		number := words{rest: []string{by}}
		s := step{side: at, address: what == "addr", by: uint16(number.number(what, math.MaxUint16))}
		if number.err != nil || what != "addr" && what != "port" {
			w.fail("want port+N or addr+N, got %q", word)
			break
		}
		steps = append(steps, s)
	}
	return steps
}

// hold adds a line to the open block.
func (p *parser) hold(w *words, l line) {
	r := p.block
	switch n := len(r.body); {
	case l.kind != kindSegment:
		w.fail("a repeat holds segments only")
	case n > 0 && l.at < r.body[n-1].at:
		w.fail("a repeat cannot go back in time")
	case r.count > 1 && r.every > (maxTime-l.at)/time.Duration(r.count-1):
		w.fail("the last round is too far away")
	}
	p.repeated += r.count * (l.seg.len + headersOfEach)
	if p.repeated > maxRepeated {
		w.fail("repeats come to more than %d bytes", maxRepeated)
	}
	r.body = append(r.body, l)
}

// finish plays the open block. Rounds may overlap: their frames are merged by time.
func (p *parser) finish(w *words) {
	w.next("repeat")
	r := p.block
	if r == nil {
		w.fail("end repeat: there is none")
		return
	}
	p.block = nil
	if r.frames() == 0 {
		w.fail("the repeat of line %d holds nothing", r.line)
		return
	}
	var frames []line
	for round := range r.count {
		for _, l := range r.body {
			l.at += time.Duration(round) * r.every
			l.conn = p.round(w, r, l.conn, round)
			frames = append(frames, l)
		}
	}
	slices.SortStableFunc(frames, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	s := p.script
	r.first = len(s.lines)
	s.lines = append(s.lines, frames...)
	s.repeats = append(s.repeats, *r)
	p.now = frames[len(frames)-1].at
}

// round returns the connection that takes the place of base in a round.
func (p *parser) round(w *words, r *repeat, base, round int) int {
	c := p.script.conns[base]
	for _, s := range r.steps {
		var ok bool
		if c.ends[s.side], ok = s.move(c.ends[s.side], round); !ok {
			w.fail("round %d: %s leads past the last one", round+1, s)
			return base
		}
	}
	if c.ends == p.script.conns[base].ends {
		return base
	}
	key := roundKey{base, c.ends}
	i, known := p.rounds[key]
	if !known {
		i = len(p.script.conns)
		p.rounds[key] = i
		c.made = true
		c.isn[client] += isnOfRound * uint32(round)
		c.isn[server] += isnOfRound * uint32(round)
		p.script.conns = append(p.script.conns, c)
	}
	return i
}

// move returns the endpoint of a round, and whether there is one. An IPv6 address
// counts in its last 32 bits.
func (s step) move(end netip.AddrPort, round int) (netip.AddrPort, bool) {
	add := uint64(round) * uint64(s.by)
	if !s.address {
		port := uint64(end.Port()) + add
		return netip.AddrPortFrom(end.Addr(), uint16(port)), port <= math.MaxUint16
	}
	b := end.Addr().AsSlice()
	low := b[len(b)-4:]
	number := uint64(binary.BigEndian.Uint32(low)) + add
	binary.BigEndian.PutUint32(low, uint32(number))
	addr, _ := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(addr, end.Port()), number <= math.MaxUint32
}

// write writes the block as it was read.
func (r *repeat) write(b *strings.Builder, s *Script) {
	fmt.Fprintf(b, "repeat %d every %s", r.count, formatTime(r.every))
	for _, step := range r.steps {
		fmt.Fprintf(b, " %s", step)
	}
	b.WriteByte('\n')
	for i := range r.body {
		s.writeLine(b, &r.body[i])
	}
	b.WriteString("end repeat\n")
}
