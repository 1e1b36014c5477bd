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

func TestREADMEHasAPlace(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(copied, readme, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := place(copied).Write("the table\n"); err != nil {
		t.Error(err)
	}
	place(copied).Hold(t, "the table\n", false)
}
