package ci

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// shownByGitHub is how many annotations of one level GitHub shows for a step.
const shownByGitHub = 10

// GitHub writes workflow commands that annotate a run of GitHub Actions: one for
// each problem, at the rule's line where there is a file of expectations.
func GitHub(w io.Writer, r *check.Report) error {
	b := bufio.NewWriter(w)
	levels := map[string]int{}
	for _, result := range r.Results {
		for _, p := range result.Problems {
			if p.Accepted {
				continue
			}
			level := githubLevel(p)
			if levels[level]++; levels[level] <= shownByGitHub {
				annotate(b, level, r, result, p)
			}
		}
	}
	for _, level := range []string{"error", "warning", "notice"} {
		if more := levels[level] - shownByGitHub; more > 0 {
			fmt.Fprintf(b, "%d more at level %s are not annotated\n", more, level)
		}
	}
	return b.Flush()
}

func githubLevel(p *check.Problem) string {
	switch {
	case p.Severity == detect.Error:
		return "error"
	case p.Severity == detect.Warning:
		return "warning"
	}
	return "notice"
}

func annotate(w io.Writer, level string, r *check.Report, result *check.Result, p *check.Problem) {
	place := ""
	if result.Line > 0 {
		place = fmt.Sprintf("file=%s,line=%d,", githubProperty(r.Expectations), result.Line)
	}
	text := p.Message + spread(p)
	if len(p.Cases) > 0 {
		text += "\n" + where(&p.Cases[0])
	}
	fmt.Fprintf(w, "::%s %stitle=%s::%s\n", level, place, githubProperty(result.ID), githubData(text))
}

// githubData escapes a message, githubProperty a property, as the runner unescapes them.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A").Replace(plain(s))
}

func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubData(s))
}
