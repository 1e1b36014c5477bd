package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/traffic"
)

func TestTable(t *testing.T) {
	r := row{
		kind: traffic.Kind{Name: "short", About: "eight packets each", Size: 2_000_000}, connections: 252_123,
		ours: 800 * time.Millisecond, ratios: []float64{2.4, 2.5, 3.1}, peak: 20<<20 + 1<<19,
	}
	const want = "| short: eight packets each | 2,000,000 | 252,123 | 2.50 | 2.5 million | 21 MiB |\n"
	if got := table([]row{r}, 3); !strings.Contains(got, want) {
		t.Errorf("%s\nwant the line\n%s", got, want)
	}
}

func TestRewriteKeepsTheRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte("before\n"+begin+"old\n"+end+"\nafter\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(path, "new\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "before\n"+begin+"new\n"+end+"\nafter\n" {
		t.Errorf("%v: %s", err, got)
	}
}

func TestREADMEHasAPlace(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), begin)
	if !found || !strings.Contains(rest, end) {
		t.Error("there is no place for the table in the README: bench could not write it")
	}
}
