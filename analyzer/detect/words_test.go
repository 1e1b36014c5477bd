package detect_test

import (
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:              "0 s",
		999 * time.Microsecond:    "999 µs",
		35 * time.Millisecond:     "35 ms",
		99_400 * time.Microsecond: "99 ms",
		99_500 * time.Microsecond: "0.1 s",
		220 * time.Millisecond:    "0.22 s",
		9_960 * time.Millisecond:  "10 s",
		12 * time.Minute:          "12 min",
		3*time.Minute - 1:         "3 min",
		131 * time.Minute:         "2 h 11 min",
	} {
		if got := detect.Span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
