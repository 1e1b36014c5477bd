package sink

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// sinks is every sink in every shape that may reach a reader. A new one joins
// the conformance tests by a line here.
var sinks = []struct {
	name string
	make func(io.Writer) Sink
}{
	{"json", func(w io.Writer) Sink { return NewJSON(w, JSONOptions{}) }},
	{"json live", func(w io.Writer) Sink { return NewJSON(w, JSONOptions{Live: true}) }},
	{"text", func(w io.Writer) Sink { return NewText(w, TextOptions{}) }},
	{"text verbose", func(w io.Writer) Sink { return NewText(w, TextOptions{Verbose: 1, Width: 120}) }},
	{"text ASCII", func(w io.Writer) Sink { return NewText(w, TextOptions{ASCII: true, Width: 60}) }},
	{"text one", func(w io.Writer) Sink { return NewText(w, TextOptions{Connection: 1}) }},
	{"live", func(w io.Writer) Sink { return NewLive(w, TextOptions{}) }},
	{"html", func(w io.Writer) Sink { return NewHTML(w, HTMLOptions{}) }},
	{"html verbose", func(w io.Writer) Sink { return NewHTML(w, HTMLOptions{Verbose: 1, Top: 7}) }},
	{"html one", func(w io.Writer) Sink { return NewHTML(w, HTMLOptions{Connection: 1}) }},
	{"html of a set", func(w io.Writer) Sink { return NewHTML(w, HTMLOptions{Frames: twoFiles{}}) }},
	{"json of a set", func(w io.Writer) Sink { return NewJSON(w, JSONOptions{Frames: twoFiles{}}) }},
	{"text of a set", func(w io.Writer) Sink { return NewText(w, TextOptions{Frames: twoFiles{}, Verbose: 1}) }},
}

// play sends a report as an analyzer does: segments as they come, then connections.
func play(s Sink, sum *analyzer.Summary, cs ...*analyzer.Connection) error {
	for _, c := range cs {
		for i := range c.Marks {
			if err := s.Segment(&analyzer.Segment{Connection: c.ID, Ends: c.Ends, Mark: c.Marks[i], States: statesAt(c, c.Marks[i].Frame)}); err != nil {
				return err
			}
		}
		if err := s.Connection(c); err != nil {
			return err
		}
	}
	return s.End(sum)
}

// statesAt is each side's state after a frame.
func statesAt(c *analyzer.Connection, frame int) (states [2]string) {
	for side := range timeline.Nobody {
		for _, t := range c.States[side] {
			if t.Frame != 0 && t.Frame <= frame {
				states[side] = t.State.String()
			}
		}
	}
	return states
}

func everyConnection() []*analyzer.Connection {
	return []*analyzer.Connection{finalAckLost(), refused(), halfOpen(), troubled(), clean()}
}

// many returns n connections of all kinds, numbered.
func many(n int) []*analyzer.Connection {
	var cs []*analyzer.Connection
	for len(cs) < n {
		cs = append(cs, everyConnection()...)
	}
	cs = cs[:n]
	for i, c := range cs {
		c.ID = i + 1
	}
	return cs
}

// golden compares got with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run go test -update:\n%s", name, diff)
	}
}

func TestSinksAreDeterministic(t *testing.T) {
	for _, tt := range sinks {
		t.Run(tt.name, func(t *testing.T) {
			var runs [2]bytes.Buffer
			for i := range runs {
				cs := many(30)
				if err := play(tt.make(&runs[i]), summaryOf(cs...), cs...); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(runs[0].String(), runs[1].String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// hostile is what a file name or a packet may hold: escape sequences, C1
// controls, text that runs backwards, bytes that are no UTF-8, line ends.
const hostile = "a\x1b[31m\x07\r\n\x00\u009b2J\u202eb\xff\"\\\x7f"

func TestSinksEscapeHostileText(t *testing.T) {
	for _, tt := range sinks {
		t.Run(tt.name, func(t *testing.T) {
			c := finalAckLost()
			c.Verdict, c.Conditions, c.ZeekHistory = hostile, []string{hostile}, hostile
			c.Findings = []detect.Finding{{Code: hostile, Severity: detect.Error, Frames: []int{1}, Summary: hostile, Explanation: hostile,
				Causes: []string{hostile}, Checks: []string{hostile}, Refs: []string{hostile}}}
			sum := summaryOf(c)
			sum.Files, sum.LinkType, sum.Vantage = []string{hostile}, hostile, hostile
			sum.Skipped = map[string]int{hostile: 1}
			sum.Notes, sum.Interfaces = []string{hostile}, []string{hostile}
			sum.Inputs = []analyzer.Input{{File: hostile, Name: hostile, Frames: 1}}
			sum.Damage = &analyzer.Damage{File: hostile, Offset: 1, Reason: hostile}
			var out bytes.Buffer
			if err := play(tt.make(&out), sum, c); err != nil {
				t.Fatal(err)
			}
			if !utf8.Valid(out.Bytes()) {
				t.Error("not UTF-8")
			}
			for _, r := range out.String() {
				if unicode.IsControl(r) && r != '\n' {
					t.Fatalf("control character %U in:\n%q", r, out.String())
				}
			}
		})
	}
}

// failing takes left writes and fails at the next.
type failing struct{ writes, left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.writes == f.left {
		return 0, &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
	}
	f.writes++
	return len(p), nil
}

// The first write fails, or only the last one.
func TestSinksReturnWriteErrors(t *testing.T) {
	for _, tt := range sinks {
		cs := many(400)
		whole := &failing{left: -1}
		if err := play(tt.make(whole), summaryOf(cs...), cs...); err != nil {
			t.Fatal(err)
		}
		for _, left := range []int{0, whole.writes - 1} {
			if err := play(tt.make(&failing{left: left}), summaryOf(cs...), cs...); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("%s, write %d fails: %v, want EPIPE", tt.name, left+1, err)
			}
		}
	}
}

func TestSinksTakeEmptyInput(t *testing.T) {
	for _, tt := range sinks {
		var out bytes.Buffer
		if err := tt.make(&out).End(&analyzer.Summary{}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if strings.Count(out.String(), "\n") == 0 {
			t.Errorf("%s says nothing of an empty capture", tt.name)
		}
		if strings.HasPrefix(tt.name, "json") && !json.Valid(out.Bytes()) {
			t.Errorf("%s: %s", tt.name, out.String())
		}
	}
}

// Sinks see values that their maker uses again.
func TestSinksKeepNoReferences(t *testing.T) {
	for _, tt := range sinks {
		var want, got bytes.Buffer
		if err := play(tt.make(&want), summaryOf(finalAckLost()), finalAckLost()); err != nil {
			t.Fatal(err)
		}
		s, c := tt.make(&got), finalAckLost()
		for i := range c.Marks {
			s.Segment(&analyzer.Segment{Connection: c.ID, Ends: c.Ends, Mark: c.Marks[i], States: statesAt(c, c.Marks[i].Frame)})
		}
		s.Connection(c)
		clear(c.Marks)
		clear(c.Findings[0].Frames)
		clear(c.Findings[0].Causes)
		clear(c.Findings)
		clear(c.States[client])
		s.End(summaryOf(finalAckLost()))
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
