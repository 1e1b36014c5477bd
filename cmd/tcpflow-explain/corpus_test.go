package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// corpus is a collection of captures found in public repositories, with the
// number of TCP streams that tshark finds in each. It is not part of the project.
const corpus = "../../../shared/corpus"

// jsonLine is what the tests look at in a line of the --json report.
type jsonLine struct {
	Type           string
	Client, Server struct{ IP string }
	States         struct{ Client, Server []struct{ State string } }
	Interfaces     *struct{ Client, Server []string } // that the packets of each passed
	Findings       json.RawMessage
}

// explain runs the program with --json and the given arguments. It fails the
// test on a panic, on a status that reading a file cannot have, and on silence.
func explain(t *testing.T, args ...string) (lines []jsonLine, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("tcpflow-explain", append([]string{"--json"}, args...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatal(err)
		}
		status = exit.ExitCode()
	}
	switch {
	case strings.Contains(stderr.String(), "goroutine "):
		t.Fatalf("panic:\n%s", stderr.String())
	case status != 0 && status != 1 && status != 3:
		t.Fatalf("exit status %d: %s", status, stderr.String())
	case stdout.Len() == 0 && strings.Count(stderr.String(), "\n") != 1:
		t.Fatalf("neither a report nor one clear error: %q", stderr.String())
	}
	return jsonLines(t, stdout.Bytes()), status
}

// jsonLines decodes a --json report: the connections whole, of the other lines the type.
func jsonLines(t *testing.T, report []byte) (lines []jsonLine) {
	t.Helper()
	for line := range bytes.Lines(report) {
		var kind struct{ Type string }
		var l jsonLine
		err := json.Unmarshal(line, &kind)
		if kind.Type == "connection" {
			err = json.Unmarshal(line, &l)
		}
		if err != nil {
			t.Fatalf("not JSON: %v: %s", err, line)
		}
		l.Type = kind.Type
		lines = append(lines, l)
	}
	return lines
}

// TestCorpus: every capture ends with a report or one clear error, and has as
// many connections as tshark has streams, except where
// testdata/corpus-differences.tsv says how many and why.
func TestCorpus(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no corpus of public captures at %s", corpus)
	}
	want := map[string]int{}
	for _, row := range table(t, filepath.Join(corpus, "reference/streams.tsv")) {
		want[row[0]]++
	}
	for _, row := range table(t, "../../testdata/corpus-differences.tsv") {
		n, err := strconv.Atoi(row[1])
		switch {
		case err != nil || len(row) != 3 || row[2] == "":
			t.Errorf("corpus-differences.tsv: want capture, connections and why, got %q", row)
		case n == want[row[0]]:
			t.Errorf("corpus-differences.tsv: %s does not differ", row[0])
		}
		want[row[0]] = n
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(corpus, path)
		if d != nil && d.IsDir() && name == "reference" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || name == "INDEX.tsv" {
			return err
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := 0
			lines, _ := explain(t, "-r", path)
			for _, l := range lines {
				if l.Type == "connection" {
					got++
				}
			}
			if got != want[name] {
				t.Errorf("%d connections, want %d", got, want[name])
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// table reads a tab-separated file without its header.
func table(t *testing.T, path string) (rows [][]string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for _, line := range lines[1:] {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows
}
