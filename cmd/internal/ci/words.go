package ci

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

const (
	toolName = "tcpflow-explain"
	toolURI  = "https://github.com/tcpflow-explain/tcpflow-explain"
)

// spread says on how many connections a problem is, "" for one or the capture.
func spread(p *check.Problem) string {
	if p.Count < 2 {
		return ""
	}
	return fmt.Sprintf(" (on %d connections)", p.Count)
}

// where names the connection of a case: "connection 3, 192.0.2.1:40000 → 192.0.2.2:80, frames 4, 5".
func where(c *check.Case) string {
	s := fmt.Sprintf("connection %d, %s → %s", c.Connection, c.Client, c.Server)
	if len(c.Frames) == 0 {
		return s
	}
	word := "frame"
	if len(c.Frames) > 1 {
		word = "frames"
	}
	return s + ", " + word + " " + numbers(c.Frames)
}

// numbers lists frames, the middle of many left out.
func numbers(frames []int) string {
	const most = 6
	words := make([]string, 0, len(frames))
	for i, f := range frames {
		if len(frames) > most && i == most-1 {
			words = append(words, "…")
			break
		}
		words = append(words, fmt.Sprint(f))
	}
	if len(frames) > most {
		words = append(words, fmt.Sprint(frames[len(frames)-1]))
	}
	return strings.Join(words, ", ")
}

// story tells a problem at length, in plain text: each case with its ladder.
func story(p *check.Problem) string {
	var b strings.Builder
	if alone(p) {
		b.WriteString(p.Message + spread(p) + "\n")
	}
	for i := range p.Cases {
		c := &p.Cases[i]
		fmt.Fprintf(&b, "%s\n%s\n%s", where(c), c.Message, c.Ladder)
	}
	if more := p.Count - len(p.Cases); len(p.Cases) > 0 && more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	return b.String()
}

// alone reports whether the message says something that no case does.
func alone(p *check.Problem) bool { return len(p.Cases) == 0 || p.Cases[0].Message != p.Message }

// failing returns the problems of a result that fail the check.
func failing(r *check.Result) []*check.Problem {
	var out []*check.Problem
	for _, p := range r.Problems {
		if p.Fails() {
			out = append(out, p)
		}
	}
	return out
}

// plain replaces what does not print, and what XML 1.0 cannot hold (§2.2): packets
// and file names have no say in what a terminal does. Line ends stay.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r == '\n', unicode.IsPrint(r):
			return r
		case r == '\t':
			return ' '
		}
		return '?'
	}, s)
}

// oneLine joins the words of a text, so that it fits into a line of a log.
func oneLine(s string) string { return strings.Join(strings.Fields(plain(s)), " ") }
