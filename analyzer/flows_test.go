package analyzer_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

var update = flag.Bool("update", false, "rewrite the goldens of testdata/flows")

// outcome keeps what the analyzer tells.
type outcome struct {
	connections []*analyzer.Connection
	across      []detect.Across
	notes       map[int]timeline.Note // of the segments, by frame
}

func (o *outcome) Segment(s *analyzer.Segment) error {
	o.notes[s.Mark.Frame] = s.Mark.Notes
	return nil
}

func (o *outcome) Connection(c *analyzer.Connection) error {
	o.connections = append(o.connections, c.Clone())
	return nil
}

// analyze feeds the frames of a scenario to an analyzer.
func analyze(t *testing.T, s *flowtest.Scenario) *outcome {
	t.Helper()
	o := outcome{notes: map[int]timeline.Note{}}
	a := analyzer.New(analyzer.Config{Segments: true}, &o)
	frames := s.Script.Frames()
	for i := range frames {
		if err := a.Feed(&frames[i]); err != nil {
			t.Fatalf("frame %d: %v", frames[i].Number, err)
		}
	}
	sum, err := a.Close()
	if err != nil {
		t.Fatal(err)
	}
	o.across = sum.Across
	slices.SortStableFunc(o.connections, func(a, b *analyzer.Connection) int { return cmp.Compare(a.ID, b.ID) })
	return &o
}

// scenarios returns the archives of testdata/flows by path.
func scenarios(t *testing.T) map[string]*flowtest.Scenario {
	t.Helper()
	paths, err := filepath.Glob("../testdata/flows/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scenarios in testdata/flows: ", err)
	}
	found := make(map[string]*flowtest.Scenario, len(paths))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found[path], err = flowtest.ParseScenario(path, data); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// TestFlows runs each scenario, checks what it claims, and compares the whole
// outcome with its goldens; -update rewrites those.
func TestFlows(t *testing.T) {
	for path, s := range scenarios(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			o := analyze(t, s)
			for _, claim := range s.Claims {
				if problem := check(claim, o); problem != "" {
					t.Errorf("%s:%d: %s", path, claim.Line, problem)
				}
			}
			states, findings := o.timelines(), o.findings()
			if *update {
				s.SetGolden(flowtest.TimelineFile, states)
				s.SetGolden(flowtest.FindingsFile, findings)
				if err := os.WriteFile(path, s.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, path, s, flowtest.TimelineFile, states)
			compare(t, path, s, flowtest.FindingsFile, findings)
		})
	}
}

// check returns what is wrong with a claim, or nothing.
func check(claim flowtest.Claim, o *outcome) string {
	got := fmt.Sprint(len(o.connections))
	switch {
	case claim.Key == "connections":
	case claim.Key == "segment":
		frame, words, _ := strings.Cut(claim.Want, " ")
		number, err := strconv.Atoi(frame)
		if err != nil {
			return err.Error()
		}
		if got = noteCodes(o.notes[number]); got == words {
			return ""
		}
	case isAcross(claim):
		return checkAcross(claim, o.across)
	case claim.Conn < 1 || claim.Conn > len(o.connections):
		return fmt.Sprintf("there is no connection %d", claim.Conn)
	default:
		c := o.connections[claim.Conn-1]
		switch claim.Key {
		case "finding", "no", "clean":
			return checkFindings(claim, c)
		}
		got = fact(claim, c)
	}
	if got != claim.Want {
		return fmt.Sprintf("%s is %q, want %q", claim.Key, got, claim.Want)
	}
	return ""
}

// fact returns what a connection's report says about the subject of a claim.
func fact(claim flowtest.Claim, c *analyzer.Connection) string {
	switch claim.Key {
	case "client":
		return stateNames(c, timeline.Client, claim.Want)
	case "server":
		return stateNames(c, timeline.Server, claim.Want)
	case "client-app":
		return appWords(c.App[timeline.Client])
	case "server-app":
		return appWords(c.App[timeline.Server])
	case "handshake":
		return c.Handshake.String()
	case "teardown":
		return c.Teardown.String()
	case "closed-by":
		return c.ClosedBy.String()
	case "rtt":
		return rtt(c)
	case "doubts":
		return doubts(c)
	}
	return "unknown"
}

func checkFindings(claim flowtest.Claim, c *analyzer.Connection) string {
	code, endpoint, _ := strings.Cut(claim.Want, " ")
	for _, f := range c.Findings {
		switch {
		case claim.Key == "clean" && f.Severity > detect.NoteLevel,
			claim.Key == "no" && f.Code == code:
			return fmt.Sprintf("%s (%s) in frames %v, want none", f.Code, f.Severity, f.Frames)
		case claim.Key == "finding" && f.Code == code && (endpoint == "" || f.Endpoint.String() == endpoint):
			return ""
		}
	}
	if claim.Key == "finding" {
		return fmt.Sprintf("no finding %s", claim.Want)
	}
	return ""
}

// isAcross reports whether a claim is about what only many connections show.
func isAcross(claim flowtest.Claim) bool {
	code, _, _ := strings.Cut(claim.Want, " ")
	r := detect.Find(code)
	return (claim.Key == "finding" || claim.Key == "no") && r != nil && r.Check == nil
}

func checkAcross(claim flowtest.Claim, found []detect.Across) string {
	code, whom, _ := strings.Cut(claim.Want, " ")
	i := slices.IndexFunc(found, func(a detect.Across) bool {
		return a.Code == code && (whom == "" || target(&a) == whom)
	})
	switch {
	case claim.Key == "finding" && i < 0:
		return fmt.Sprintf("no finding %s", claim.Want)
	case claim.Key == "no" && i >= 0:
		return fmt.Sprintf("%s (%s) about %s in frames %v, want none", code, found[i].Severity, target(&found[i]), found[i].Frames)
	}
	return ""
}

// stateNames joins the states of a side; where want has an "@", with the frame, or
// the time of a timer since the beginning.
func stateNames(c *analyzer.Connection, side timeline.Side, want string) string {
	steps, wanted := c.States[side], strings.Fields(want)
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i] = step.State.String()
		switch {
		case i >= len(wanted) || !strings.Contains(wanted[i], "@"):
		case step.Basis == timeline.Timed:
			names[i] += fmt.Sprintf("@%v", time.Duration(step.Time-c.Start))
		default:
			names[i] += fmt.Sprintf("@%d", step.Frame)
		}
	}
	return orDash(names)
}

func rtt(c *analyzer.Connection) string {
	if c.HandshakeRTT < 0 {
		return "-"
	}
	return c.HandshakeRTT.String()
}

func doubts(c *analyzer.Connection) string {
	var ends []string
	for _, d := range c.Doubts {
		ends = append(ends, fmt.Sprintf("%s=%s", d.Side, d.State))
	}
	return orDash(ends)
}

func appWords(app timeline.App) string {
	var words []string
	if app.Connect != "" {
		words = append(words, "connect="+app.Connect)
	}
	if app.Accept {
		words = append(words, "accept")
	}
	if app.EOF {
		words = append(words, "eof")
	}
	if app.Error != "" {
		words = append(words, "error="+app.Error)
	}
	return orDash(words)
}

// notes are the notes on segments by their codes in the NDJSON report.
var notes = [...]struct {
	bit  timeline.Note
	name string
}{
	{timeline.Retransmission, "retransmission"}, {timeline.OutOfOrder, "out-of-order"},
	{timeline.KeepAlive, "keepalive"}, {timeline.KeepAliveAck, "keepalive-ack"},
	{timeline.WindowProbe, "window-probe"}, {timeline.ZeroWindow, "zero-window"},
	{timeline.WindowUpdate, "window-update"}, {timeline.DuplicateAck, "duplicate-ack"},
	{timeline.BeyondFIN, "data-after-fin"}, {timeline.AckUnsent, "ack-invalid"},
	{timeline.Unseen, "capture-loss"}, {timeline.Reordered, "reordered-capture"},
	{timeline.Stray, "stray"}, {timeline.OutOfReach, "out-of-window"}, {timeline.Copy, "copy"},
}

func noteCodes(n timeline.Note) string {
	var words []string
	for _, note := range notes {
		if n&note.bit != 0 {
			words = append(words, note.name)
		}
	}
	return orDash(words)
}

func orDash(words []string) string {
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, " ")
}

// TestEveryFindingHasScenarios asks for a scenario that must show a finding and
// for a look-alike that must not.
func TestEveryFindingHasScenarios(t *testing.T) {
	claimed := make(map[string]bool)
	for _, s := range scenarios(t) {
		for _, claim := range s.Claims {
			code, _, _ := strings.Cut(claim.Want, " ")
			claimed[claim.Key+" "+code] = true
		}
	}
	for _, r := range detect.Rules() {
		for _, key := range [...]string{"finding", "no"} {
			if !claimed[key+" "+r.Code] {
				t.Errorf("no scenario claims %q", key+" "+r.Code)
			}
		}
	}
	for claim := range claimed {
		key, code, _ := strings.Cut(claim, " ")
		if (key == "finding" || key == "no") && detect.Find(code) == nil {
			t.Errorf("a scenario claims %q, and no detector has this code", claim)
		}
	}
}
