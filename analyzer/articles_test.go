package analyzer_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/glossary"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// TestArticles explains what the articles describe from which people learn TCP's
// states: testdata/articles.tsv names a scenario for each claim, and what must be
// said of it.
func TestArticles(t *testing.T) {
	holdIndex(t, "../testdata/articles.tsv")
}

// TestPitfalls does the same for where passive analysis goes wrong: testdata/pitfalls.tsv.
func TestPitfalls(t *testing.T) {
	holdIndex(t, "../testdata/pitfalls.tsv")
}

// TestKernel does the same for what Linux does: testdata/kernel.tsv.
func TestKernel(t *testing.T) {
	holdIndex(t, "../testdata/kernel.tsv")
}

// holdIndex runs the scenarios of an index: lines of a claim, a scenario and what
// must be said of it.
func holdIndex(t *testing.T, path string) {
	t.Helper()
	index, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	known := scenarios(t)
	for n, line := range strings.Split(strings.TrimSpace(string(index)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			t.Fatalf("%s:%d: %d fields, want a claim, a scenario and what must be said", path, n+1, len(fields))
		}
		s := known["../testdata/flows/"+fields[1]+".txtar"]
		if s == nil {
			t.Errorf("%s:%d: there is no scenario %s", path, n+1, fields[1])
			continue
		}
		if told := analyze(t, s).told(); !strings.Contains(told, fields[2]) {
			t.Errorf("%s:%d: %s: %q is not said:\n%s", path, n+1, fields[0], fields[2], told)
		}
	}
}

// told is all that a report says of states, applications and findings, in one line
// for each thing.
func (o *outcome) told() string {
	var b strings.Builder
	for _, c := range o.connections {
		fmt.Fprintln(&b, c.Verdict)
		for side := range timeline.Nobody {
			var names []string
			for _, tr := range c.States[side] {
				names = append(names, tr.State.String())
			}
			fmt.Fprintln(&b, side, strings.Join(names, " "))
			fmt.Fprintln(&b, side, appWords(c.App[side]))
		}
		for _, f := range c.Findings {
			fmt.Fprintln(&b, f.Code, f.Severity, f.Summary, f.Explanation, strings.Join(f.Causes, "; "))
		}
	}
	for _, a := range o.across {
		fmt.Fprintln(&b, a.Code, a.Severity, a.Summary, a.Explanation, strings.Join(a.Causes, "; "))
	}
	return b.String()
}

// TestResetsHaveKnownCauses asks that each reset of a finding is given a cause that
// explain knows, or is said to have none.
func TestResetsHaveKnownCauses(t *testing.T) {
	named := regexp.MustCompile(`The (?:RST|SYN,RST|FIN,RST)[A-Z,]* in frame \d+: ([^(;.]+)`)
	causes := 0
	for path, s := range scenarios(t) {
		for _, m := range named.FindAllStringSubmatch(analyze(t, s).told(), -1) {
			name, _, _ := strings.Cut(strings.Fields(m[1])[0], ",")
			causes++
			if name != "no" && len(glossary.Find(name)) == 0 {
				t.Errorf("%s: %q is no cause that explain knows", path, name)
			}
		}
	}
	if causes == 0 {
		t.Error("no reset has a cause")
	}
}
