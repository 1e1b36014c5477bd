package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// The scorer compares the report on each of some hundred captures with what the
// kernel recorded about the same sockets. It is not part of the project.
const (
	scorer = "../../../shared/score/score.py"
	truth  = "../../../shared/truth"
)

// floors are the least shares of each figure of the scorer, in percent. They go
// up with the program and never down.
var floors = map[string]float64{
	"connections": 100,
	"states":      100,
	"moments":     100,
	"silent-ends": 100,
	"app":         100,
	"labels":      100,
	"clean":       100,
	"calm":        100,
}

// TestScore: no figure falls below its floor.
func TestScore(t *testing.T) {
	for _, needed := range []string{scorer, truth} {
		if _, err := os.Stat(needed); err != nil {
			t.Skipf("no captures with the kernel's own record: %v", err)
		}
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skipf("the scorer needs python3: %v", err)
	}
	program, err := exec.LookPath("tcpflow-explain")
	if err != nil {
		t.Fatal(err)
	}
	// The scorer's status tells whether every figure is whole, which is no floor.
	out, err := exec.Command(python, scorer, "--bin", program, "--truth", truth).Output()
	t.Logf("%s", out)
	figures := regexp.MustCompile(`([a-z-]+) (\d+)/(\d+)`).FindAllStringSubmatch(string(out), -1)
	if len(figures) == 0 {
		t.Fatalf("the scorer printed no figure: %v", err)
	}
	seen := map[string]bool{}
	for _, f := range figures {
		good, _ := strconv.ParseFloat(f[2], 64)
		all, _ := strconv.ParseFloat(f[3], 64)
		if floor := floors[f[1]]; 100*good < floor*all {
			t.Errorf("%s %s of %s: below %g %%", f[1], f[2], f[3], floor)
		}
		seen[f[1]] = true
	}
	for figure := range floors {
		if !seen[figure] {
			t.Errorf("the scorer does not know the figure %q", figure)
		}
	}
}
