package sink

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// headline tells what the capture holds.
func (s *screen) headline(sum *analyzer.Summary) {
	s.put(Strong, title(sum.Files))
	s.put(Plain, ": ")
	s.wrap(0, Plain, holds(sum))
	s.inputs(sum.Inputs)
	if sum.Frames > 0 && sum.Connections == 0 {
		s.noTCP(sum)
	}
}

func holds(sum *analyzer.Summary) string {
	if sum.Frames == 0 {
		return "empty, not a single frame"
	}
	parts := []string{count(sum.Frames, "frame")}
	if sum.Connections > 0 {
		parts = append(parts, count(sum.Connections, "TCP connection"))
	} else {
		parts = append(parts, "no TCP connection")
	}
	parts = append(parts, span(time.Duration(sum.Last-sum.First)))
	if sum.Vantage != "" {
		parts = append(parts, "captured "+sum.Vantage)
	}
	if len(sum.Interfaces) > 0 {
		parts = append(parts, "on "+strings.Join(sum.Interfaces, " and "))
	}
	return strings.Join(parts, ", ")
}

// noTCP says what was there instead, most first, and what to try.
func (s *screen) noTCP(sum *analyzer.Summary) {
	s.end()
	for _, line := range instead(sum) {
		s.wrap(0, Plain, line)
	}
}

func instead(sum *analyzer.Summary) []string {
	var lines []string
	if len(sum.Skipped) > 0 {
		lines = append(lines, "It held instead: "+skipped(sum.Skipped)+".")
	}
	return append(lines, "If TCP was expected: was the right interface captured, and did a capture filter let TCP pass?")
}

// skipped lists the reasons, the most frequent first: "12 not TCP, 3 not IP".
func skipped(reasons map[string]int) string {
	order := slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(reasons[b], reasons[a]), cmp.Compare(a, b))
	})
	for i, r := range order {
		order[i] = number(reasons[r]) + " " + r
	}
	return strings.Join(order, ", ")
}

// remarks tells what the report does not rest on.
func (s *screen) remarks(sum *analyzer.Summary) {
	lines := limits(sum)
	if len(lines) > 0 || sum.Damage != nil {
		s.end()
	}
	for _, l := range lines {
		s.wrap(0, Dim, l)
	}
	if sum.Damage != nil {
		s.wrap(0, Bad, "!! "+damageWords(sum.Damage))
	}
}

// limits is what a report does not rest on, but for damage: frames set aside,
// frames that the capture lost, connections let go.
func limits(sum *analyzer.Summary) []string {
	var lines []string
	if len(sum.Skipped) > 0 && sum.Connections > 0 {
		lines = append(lines, "Frames not analysed: "+skipped(sum.Skipped)+".")
	}
	if sum.Dropped > 0 {
		lines = append(lines, fmt.Sprintf("The capturing host dropped %s: what seems never to have come may only not have been captured.", count(int(sum.Dropped), "frame")))
	}
	lines = append(lines, sum.Notes...)
	if sum.LetGo > 0 {
		lines = append(lines, fmt.Sprintf("Let go while open, to stay within bounds: %s. --max-connections and --max-memory allow for more.", count(sum.LetGo, "connection")))
	}
	return lines
}

func damageWords(d *analyzer.Damage) string {
	return fmt.Sprintf("%s cannot be read beyond byte %d: %s. What came before is reported.", d.File, d.Offset, d.Reason)
}

// totals tells how connections went and where to, for captures with many.
func (s *screen) totals(t *tally) {
	for _, section := range [...]totals{t.byOutcome(), t.byServer()} {
		s.end()
		s.wrap(0, Strong, section.Heading)
		for i := range section.Lines {
			s.total(&section.Lines[i])
		}
	}
}

// total is one line of the totals: right-aligned number, name, those in trouble.
func (s *screen) total(l *total) {
	digits := number(l.Connections)
	s.pad(10 - len(digits))
	s.put(Plain, digits)
	s.gap(2)
	s.put(Plain, l.Name)
	if l.Troubled > 0 {
		s.pad(36)
		s.gap(2)
		s.put(Warn, "! "+number(l.Troubled)+" with findings")
	}
	s.end()
}

// list gives each connection its line, the worst first; of many, the first few of
// each kind.
func (t *textSink) list() {
	t.end()
	if n := t.tally.connections; n > listed {
		t.wrap(0, Strong, fmt.Sprintf("The worst of %s", count(n, "connection")))
		t.kinds()
	} else {
		t.entries(t.tally.worst)
	}
	t.end()
	hint := "--conn N shows one connection step by step, --json lists all."
	if t.o.Live {
		hint = "-w FILE keeps what is captured, so that -r FILE --conn N can show one connection step by step."
	}
	t.wrap(0, Dim, hint)
}

// kinds lists the first connections with the same findings and counts the others.
func (t *textSink) kinds() {
	lines := 0
	for _, k := range t.tally.worstKinds() {
		if lines >= listed {
			return
		}
		t.entries(k.examples)
		lines += len(k.examples)
		if more := k.connections - len(k.examples); more > 0 {
			t.pad(6)
			t.put(Dim, fmt.Sprintf("and %s like these", number(more)+" more"))
			t.end()
		}
	}
}

func (t *textSink) entries(list []entry) {
	inline := true
	for i := range list {
		inline = inline && t.fits(&list[i])
	}
	for i := range list {
		t.entry(&list[i], inline)
	}
}

// entry writes who talked to whom, the verdict and the codes: in one line, or
// with the verdict below where it does not fit.
func (s *screen) entry(e *entry, inline bool) {
	s.put(severityStyle(e.worst), e.mark())
	s.pad(3)
	s.put(Strong, "#"+strconv.Itoa(e.id))
	s.gap(2)
	s.put(Plain, s.pair(e.ends))
	codes, conditions := e.codeText()
	if inline {
		s.gap(3)
		s.put(Plain, e.verdict)
	}
	if !inline && s.at+3+len(codes)+2+len(conditions) > s.width {
		s.end()
		s.pad(6)
	} else {
		s.gap(3)
	}
	s.put(severityStyle(e.worst), codes)
	if codes != "" {
		s.gap(2)
	}
	s.put(Dim, conditions)
	s.end()
	if !inline && e.verdict != "" {
		s.wrap(6, Plain, e.verdict)
	}
}

// fits reports whether entry has room for all in one line.
func (s *screen) fits(e *entry) bool {
	codes, conditions := e.codeText()
	n := 3 + len("#"+strconv.Itoa(e.id)) + 2 + utf8.RuneCountInString(s.pair(e.ends)) + 3 + utf8.RuneCountInString(e.verdict)
	return n+3+len(codes)+2+len(conditions) <= s.width
}

// codeText joins the codes of the findings, and in parentheses the capture's.
func (e *entry) codeText() (codes, conditions string) {
	codes = strings.Join(e.codes, ", ")
	if len(e.conditions) > 0 {
		conditions = "(" + strings.Join(e.conditions, ", ") + ")"
	}
	return codes, conditions
}

func (s *screen) pair(ends [2]reassembly.Endpoint) string {
	return ends[timeline.Client].String() + " " + s.to + " " + ends[timeline.Server].String()
}

// mark is the sign of the gravest finding, nothing for a clean connection.
func (e *entry) mark() string {
	if e.worst == detect.Capture {
		return ""
	}
	return sign(e.worst)
}
