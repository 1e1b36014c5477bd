package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// TestCloneLasts looks at other connections in the memory of the first one's
// findings.
func TestCloneLasts(t *testing.T) {
	var d detect.Detector
	for _, first := range flowtest.Usual() {
		c := shape(t, first.Name, first.Script)
		var kept []detect.Finding
		for _, f := range d.All(*c) {
			kept = append(kept, f.Clone())
		}
		for _, other := range flowtest.Usual() {
			d.All(*shape(t, other.Name, other.Script))
		}
		if diff := cmp.Diff(detect.All(c), kept); diff != "" {
			t.Errorf("%s: findings changed after their Clone (-want +kept):\n%s", first.Name, diff)
		}
	}
}

// TestCommonFindingsAllocateNothing asks that of the connections that captures are
// full of, with all that is said of them.
func TestCommonFindingsAllocateNothing(t *testing.T) {
	for _, s := range flowtest.Usual() {
		c := shape(t, s.Name, s.Script)
		var d detect.Detector
		if n := testing.AllocsPerRun(100, func() { d.All(*c); d.Fact() }); n > 0 {
			t.Errorf("%s: %v allocations", s.Name, n)
		}
	}
}
