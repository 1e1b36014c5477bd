package detect_test

import (
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// The connections that captures are full of, each as seen some seconds later.
var shapes = []struct{ name, script string }{
	{"ordinary", `
		0.000   C> S  0:0(0)
		+0.020  S> S. 0:0(0) ack 1
		+0.0001 C> .  1:1(0) ack 1
		+0.001  C> P. 1:101(100) ack 1
		+0.020  S> P. 1:501(500) ack 101
		+0.0001 C> F. 101:101(0) ack 501
		+0.020  S> F. 501:501(0) ack 102
		+0.0001 C> .  102:102(0) ack 502`},
	{"SYN only", `
		0.000   C> S  0:0(0)`},
	{"half open", `
		0.000   C> S  0:0(0)
		+0.020  S> S. 0:0(0) ack 1`},
	{"keep-alive", `
		0.000   C> S  0:0(0)
		+0.020  S> S. 0:0(0) ack 1
		+0.0001 C> .  1:1(0) ack 1
		+0.001  C> P. 1:101(100) ack 1
		+0.020  S> P. 1:501(500) ack 101
		60.000  C> .  100:100(0) ack 501
		+0.020  S> .  501:501(0) ack 101
		120.000 C> .  100:100(0) ack 501
		+0.020  S> .  501:501(0) ack 101`},
	{"lossy", `
		0.000   C> S  0:0(0)
		+0.020  S> S. 0:0(0) ack 1
		+0.0001 C> .  1:1(0) ack 1
		+0.001  C> P. 1:101(100) ack 1 lost
		+0.221  C> P. 1:101(100) ack 1
		+0.020  S> P. 1:501(500) ack 101
		+0.0001 C> .  101:101(0) ack 501`},
	{"refused", `
		0.000   C> S  0:0(0)
		+0.001  S> R. 0:0(0) ack 1 win 0`},
}

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
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			c := shape(b, s.name, s.script)
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
