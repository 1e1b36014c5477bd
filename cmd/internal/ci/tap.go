package ci

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// TAP writes the report by the Test Anything Protocol, version 14, with the
// problems of a failed test as a YAML block.
func TAP(w io.Writer, r *check.Report) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "TAP version 14\n1..%d\n", len(r.Results))
	for i, result := range r.Results {
		problems := failing(result)
		word := "ok"
		if len(problems) > 0 {
			word = "not ok"
		}
		fmt.Fprintf(b, "%s %d - %s", word, i+1, tapText(result.Name))
		if result.Skipped != "" {
			fmt.Fprintf(b, " # SKIP %s", tapText(result.Skipped))
		}
		fmt.Fprintln(b)
		if len(problems) > 0 {
			tapBlock(b, problems)
		}
	}
	return b.Flush()
}

// tapText escapes what would begin a directive.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(oneLine(s))
}

func tapBlock(w io.Writer, problems []*check.Problem) {
	fmt.Fprintf(w, "  ---\n  problems:\n")
	for _, p := range problems {
		fmt.Fprintf(w, "    - id: %s\n      severity: %s\n      connections: %d\n      message: %s\n",
			yamlText(p.ID), p.Severity, p.Count, yamlText(p.Message))
		fmt.Fprintf(w, "      detail: |2\n")
		for line := range strings.Lines(story(p)) {
			fmt.Fprintf(w, "        %s\n", plain(strings.TrimRight(line, "\n")))
		}
	}
	fmt.Fprintln(w, "  ...")
}

// yamlText quotes a scalar so that nothing in it has a meaning.
func yamlText(s string) string { return "'" + strings.ReplaceAll(oneLine(s), "'", "''") + "'" }
