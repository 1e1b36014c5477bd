package sink

import (
	"net/netip"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// line is one line of NDJSON under construction. A method appends a stretch that
// is the same in every line, with its braces, keys and commas, and then a value:
// the code that writes an object has the look of that object.
//
// It is a slice and not a buffer behind a pointer, so that a chain of calls keeps
// it in registers.
type line []byte

// text appends a stretch without a value.
func (l line) text(fixed string) line { return append(l, fixed...) }

// comma separates an element of a list from those before it.
func (l line) comma(i int) line {
	if i > 0 {
		return l.text(",")
	}
	return l
}

func (l line) int(fixed string, v int) line { return l.int64(fixed, int64(v)) }

func (l line) int64(fixed string, v int64) line {
	return appendInt(l.text(fixed), v)
}

func (l line) bool(fixed string, v bool) line {
	if v {
		return l.text(fixed).text("true")
	}
	return l.text(fixed).text("false")
}

// word writes one of this program's own words, which holds nothing to escape.
func (l line) word(fixed, v string) line {
	return l.text(fixed).text(`"`).text(v).text(`"`)
}

func (l line) string(fixed, v string) line {
	return appendQuoted(l.text(fixed), v)
}

// stringOrNull writes null for the empty string.
func (l line) stringOrNull(fixed, v string) line {
	if v == "" {
		return l.text(fixed).text("null")
	}
	return l.string(fixed, v)
}

// side writes null for Nobody.
func (l line) side(fixed string, s timeline.Side) line {
	if s == timeline.Nobody {
		return l.text(fixed).text("null")
	}
	return l.word(fixed, s.String())
}

func (l line) strings(fixed string, vs []string) line {
	l = l.text(fixed).text("[")
	for i, v := range vs {
		l = appendQuoted(l.comma(i), v)
	}
	return l.text("]")
}

func (l line) ints(fixed string, vs []int) line {
	l = l.text(fixed).text("[")
	for i, v := range vs {
		l = appendInt(l.comma(i), int64(v))
	}
	return l.text("]")
}

// addr writes an address in RFC 5952 form, without brackets.
func (l line) addr(fixed string, v netip.Addr) line {
	l = v.AppendTo(l.text(fixed).text(`"`))
	return l.text(`"`)
}

// seconds writes a duration in nanoseconds as decimal seconds, exactly.
func (l line) seconds(fixed string, ns int64) line {
	l = l.text(fixed)
	if ns < 0 {
		l, ns = l.text("-"), -ns
	}
	l = appendInt(l, ns/1e9)
	if ns %= 1e9; ns == 0 {
		return l
	}
	l = appendNine(l.text("."), uint32(ns))
	for l[len(l)-1] == '0' {
		l = l[:len(l)-1]
	}
	return l
}

// clock knows the text of some seconds: those of one connection lie far apart, and
// are shared by its neighbours.
type clock [64]struct {
	second int64    // Unix time
	text   [20]byte // "2006-01-02T15:04:05."
}

// at returns the text of a second.
func (c *clock) at(second int64) *[20]byte {
	known := &c[uint64(second)%uint64(len(c))]
	if known.second != second || known.text[0] == 0 {
		known.second = second
		time.Unix(second, 0).UTC().AppendFormat(known.text[:0], "2006-01-02T15:04:05.")
	}
	return &known.text
}

// time writes nanoseconds since the Unix epoch in RFC 3339, UTC: nine digits of
// a second where the capture has them, six otherwise.
func (l line) time(fixed string, ns int64, c *clock) line {
	second, fraction := ns/1e9, uint32(ns%1e9)
	if ns%1e9 < 0 {
		second, fraction = second-1, fraction+1e9
	}
	l = append(l.text(fixed).text(`"`), c.at(second)[:]...)
	if fraction%1000 == 0 {
		l = appendSix(l, fraction/1000)
	} else {
		l = appendNine(l, fraction)
	}
	return l.text(`Z"`)
}
