package analyzer_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

func compare(t *testing.T, path string, s *flowtest.Scenario, file, got string) {
	t.Helper()
	want, ok := s.Golden(file)
	if !ok {
		t.Errorf("%s: no file %q; -update makes it:\n%s", path, file, got)
		return
	}
	if d := diff.Diff(file+" in "+path, []byte(want), file+" now", []byte(got)); d != nil {
		t.Errorf("\n%s", d)
	}
}

// timelines is the golden of the states.
func (o *outcome) timelines() string { return fold(o.connections, timelineOf) }

// findings is the golden of the findings, those across connections at the end.
func (o *outcome) findings() string {
	var b strings.Builder
	b.WriteString(fold(o.connections, findingsOf))
	for i := range o.across {
		a := &o.across[i]
		fmt.Fprintf(&b, "- %s %s %s %s\n", a.Code, a.Severity, target(a), frames(a.Frames))
	}
	return b.String()
}

// fewAlike is how many connections that came out alike are written one by one.
const fewAlike = 2

// number is what may differ between connections that came out alike: frames,
// addresses and ports. The digit of FIN_WAIT_1 is none.
var number = regexp.MustCompile(` *\b\d+\b`)

// fold writes the connections. Of many that came out alike, as those of a repeat
// do, it writes the first and how many more there are.
func fold(all []*analyzer.Connection, write func(*analyzer.Connection) string) string {
	texts := make([]string, len(all))
	shapes := make([]string, len(all))
	alike := map[string]int{}
	for i, c := range all {
		texts[i] = write(c)
		shapes[i] = number.ReplaceAllString(texts[i], " N")
		alike[shapes[i]]++
	}
	var b strings.Builder
	for i, c := range all {
		n := alike[shapes[i]]
		if texts[i] == "" || n == 0 {
			continue
		}
		b.WriteString(texts[i])
		if n > fewAlike {
			fmt.Fprintf(&b, "… and %d more like #%d\n", n-1, c.ID)
			alike[shapes[i]] = 0
		}
	}
	return b.String()
}

// timelineOf writes a connection's states: side, state, the frame that caused it
// ("-" for a timer), and how it is known.
func timelineOf(c *analyzer.Connection) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%d %s %s handshake %s, teardown %s, closed by %s\n", c.ID,
		c.Ends[timeline.Client], c.Ends[timeline.Server], c.Handshake, c.Teardown, c.ClosedBy)
	for _, side := range [...]timeline.Side{timeline.Client, timeline.Server} {
		for _, step := range c.States[side] {
			frame, basis := "-", step.Basis.String()
			if step.Frame != 0 {
				frame = fmt.Sprint(step.Frame)
			}
			if step.ConfirmedBy != 0 {
				basis += fmt.Sprintf(" by %d", step.ConfirmedBy)
			}
			fmt.Fprintf(&b, "%s %-11s %3s %s\n", side, step.State, frame, basis)
		}
	}
	return b.String()
}

// findingsOf writes a connection's findings: code, severity, whom it concerns and
// the evidence. The words are not compared, so that they can be bettered freely.
func findingsOf(c *analyzer.Connection) string {
	var b strings.Builder
	for _, f := range c.Findings {
		fmt.Fprintf(&b, "#%d %s %s %s %s\n", c.ID, f.Code, f.Severity, f.Endpoint, frames(f.Frames))
	}
	return b.String()
}

func frames(list []int) string { return strings.Trim(fmt.Sprint(list), "[]") }

// target says whom a finding across connections is about: an endpoint or a host.
func target(a *detect.Across) string {
	if a.Target.Port == 0 {
		return a.Target.Addr().String()
	}
	return a.Target.String()
}
