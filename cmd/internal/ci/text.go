package ci

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// TextOptions say how the text looks.
type TextOptions struct {
	Palette sink.Palette // the zero value has no colours
	Verbose bool         // list the rules that passed
}

// Text writes the report for people: what failed with its connections first, then
// what did not, and the outcome last, where a log ends.
func Text(w io.Writer, r *check.Report, o TextOptions) error {
	t := &texter{bufio.NewWriter(w), o, map[string]bool{}}
	var passed, skipped, failed int
	for _, result := range r.Results {
		t.result(r, result)
		switch {
		case result.Failed():
			failed++
		case result.Skipped != "":
			skipped++
		default:
			passed++
		}
	}
	for _, id := range r.Stale {
		t.line(sink.Dim, "no longer there: "+id+"; --update takes it out of the baseline")
	}
	t.outcome(r, passed, skipped, failed)
	return t.Flush()
}

type texter struct {
	*bufio.Writer
	o     TextOptions
	drawn map[string]bool // ladders: two rules often fail on one connection
}

// line writes a line; a line end within the text becomes a blank.
func (t *texter) line(style sink.Style, text string) {
	fmt.Fprintln(t, t.o.Palette.Paint(style, strings.ReplaceAll(plain(text), "\n", " ")))
}

func (t *texter) result(r *check.Report, result *check.Result) {
	if result.Skipped != "" {
		t.line(sink.Dim, "skipped  "+result.Name+": "+result.Skipped)
	}
	if len(result.Problems) == 0 {
		if t.o.Verbose && result.Skipped == "" {
			t.line(sink.Good, "passed   "+result.Name)
		}
		return
	}
	for _, p := range result.Problems {
		t.problem(r, result, p)
	}
}

func (t *texter) problem(r *check.Report, result *check.Result, p *check.Problem) {
	at := ""
	if result.Line > 0 {
		at = fmt.Sprintf(" (%s:%d)", r.Expectations, result.Line)
	}
	switch {
	case p.Accepted:
		t.line(sink.Dim, "accepted "+p.ID+spread(p)+", by the baseline")
		return
	case p.Fails():
		t.line(severityStyle(p.Severity), "FAILED   "+result.Name+at)
	default:
		t.line(sink.Plain, "note     "+result.Name+at)
	}
	if result.Line > 0 {
		t.line(sink.Plain, "   expected: "+result.About)
	}
	if alone(p) {
		t.line(sink.Plain, "   "+p.Message+spread(p))
	}
	for i := range p.Cases {
		t.one(r, &p.Cases[i])
	}
	if more := p.Count - len(p.Cases); len(p.Cases) > 0 && more > 0 {
		t.line(sink.Dim, fmt.Sprintf("   and %d more", more))
	}
	fmt.Fprintln(t)
}

func (t *texter) one(r *check.Report, c *check.Case) {
	t.line(sink.Strong, "   "+where(c))
	t.line(sink.Plain, "   "+c.Message)
	if c.Verdict != c.Message {
		t.line(sink.Dim, "   "+c.Verdict)
	}
	if t.drawn[c.Ladder] {
		t.line(sink.Dim, "   drawn above")
		return
	}
	t.drawn[c.Ladder] = c.Ladder != ""
	for l := range strings.Lines(c.Ladder) {
		t.line(sink.Plain, "  "+strings.TrimRight(l, "\n"))
	}
	again := fmt.Sprintf("   all of it: tcpflow-explain -r %s --conn %d", r.Input, c.Connection)
	if r.Filter != "" {
		again += " '" + r.Filter + "'"
	}
	t.line(sink.Dim, again)
}

func severityStyle(s detect.Severity) sink.Style {
	if s == detect.Error {
		return sink.Bad
	}
	return sink.Warn
}

func (t *texter) outcome(r *check.Report, passed, skipped, failed int) {
	text := fmt.Sprintf("%s: %s, %d frames: %d of %d rules failed", r.Input, connections(r.Connections), r.Frames, failed, passed+skipped+failed)
	style := sink.Bad
	if failed == 0 {
		style = sink.Good
		text = fmt.Sprintf("%s: %s, %d frames: passed, %d rules", r.Input, connections(r.Connections), r.Frames, passed)
		if skipped > 0 {
			text += fmt.Sprintf(", %d skipped", skipped)
		}
	}
	t.line(style, text)
}

func connections(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", n)
}
