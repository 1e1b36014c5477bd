package detect_test

import (
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// shape plays a script and returns its connection, in a capture that went on.
func shape(tb testing.TB, name, script string) *detect.Case {
	tb.Helper()
	s, err := flowtest.Parse(name, script)
	if err != nil {
		tb.Fatal(err)
	}
	c := cases(s.Frames())[0]
	c.Until += int64(5 * time.Second)
	return c
}

// BenchmarkAll is the cost of looking for findings in one connection, their texts
// included.
func BenchmarkAll(b *testing.B) {
	for _, s := range flowtest.Usual() {
		b.Run(s.Name, func(b *testing.B) {
			c := shape(b, s.Name, s.Script)
			b.ReportAllocs()
			var d detect.Detector
			for b.Loop() {
				d.All(*c)
				d.Fact()
			}
		})
	}
}

// BenchmarkWatcher is the cost of a connection to what looks across all of them.
func BenchmarkWatcher(b *testing.B) {
	for _, traffic := range []struct {
		name   string
		change func(i int, f *detect.Fact)
	}{
		{"ordinary", func(i int, f *detect.Fact) {
			f.Ends[timeline.Client].IP = host(i%997+1, 0).IP
			f.Completed, f.Asked, f.Reply, f.ActiveTW = true, f.Start+1e6, f.Start+2e6, true
		}},
		{"flood", func(_ int, f *detect.Fact) { f.Silent = true }},
		{"scan", refusedPort},
	} {
		b.Run(traffic.name, func(b *testing.B) {
			facts := changed(1<<14, time.Millisecond, traffic.change)
			w := detect.NewWatcher()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				w.Add(&facts[i%len(facts)])
			}
		})
	}
}
