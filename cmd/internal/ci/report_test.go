package ci_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/ci"
)

// hostile has what each of the formats gives a meaning to, and what none can hold.
const hostile = "100% <b>&\"]]>' # {a: b}, ::error::\r\nsecond\tline \x1b[31m\x00\xff — é"

// failed is a report with problems of every kind, and hostile text wherever a
// person or a packet can put any.
func failed(t *testing.T) *check.Report {
	t.Helper()
	rules := "version: 1\nrules:\n" +
		"  - {name: 'ends # well: 100%', for: true, expect: 'teardown == \"fin\"'}\n" +
		"  - {name: is told, for: true, expect: 'false', severity: note}\n" +
		"  - {name: left out, for: server.port == 1, expect: 'true', optional: true}\n" +
		"  - {name: two, expect: 'count(connections, .teardown == \"none\") == 0'}\n"
	e, err := check.Load("dir a/expect.yaml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	baseline, err := check.LoadBaseline("known.json", []byte(`{"version": 1, "findings": [{"id": "retransmission/client"}, {"id": "gone/server"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	c := check.NewChecker(check.Options{
		Input: "/run " + hostile, Expectations: e, FailOn: detect.NoteLevel, Baseline: baseline,
		Ladder: func(*analyzer.Connection, []int) string { return "ladder of " + hostile + "\n" },
	})
	return finish(t, c, 5)
}

// passed is a report without problems.
func passed(t *testing.T) *check.Report {
	t.Helper()
	return finish(t, check.NewChecker(check.Options{Input: "run.pcap", FailOn: detect.Error + 1}), 1)
}

// finish has connections judged that were reset after some findings.
func finish(t *testing.T, c *check.Checker, connections int) *check.Report {
	t.Helper()
	finding := func(code string, severity detect.Severity, side timeline.Side) detect.Finding {
		return detect.Finding{Code: code, Severity: severity, Endpoint: side, Frames: []int{1, 2, 3, 5, 8, 13, 21, 34}, Summary: hostile}
	}
	for id := 1; id <= connections; id++ {
		conn := &analyzer.Connection{ID: id, Verdict: hostile, Findings: []detect.Finding{
			finding("abortive-close", detect.Error, timeline.Client),
			finding("retransmission", detect.Warning, timeline.Client),
			finding("keepalive", detect.NoteLevel, timeline.Server),
		}}
		if err := c.Connection(conn); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.End(&analyzer.Summary{Frames: 99, Connections: connections, First: 1e18}); err != nil {
		t.Fatal(err)
	}
	return c.Report()
}

// written returns what a format writes of a report.
func written(t *testing.T, write func(io.Writer, *check.Report) error, r *check.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// all are the formats by their names.
var all = map[string]func(io.Writer, *check.Report) error{
	"junit": ci.JUnit, "sarif": ci.SARIF, "github": ci.GitHub, "gitlab": ci.GitLab, "tap": ci.TAP,
	"text": func(w io.Writer, r *check.Report) error { return ci.Text(w, r, ci.TextOptions{Verbose: true}) },
}

// TestSameBytes: equal reports are equal bytes, and errors of the writer are told.
func TestSameBytes(t *testing.T) {
	for name, write := range all {
		if a, b := written(t, write, failed(t)), written(t, write, failed(t)); !bytes.Equal(a, b) {
			t.Errorf("%s: two reports differ:\n%s\n%s", name, a, b)
		}
		if err := write(fullDisk{}, failed(t)); err == nil {
			t.Errorf("%s: an error of the writer got lost", name)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestNoControlBytes: nothing of a report acts on a terminal.
func TestNoControlBytes(t *testing.T) {
	for _, name := range []string{"text", "junit", "tap", "github"} {
		out := written(t, all[name], failed(t))
		if i := bytes.IndexAny(out, "\x00\x1b"); i >= 0 {
			t.Errorf("%s passes %q on", name, out[i:min(len(out), i+8)])
		}
	}
}
