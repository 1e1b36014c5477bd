package detect_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

var update = flag.Bool("update", false, "rewrite the list of findings in the README")

func list() string {
	var b strings.Builder
	b.WriteString("| code | severity | what it says |\n| --- | --- | --- |\n")
	for _, r := range detect.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Code, r.Severity, r.Title)
	}
	return b.String()
}

func TestREADMEListsTheFindings(t *testing.T) {
	flowtest.Section{
		Path:  "../../README.md",
		Begin: "<!-- findings: go test ./analyzer/detect -update -->\n",
		End:   "<!-- end of findings -->",
	}.Hold(t, list(), *update)
}

// TestRulesAreDocuments asks of every detector what its finding promises: a code
// of its own, a title, a text, and known codes among those that it explains.
func TestRulesAreDocuments(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range detect.Rules() {
		if seen[r.Code] {
			t.Errorf("two detectors are called %s", r.Code)
		}
		seen[r.Code] = true
		if r.Title == "" || len(r.Text) < 80 {
			t.Errorf("%s has no title or no text worth reading", r.Code)
		}
		if r.Severity != detect.Capture && len(r.Refs) == 0 {
			t.Errorf("%s names no RFC", r.Code)
		}
		for _, code := range r.Swallows {
			if detect.Find(code) == nil {
				t.Errorf("%s swallows %s, which is no detector", r.Code, code)
			}
		}
	}
}
