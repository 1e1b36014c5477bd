package analyzer_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// TestPackedBetweenSegments: the report is the same when no connection has a prelude,
// and all are packed and unpacked again between any two frames.
func TestPackedBetweenSegments(t *testing.T) {
	for path, s := range scenarios(t) {
		var o outcome
		a := analyzer.New(analyzer.Config{}, &o)
		frames := s.Script.Frames()
		for i := range frames {
			if err := a.Feed(&frames[i]); err != nil {
				t.Fatal(err)
			}
			a.Rest()
		}
		if _, err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if want := analyze(t, s).connections; !reflect.DeepEqual(want, o.connections) {
			t.Errorf("%s: left alone, and packed between segments:\n%s", path, cmp.Diff(want, o.connections))
		}
	}
}

// TestMemoryIsUsedAgain: what connections took that are over serves the next ones, so
// that memory follows how many there are at a time.
func TestMemoryIsUsedAgain(t *testing.T) {
	const connections = 4000
	a := analyzer.New(analyzer.Config{Linger: time.Second}, &discard{})
	for i, p := range healthy(rand.New(rand.NewPCG(1, 2)), connections) {
		if err := a.Feed(&reassembly.Frame{Number: i + 1, Time: p.time, LinkType: 1, Data: p.frame, Length: p.length}); err != nil {
			t.Fatal(err)
		}
		if i%500 == 0 {
			a.Rest()
		}
	}
	records, chunks, blocks := a.Memory()
	if records > connections/4 || chunks > connections/100 || blocks > connections {
		t.Errorf("%d records, %d chunks and %d blocks for %d connections, of which hundreds are kept at a time",
			records, chunks, blocks, connections)
	}
}
