package flowtest

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// words are what is left of a line. The first error sticks.
type words struct {
	rest []string
	err  error
}

// splitWords cuts a line at blanks, up to a comment. What stands in angle
// brackets is one word.
func splitWords(text string) words {
	var w words
	for text = strings.TrimSpace(text); text != "" && text[0] != '#'; text = strings.TrimSpace(text) {
		end := strings.IndexAny(text, " \t")
		if text[0] == '<' {
			if end = strings.IndexByte(text, '>') + 1; end == 0 {
				w.fail("%q lacks its closing bracket", text)
				return w
			}
		}
		if end < 0 {
			end = len(text)
		}
		w.rest = append(w.rest, text[:end])
		text = text[end:]
	}
	return w
}

func (w *words) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

// more reports whether a word is left and nothing has gone wrong.
func (w *words) more() bool { return w.err == nil && len(w.rest) > 0 }

// peek returns the next word, or nothing at the end.
func (w *words) peek() string {
	if !w.more() {
		return ""
	}
	return w.rest[0]
}

// next takes a word; what says what it should be.
func (w *words) next(what string) string {
	if !w.more() {
		w.fail("%s is missing", what)
		return ""
	}
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

// number takes an integer from 0 to limit.
func (w *words) number(what string, limit uint64) uint64 {
	word := w.next(what)
	if w.err != nil {
		return 0
	}
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil || n > limit {
		w.fail("%s: want a number up to %d, got %q", what, limit, word)
		return 0
	}
	return n
}

// relative takes a number that counts from an ISN.
func (w *words) relative(what string) int64 {
	word := w.next(what)
	if w.err != nil {
		return 0
	}
	n, err := parseRelative(word)
	if err != nil {
		w.fail("%s: %w", what, err)
	}
	return n
}

// endpoint takes an address and port.
func (w *words) endpoint(what string) netip.AddrPort {
	word := w.next(what)
	if w.err != nil {
		return netip.AddrPort{}
	}
	ap, err := netip.ParseAddrPort(word)
	if err != nil || ap.Addr().Zone() != "" {
		w.fail("%s: want an address and port, got %q", what, word)
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// side takes C or S.
func (w *words) side() side {
	switch word := w.next("C or S"); {
	case word == "S":
		return server
	case word != "C":
		w.fail("want C or S, got %q", word)
	}
	return client
}

// choice takes one of the names and returns its place among them.
func (w *words) choice(what string, names ...string) int {
	word := w.next(what)
	for i, name := range names {
		if word == name {
			return i
		}
	}
	w.fail("unknown %s %q, want one of %s", what, word, strings.Join(names, ", "))
	return 0
}

// parseRelative reads a number relative to an ISN; 2^40 is as far as one gets.
func parseRelative(word string) (int64, error) {
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < -1<<40 || n > 1<<40 {
		return 0, fmt.Errorf("want a relative sequence number, got %q", word)
	}
	return n, nil
}

// parseTime reads seconds with at most nine decimals.
func parseTime(word string) (time.Duration, error) {
	whole, fraction, dotted := strings.Cut(word, ".")
	sec, err := strconv.ParseUint(whole, 10, 30)
	if err != nil || len(fraction) > 9 || (dotted && fraction == "") {
		return 0, fmt.Errorf("want a time in seconds, got %q", word)
	}
	nsec, err := strconv.ParseUint((fraction + "000000000")[:9], 10, 30)
	if err != nil {
		return 0, fmt.Errorf("want a time in seconds, got %q", word)
	}
	return time.Duration(sec)*time.Second + time.Duration(nsec), nil
}
