package sink

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// Watch shows in place what is open, what was found, and the worst connections; at the
// end, the report on all of them.
type Watch struct {
	*screen
	report  Sink
	tally   tally
	open    map[int]entry // connections that are open and have findings
	crowds  []string      // codes of floods and scans
	started bool
}

// View is what Watch shows besides its own counts.
type View struct {
	Title     string
	Time      int64 // nanoseconds since the Unix epoch
	Gauges    analyzer.Gauges
	PerSecond int // TCP segments
	Dropped   uint64
	Rows      int // of the terminal
}

// Control sequences of ECMA-48 that every terminal knows.
const (
	toTop       = "\x1b[H"
	eraseToEnd  = "\x1b[J" // of the screen
	eraseScreen = "\x1b[2J"
	eraseRight  = "\x1b[K"
)

// NewWatch returns the sink for a terminal.
func NewWatch(w io.Writer, o TextOptions) *Watch {
	return &Watch{screen: newScreen(w, &o), report: NewText(w, o), tally: newTally(), open: map[int]entry{}}
}

// Segment implements Sink.
func (w *Watch) Segment(*analyzer.Segment) error { return w.err }

// Connection implements Sink.
func (w *Watch) Connection(c *analyzer.Connection) error {
	delete(w.open, c.ID)
	w.tally.add(c)
	return cmp.Or(w.err, w.report.Connection(c))
}

// Finding implements analyzer.LiveHandler.
func (w *Watch) Finding(c *analyzer.Connection, f *detect.Finding) error {
	if f.Severity > detect.Capture {
		w.open[c.ID] = entryOf(c)
	}
	return w.err
}

// Across counts a flood or a scan.
func (w *Watch) Across(a *detect.Across) error {
	w.crowds = append(w.crowds, a.Code)
	return w.err
}

// Withdrawn implements analyzer.LiveHandler. What is shown next no longer holds it.
func (w *Watch) Withdrawn(int, timeline.Side, timeline.Transition, int) error { return w.err }

// Silent implements analyzer.LiveHandler.
func (w *Watch) Silent(*analyzer.Connection, int64) error { return w.err }

// End leaves the view where it is, and writes the report below it.
func (w *Watch) End(s *analyzer.Summary) error {
	if w.started {
		w.raw(toTop + eraseToEnd)
	}
	return cmp.Or(w.flush(), w.report.End(s))
}

// raw adds bytes that are no text.
func (w *Watch) raw(sequence string) { w.b = append(w.b, sequence...) }

// row ends a line of the view and whatever an earlier view had there.
func (w *Watch) row() {
	w.raw(eraseRight)
	w.end()
}

// Draw shows the view in place of the one before.
func (w *Watch) Draw(v *View) error {
	if !w.started {
		w.started = true
		w.raw(eraseScreen)
	}
	w.raw(toTop)
	w.put(Strong, v.Title)
	w.put(Plain, fmt.Sprintf("  %s  %s segments/s  %s dropped  %s ended", time.Unix(0, v.Time).UTC().Format("15:04:05"),
		number(v.PerSecond), number(int(v.Dropped)), number(w.tally.connections)))
	w.row()
	left := max(0, v.Rows-3)
	left -= w.states(v.Gauges.States, left)
	left -= w.findings(left)
	w.worst(left)
	w.raw(eraseToEnd)
	return w.flush()
}

// states is the table of states, by client and server, in at most so many rows.
func (w *Watch) states(pairs map[[2]string]int, rows int) int {
	counts := map[string]*[2]int{}
	for p, n := range pairs {
		for side, state := range p {
			state = cmp.Or(state, "not seen")
			if counts[state] == nil {
				counts[state] = new([2]int)
			}
			counts[state][side] += n
		}
	}
	order := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b][0]+counts[b][1], counts[a][0]+counts[a][1]), cmp.Compare(a, b))
	})
	w.line(Strong, fmt.Sprintf("%-14s %8s %8s", "state", "clients", "servers"))
	for i, state := range order {
		if i == rows-1 {
			break
		}
		w.line(Plain, fmt.Sprintf("%-14s %8s %8s", state, number(counts[state][0]), number(counts[state][1])))
	}
	return min(rows, len(order)+1)
}

// findings counts connections by their findings, those that are open included, and
// floods and scans.
func (w *Watch) findings(rows int) int {
	counts := map[string]int{}
	for code, g := range w.tally.findings {
		counts[code] = g.connections
	}
	for _, e := range w.open {
		for _, code := range e.codes {
			counts[code]++
		}
	}
	for _, code := range w.crowds {
		counts[code]++
	}
	maps.DeleteFunc(counts, func(code string, _ int) bool { return severity(code) == detect.Capture })
	if len(counts) == 0 || rows < 2 {
		return 0
	}
	w.line(Strong, "found")
	order := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(severity(b), severity(a)), cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, code := range order {
		if i == rows-1 {
			break
		}
		w.line(severityStyle(severity(code)), fmt.Sprintf("%8s  %-2s %s", number(counts[code]), sign(severity(code)), code))
	}
	return min(rows, len(counts)+1)
}

// severity is that of findings of a code.
func severity(code string) detect.Severity {
	r := detect.Find(code)
	if r == nil {
		return detect.Capture
	}
	return r.Severity
}

// worst lists connections with findings: those that are open first.
func (w *Watch) worst(rows int) {
	list := slices.SortedFunc(maps.Values(w.open), func(a, b entry) int { return compareEntries(&a, &b) })
	for i := range w.tally.worst {
		if w.tally.worst[i].worst > detect.Capture {
			list = append(list, w.tally.worst[i])
		}
	}
	if len(list) == 0 || rows < 2 {
		return
	}
	w.line(Strong, "worst")
	for i := range list[:min(len(list), rows-1)] {
		e := &list[i]
		codes, _ := e.codeText()
		text := "#" + strconv.Itoa(e.id) + "  " + w.pair(e.ends) + "  " + codes + "  " + e.verdict
		w.put(severityStyle(e.worst), fmt.Sprintf("%-3s", e.mark()))
		w.line(Plain, clip(text, w.width-4))
	}
}

// line is a row of one text.
func (w *Watch) line(style Style, text string) {
	w.put(style, clip(text, w.width-1))
	w.row()
}

// clip cuts text to so many runes, because a longer row would wrap.
func clip(text string, columns int) string {
	if r := []rune(text); len(r) > columns {
		return string(r[:max(0, columns)])
	}
	return text
}
