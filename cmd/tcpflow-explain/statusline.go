package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// statusLine keeps one line below what is written through it. Without text it is
// the writer alone, which suits a pipe.
type statusLine struct {
	io.Writer
	text string // as it stands on the terminal now
}

// eraseLine returns to the first column and empties the line (ECMA-48 EL).
const eraseLine = "\r\x1b[K"

// Write writes whole lines above the status.
func (s *statusLine) Write(p []byte) (int, error) {
	if s.text == "" {
		return s.Writer.Write(p)
	}
	out := append([]byte(eraseLine), p...)
	if _, err := s.Writer.Write(append(out, s.text...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// show replaces the status; the empty one takes it away.
func (s *statusLine) show(text string) error {
	if text == s.text {
		return nil
	}
	s.text = text
	_, err := io.WriteString(s.Writer, eraseLine+text)
	return err
}

// statusWords says what is open, in at most so many columns.
func statusWords(g analyzer.Gauges, perSecond int, drops uint64, columns int) string {
	open := 0
	for _, n := range g.States {
		open += n
	}
	text := fmt.Sprintf("[%d open", open)
	if open > 0 {
		text += ": " + strings.Join(stateCounts(g.States), ", ")
	}
	text += fmt.Sprintf("] %d segments/s, %d dropped", perSecond, drops)
	if utf8.RuneCountInString(text) >= columns { // a full line would wrap and could not be erased
		text = text[:max(0, columns-1)]
	}
	return text
}

// stateCounts is "9 ESTABLISHED", "2 FIN_WAIT_2/CLOSE_WAIT", the most frequent first:
// client and server, once where both are in the same state.
func stateCounts(states map[[2]string]int) []string {
	pairs := slices.SortedFunc(maps.Keys(states), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(states[b], states[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = fmt.Sprintf("%d %s", states[p], pairName(p))
	}
	return words
}

func pairName(p [2]string) string {
	client, server := cmp.Or(p[0], "unknown"), cmp.Or(p[1], "unknown")
	if client == server {
		return client
	}
	return client + "/" + server
}
