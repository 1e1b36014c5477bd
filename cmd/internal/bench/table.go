package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// place is where a README holds the table.
func place(readme string) flowtest.Section {
	return flowtest.Section{Path: readme, Begin: "<!-- performance: ./run.sh bench -->\n", End: "<!-- end of performance -->"}
}

// median returns the middle one of sorted values.
func median(sorted []float64) float64 { return sorted[len(sorted)/2] }

// String is the row for who waits for the table.
func (r row) String() string {
	return fmt.Sprintf("%-8s %6.3f s CPU, %.2f of tcpdump's (%.2f to %.2f), %d MiB",
		r.kind.Name, r.ours.Seconds(), median(r.ratios), r.ratios[0], r.ratios[len(r.ratios)-1], r.peak>>20)
}

// table is the measurements in Markdown.
func table(rows []row, pairs int) string {
	var b strings.Builder
	b.WriteString("| capture | packets | connections | CPU time, tcpdump's = 1 | packets per second of CPU | peak memory |\n" +
		"| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s: %s | %s | %s | %.2f | %s million | %d MiB |\n",
			r.kind.Name, r.kind.About, thousands(r.kind.Size), thousands(r.connections),
			median(r.ratios), perSecond(r), (r.peak+1<<19)>>20)
	}
	fmt.Fprintf(&b, "\nMedians of %d pairs; %s/%s, %d CPUs, %s, %s.\n",
		pairs, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), strings.Replace(runtime.Version(), "go", "Go ", 1), tcpdumpVersion())
	return b.String()
}

func perSecond(r row) string {
	return fmt.Sprintf("%.1f", float64(r.kind.Size)/r.ours.Seconds()/1e6)
}

// thousands writes a number with commas: "1,000,000".
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// tcpdumpVersion is the first words that tcpdump says of itself: "tcpdump 4.99.3".
func tcpdumpVersion() string {
	out, _ := exec.Command("tcpdump", "--version").CombinedOutput()
	words := strings.Fields(string(out))
	if len(words) < 3 {
		return "tcpdump"
	}
	return words[0] + " " + words[2]
}
