package sink

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// TestWatch draws twice in place, within the terminal, and reports at the end.
func TestWatch(t *testing.T) {
	var out bytes.Buffer
	w := NewWatch(&out, TextOptions{Width: 80})
	bad := halfOpen()
	w.Finding(bad, &bad.Findings[0])
	w.Connection(finalAckLost())
	view := View{
		Title: "any", Rows: 12, PerSecond: 1234, Dropped: 5,
		Gauges: analyzer.Gauges{States: map[[2]string]int{{"ESTABLISHED", "ESTABLISHED"}: 9, {"FIN_WAIT_2", "CLOSE_WAIT"}: 2}},
	}
	for range 2 {
		out.Reset()
		if err := w.Draw(&view); err != nil {
			t.Fatal(err)
		}
	}
	got := out.String()
	for _, want := range []string{"\x1b[Hany  ", "1,234 segments/s  5 dropped  1 ended", "ESTABLISHED           9        9", "CLOSE_WAIT            0        2", "1  !  final-ack-lost", "1  !  half-open-handshake", "!  #3  [2001:db8::58:252]"} {
		if !strings.Contains(got, want) {
			t.Errorf("the view does not hold %q:\n%q", want, got)
		}
	}
	lines := strings.Split(strings.NewReplacer("\x1b[K", "", "\x1b[H", "", "\x1b[J", "").Replace(got), "\n")
	if len(lines) > view.Rows {
		t.Errorf("%d lines in %d rows:\n%s", len(lines), view.Rows, got)
	}
	for _, line := range lines {
		if len([]rune(line)) >= 80 {
			t.Errorf("a line would wrap: %q", line)
		}
	}
	out.Reset()
	w.Connection(bad)
	if err := w.End(summaryOf(bad, finalAckLost())); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "half-open-handshake") {
		t.Errorf("the report is missing:\n%s", &out)
	}
}
