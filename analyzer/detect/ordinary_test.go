package detect_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// TestShortcutMissesNothing asks of every scenario that the rules which are not
// looked for in an ordinary connection would have found nothing in it.
func TestShortcutMissesNothing(t *testing.T) {
	files, err := filepath.Glob("../../testdata/flows/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	ordinary := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := flowtest.ParseScenario(file, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases(s.Script.Frames()) {
			if detect.IsOrdinary(c) {
				ordinary++
			}
			if diff := cmp.Diff(detect.AllWithoutShortcut(c), detect.All(c)); diff != "" {
				t.Errorf("%s: the shortcut changes what is found (-all +shortcut):\n%s", file, diff)
			}
		}
	}
	if ordinary < 5 {
		t.Errorf("only %d ordinary connections among the scenarios: they say nothing about the shortcut", ordinary)
	}
}

// cases follows the connections of a capture in the plainest way: one for each
// 4-tuple, the first sender its client.
func cases(frames []reassembly.Frame) []*detect.Case {
	var d reassembly.Decoder
	var seg reassembly.Segment
	var icmp reassembly.ICMPError
	conns := map[reassembly.Key]*timeline.Conn{}
	var order []*timeline.Conn
	until := int64(0)
	for i := range frames {
		until = frames[i].Time
		if d.Decode(&frames[i], &seg, &icmp) != reassembly.IsTCP {
			continue
		}
		key, _ := reassembly.KeyOf(seg.Src, seg.Dst)
		c := conns[key]
		if c == nil {
			c = timeline.NewConn(&seg, timeline.Client)
			conns[key] = c
			order = append(order, c)
		}
		c.Observe(&seg, c.SideOf(seg.Src))
	}
	var out []*detect.Case
	for _, c := range order {
		story := c.Tell(until)
		out = append(out, &detect.Case{Conn: c, Story: &story, Until: until})
	}
	return out
}
