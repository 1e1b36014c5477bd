package sink

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// appendQuoted appends s as a JSON string (RFC 8259 §7). DEL and the C1 controls
// are escaped too, for reports that end up on a terminal; bytes that are not
// UTF-8 become U+FFFD.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	from := len(b)
	b = append(b, s...) // most strings are plain: that is seen fastest when they are in place
	if n := plainPrefix(b[from:]); n < len(s) {
		b = appendEscaped(b[:from+n], s[n:])
	}
	return append(b, '"')
}

// appendEscaped appends s with what a JSON string cannot hold escaped.
func appendEscaped(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		from := i
		for i < len(s) && isPlain(s[i]) {
			i++
		}
		b = append(b, s[from:i]...)
		if i < len(s) {
			v, size := utf8.DecodeRuneInString(s[i:])
			b = appendSpecial(b, v, s[i:i+size])
			i += size
		}
	}
	return b
}

// appendSpecial appends v, which is not plain and was decoded from s.
func appendSpecial(b []byte, v rune, s string) []byte {
	const hex = "0123456789abcdef"
	switch {
	case v == '"' || v == '\\':
		return append(b, '\\', byte(v))
	case v < 0xa0:
		return append(b, '\\', 'u', '0', '0', hex[v>>4], hex[v&15])
	case v == utf8.RuneError && len(s) == 1:
		return append(b, `\ufffd`...)
	}
	return append(b, s...)
}

// isPlain reports whether c is ASCII that a JSON string holds as it is.
func isPlain(c byte) bool { return c >= ' ' && c < 0x7f && c != '"' && c != '\\' }

// plainPrefix returns how many bytes at the beginning of b are plain.
func plainPrefix(b []byte) int {
	const word = 8
	if len(b) < word {
		n := 0
		for n < len(b) && isPlain(b[n]) {
			n++
		}
		return n
	}
	for i, last := 0, len(b)-word; ; i += word {
		i = min(i, last) // the last word may overlap the one before
		if special := specials(binary.LittleEndian.Uint64(b[i:])); special != 0 {
			return i + bits.TrailingZeros64(special)/8
		}
		if i == last {
			return len(b)
		}
	}
}

// specials sets the high bit of the first byte of w, from the lowest, that is not
// plain; what is set above it means nothing, for carries and borrows run upwards.
func specials(w uint64) uint64 {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	low := (w ^ 2*ones) - 0x21*ones // below the blank, or '"', which 2 swaps with the blank
	backslash := (w ^ '\\'*ones) - ones
	del := w + ones
	return (w | low | backslash | del) & highs
}
