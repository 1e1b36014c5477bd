package ci_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/ci"
)

// TestGitHub: every line is a workflow command, and hostile text stays within its own.
func TestGitHub(t *testing.T) {
	out := string(written(t, ci.GitHub, failed(t)))
	command := regexp.MustCompile(`^::(error|warning|notice) (file=dir a/expect\.yaml,line=\d+,)?title=[^:,\n]+::[^\r\n]+$`)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for _, line := range lines {
		if !command.MatchString(line) {
			t.Errorf("no workflow command: %q", line)
		}
	}
	if len(lines) != 5 {
		t.Errorf("%d annotations, want 5:\n%s", len(lines), out)
	}
	for _, want := range []string{
		"::error file=dir a/expect.yaml,line=3,title=ends # well%3A 100%25::", "::notice file=dir a/expect.yaml,line=4,title=is told::",
		"::error title=abortive-close::100%25 <b>", "%0Asecond", "(on 5 connections)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

// TestTAP: a plan, a line for each test in order, and blocks that are YAML.
func TestTAP(t *testing.T) {
	r := failed(t)
	out := string(written(t, ci.TAP, r))
	lines := strings.Split(out, "\n")
	if lines[0] != "TAP version 14" || !strings.HasPrefix(lines[1], "1..") {
		t.Errorf("begins with %q", lines[:2])
	}
	test := regexp.MustCompile(`(?m)^(not )?ok (\d+) - `)
	if n := len(test.FindAllString(out, -1)); n != len(r.Results) {
		t.Errorf("%d tests, want %d", n, len(r.Results))
	}
	for _, want := range []string{`- ends \# well: 100%`, "- left out # SKIP no connection matches", "not ok 3 - "} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	for _, block := range regexp.MustCompile(`(?ms)^  ---\n(.*?)^  \.\.\.$`).FindAllStringSubmatch(out, -1) {
		var v struct {
			Problems []struct {
				ID, Severity, Message, Detail string
				Connections                   int
			}
		}
		if err := yaml.UnmarshalWithOptions([]byte(block[1]), &v, yaml.Strict()); err != nil {
			t.Errorf("%v in\n%s", err, block[1])
		} else if len(v.Problems) == 0 || v.Problems[0].ID == "" || v.Problems[0].Connections == 0 {
			t.Errorf("incomplete: %+v", v)
		}
	}
}

// TestText: what failed, the connection, its ladder, and the outcome last.
func TestText(t *testing.T) {
	out := string(written(t, all["text"], failed(t)))
	for _, want := range []string{
		"FAILED   ends # well: 100% (dir a/expect.yaml:3)\n", "   expected: teardown == \"fin\", for true\n", "   teardown is \"none\"\n",
		"  ladder of 100%", "   and 2 more\n", "note     is told", "skipped  left out: no connection matches server.port == 1\n",
		"accepted retransmission/client (on 5 connections), by the baseline\n", "passed   the capture is whole\n",
		"no longer there: gone/server; --update takes it out of the baseline\n", "frames 1, 2, 3, 5, 8, …, 34\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if !strings.HasSuffix(out, "rules failed\n") {
		t.Errorf("ends with %q", out[len(out)-40:])
	}
	if out := string(written(t, all["text"], passed(t))); !strings.HasSuffix(out, "run.pcap: 1 connection, 99 frames: passed, 2 rules\n") {
		t.Errorf("passed: %s", out)
	}
}
