package flowtest

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// seqRange is packetdrill's "first:last(length)".
var seqRange = regexp.MustCompile(`^(-?\d+):(-?\d+)\((\d+)\)$`)

// frame takes what follows the time.
func (p *parser) frame(w *words) {
	l := line{dup: len(p.script.lines)}
	switch word := w.peek(); word {
	case "dup":
		l.kind = kindDup
		p.dup(w, &l)
	case "icmp":
		l.kind = kindICMP
		w.next(word)
		l.icmp = takeICMP(w, &p.script.conns[p.conn])
		takeSegment(w, &l)
	case "udp":
		l.kind = kindUDP
		w.next(word)
	case "arp":
		l.kind = kindARP
		w.next(word)
		if !p.script.link.carriesARP() {
			w.fail("this link carries no ARP")
		}
	default:
		takeSegment(w, &l)
	}
	for w.more() && takePath(w, &l.path) {
	}
	p.add(w, l)
}

func (p *parser) dup(w *words, l *line) {
	w.next("dup")
	if _, err := strconv.Atoi(w.peek()); err == nil {
		l.dup = int(w.number("frame", uint64(len(p.script.lines))))
	}
	if l.dup == 0 {
		w.fail("dup: no such frame")
		return
	}
	if k := p.script.lines[l.dup-1].kind; k == kindARP {
		w.fail("dup: frame %d is no IP packet", l.dup)
	}
}

// takeSegment takes a segment, and the words of its path among its own.
func takeSegment(w *words, l *line) {
	s := &l.seg
	switch word := w.next("C> or S>"); word {
	case "C>":
		s.from = client
	case "S>":
		s.from = server
	default:
		w.fail("unknown word %q", word)
	}
	takeFlags(w, s)
	takeRange(w, s)
	acked := false
	for w.more() && (takePath(w, &l.path) || takeField(w, s, &acked)) {
	}
	if w.err == nil && acked != s.flags.Has(reassembly.ACK) {
		w.fail("an ack number and the flag . go together")
	}
}

func takeFlags(w *words, s *segment) {
	word := w.next("flags")
	if word == "-" {
		return
	}
next:
	for i := 0; i < len(word); i++ {
		for _, f := range flagLetters {
			if word[i] == f.letter && !s.flags.Has(f.flag) {
				s.flags |= f.flag
				continue next
			}
		}
		w.fail("unknown flags %q", word)
	}
}

func takeRange(w *words, s *segment) {
	word := w.next("sequence range")
	m := seqRange.FindStringSubmatch(word)
	if w.err != nil || m == nil {
		w.fail("want a sequence range like 1:101(100), got %q", word)
		return
	}
	parts := words{rest: m[1:]}
	s.seq = parts.relative("first")
	last := parts.relative("last")
	s.len = int(parts.number("length", maxPayload))
	if parts.err == nil && last != s.seq+int64(s.len) {
		parts.fail("%s: %d and %d make %d", word, s.seq, s.len, s.seq+int64(s.len))
	}
	w.err = parts.err
}

// takeField takes one more word of a segment, if the next word is one.
func takeField(w *words, s *segment, acked *bool) bool {
	switch word := w.peek(); {
	case word == "ack":
		w.next(word)
		s.ack, *acked = w.relative(word), true
	case word == "win":
		w.next(word)
		s.window = optional{uint16(w.number(word, math.MaxUint16)), true}
	case word == "urg":
		w.next(word)
		s.urgent = uint16(w.number(word, math.MaxUint16))
	case word == "id":
		w.next(word)
		s.id = optional{uint16(w.number(word, math.MaxUint16)), true}
	case word == "other":
		w.next(word)
		s.other = true
	case word == "lost":
		w.next(word)
		s.lost = true
	case strings.HasPrefix(word, "<"):
		opts, err := parseOptions(w.next(word))
		if err != nil {
			w.fail("%w", err)
		}
		s.opts, s.listed = opts, true
	default:
		return false
	}
	return true
}

// takePath takes one word of a path, if the next word is one.
func takePath(w *words, p *path) bool {
	switch word := w.peek(); word {
	case "ttl":
		w.next(word)
		p.ttl = uint8(w.number(word, math.MaxUint8))
	case "vlan":
		w.next(word)
		p.vlan = uint16(w.number(word, 4094))
	case "if":
		w.next(word)
		p.index = uint32(w.number(word, math.MaxUint32))
	case "in":
		w.next(word)
		p.direction = reassembly.Incoming
	case "out":
		w.next(word)
		p.direction = reassembly.Outgoing
	default:
		return false
	}
	return true
}
