package sink

import (
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"
)

// record is one JSON object under construction in a buffer that is used again
// for the next: no reflection and no allocation once the buffer has grown.
type record struct {
	b      []byte
	second int64    // Unix second that stamp shows
	stamp  [19]byte // "2006-01-02T15:04:05", kept because neighbours share their second
}

// key begins a member of the innermost object.
func (r *record) key(name string) {
	r.comma()
	r.b = append(r.b, '"')
	r.b = append(r.b, name...)
	r.b = append(r.b, '"', ':')
}

// comma separates the next value from one before it.
func (r *record) comma() {
	if n := len(r.b); n > 0 {
		switch r.b[n-1] {
		case '{', '[', '\n':
		default:
			r.b = append(r.b, ',')
		}
	}
}

func (r *record) open(name string) {
	r.key(name)
	r.b = append(r.b, '{')
}

func (r *record) close() { r.b = append(r.b, '}') }

func (r *record) null(name string) {
	r.key(name)
	r.b = append(r.b, "null"...)
}

func (r *record) bool(name string, v bool) {
	r.key(name)
	r.b = strconv.AppendBool(r.b, v)
}

func (r *record) int(name string, v int64) {
	r.key(name)
	r.b = strconv.AppendInt(r.b, v, 10)
}

func (r *record) string(name, v string) {
	r.key(name)
	r.b = appendQuoted(r.b, v)
}

// stringOrNull writes null for the empty string.
func (r *record) stringOrNull(name, v string) {
	if v == "" {
		r.null(name)
		return
	}
	r.string(name, v)
}

func (r *record) strings(name string, vs []string) {
	r.key(name)
	r.b = append(r.b, '[')
	for _, v := range vs {
		r.comma()
		r.b = appendQuoted(r.b, v)
	}
	r.b = append(r.b, ']')
}

func (r *record) ints(name string, vs []int) {
	r.key(name)
	r.b = append(r.b, '[')
	for _, v := range vs {
		r.comma()
		r.b = strconv.AppendInt(r.b, int64(v), 10)
	}
	r.b = append(r.b, ']')
}

// addr writes an address in RFC 5952 form, without brackets.
func (r *record) addr(name string, v netip.Addr) {
	r.key(name)
	r.b = append(r.b, '"')
	r.b = v.AppendTo(r.b)
	r.b = append(r.b, '"')
}

// seconds writes a duration in nanoseconds as decimal seconds, exactly.
func (r *record) seconds(name string, ns int64) {
	r.key(name)
	if ns < 0 {
		r.b = append(r.b, '-')
		ns = -ns
	}
	r.b = strconv.AppendInt(r.b, ns/1e9, 10)
	if ns %= 1e9; ns == 0 {
		return
	}
	r.b = append(r.b, '.')
	r.b = appendDigits(r.b, ns, 9)
	for r.b[len(r.b)-1] == '0' {
		r.b = r.b[:len(r.b)-1]
	}
}

// time writes nanoseconds since the Unix epoch in RFC 3339, UTC: nine digits
// of a second where the capture has them, six otherwise.
func (r *record) time(name string, ns int64) {
	second, fraction := ns/1e9, ns%1e9
	if fraction < 0 {
		second, fraction = second-1, fraction+1e9
	}
	if second != r.second || r.stamp[0] == 0 {
		time.Unix(second, 0).UTC().AppendFormat(r.stamp[:0], "2006-01-02T15:04:05")
		r.second = second
	}
	r.key(name)
	r.b = append(r.b, '"')
	r.b = append(r.b, r.stamp[:]...)
	r.b = append(r.b, '.')
	if fraction%1000 == 0 {
		r.b = appendDigits(r.b, fraction/1000, 6)
	} else {
		r.b = appendDigits(r.b, fraction, 9)
	}
	r.b = append(r.b, 'Z', '"')
}

// appendDigits appends v with leading zeros, width digits in all.
func appendDigits(b []byte, v int64, width int) []byte {
	for range width {
		b = append(b, '0')
	}
	for i := len(b) - 1; v > 0; i, v = i-1, v/10 {
		b[i] = byte('0' + v%10)
	}
	return b
}

// appendQuoted appends s as a JSON string (RFC 8259 §7). DEL and the C1 controls
// are escaped too, for reports that end up on a terminal; bytes that are not
// UTF-8 become U+FFFD.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			b = appendASCII(b, c)
			i++
			continue
		}
		v, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case v == utf8.RuneError && size == 1:
			b = append(b, `\ufffd`...)
		case v < 0xa0:
			b = appendEscape(b, byte(v))
		default:
			b = append(b, s[i:i+size]...)
		}
		i += size
	}
	return append(b, '"')
}

func appendASCII(b []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(b, '\\', c)
	case c < ' ' || c == 0x7f:
		return appendEscape(b, c)
	}
	return append(b, c)
}

func appendEscape(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
