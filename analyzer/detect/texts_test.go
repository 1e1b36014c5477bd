package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// TestCloneLasts looks at other connections in the memory of the first one's
// findings.
func TestCloneLasts(t *testing.T) {
	var d detect.Detector
	for _, first := range shapes {
		c := shape(t, first.name, first.script)
		var kept []detect.Finding
		for _, f := range d.All(*c) {
			kept = append(kept, f.Clone())
		}
		for _, other := range shapes {
			d.All(*shape(t, other.name, other.script))
		}
		if diff := cmp.Diff(detect.All(c), kept); diff != "" {
			t.Errorf("%s: findings changed after their Clone (-want +kept):\n%s", first.name, diff)
		}
	}
}

// TestCommonFindingsAllocateNothing asks that of the connections that captures are
// full of, with all that is said of them.
func TestCommonFindingsAllocateNothing(t *testing.T) {
	for _, s := range shapes {
		c := shape(t, s.name, s.script)
		var d detect.Detector
		if n := testing.AllocsPerRun(100, func() { d.All(*c); d.Fact() }); n > 0 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
}
