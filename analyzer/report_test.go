package analyzer

import (
	"fmt"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// The connections that large captures hold most of, in the notation of flowtest.
const (
	shapeSYN   = "0.0 C> S 0:0(0)\n"
	shapeHalf  = shapeSYN + "+0.1 S> S. 0:0(0) ack 1\n"
	shapeOpen  = shapeHalf + "+0.0001 C> . 1:1(0) ack 1\n+0.001 C> P. 1:101(100) ack 1\n+0.1 S> P. 1:1001(1000) ack 101\n"
	shapeReset = shapeOpen + "+0.1 S> R. 1001:1001(0) ack 101\n"
	shapeClose = shapeOpen + "+0.001 C> F. 101:101(0) ack 1001\n+0.1 S> F. 1001:1001(0) ack 102\n+0.001 C> . 102:102(0) ack 1002\n"
)

// lastOf keeps the last connection of a report.
type lastOf struct{ c *Connection }

func (l *lastOf) Segment(*Segment) error         { return nil }
func (l *lastOf) Connection(c *Connection) error { l.c = c.Clone(); return nil }

func connectionOf(tb testing.TB, packets string) *Connection {
	tb.Helper()
	script, err := flowtest.Parse("shape", packets)
	if err != nil {
		tb.Fatal(err)
	}
	var last lastOf
	a := New(Config{}, &last)
	frames := script.Frames()
	for i := range frames {
		a.Feed(&frames[i])
	}
	if _, err := a.Close(); err != nil {
		tb.Fatal(err)
	}
	return last.c
}

// What a report says beside the story and the findings takes no memory.
func TestReportDoesNotAllocate(t *testing.T) {
	for _, packets := range []string{shapeSYN, shapeHalf, shapeOpen, shapeReset, shapeClose} {
		c := connectionOf(t, packets)
		a := New(Config{}, nil)
		if n := testing.AllocsPerRun(100, func() { a.word(c); a.summarise(c) }); n != 0 {
			t.Errorf("%q: %v allocations, want none", c.Verdict, n)
		}
	}
}

// A capture cannot fill the memory with texts.
func TestPhrasesAreBounded(t *testing.T) {
	var p phrases
	for i := range 3 * mostPhrases {
		text := fmt.Sprint(i)
		if got := p.of([]byte(text)); got != text {
			t.Fatalf("%q became %q", text, got)
		}
	}
	if len(p) > mostPhrases {
		t.Errorf("%d texts are kept", len(p))
	}
}

func BenchmarkReport(b *testing.B) {
	for _, bb := range []struct{ name, packets string }{
		{"SYN", shapeSYN}, {"half open", shapeHalf}, {"open", shapeOpen}, {"reset", shapeReset}, {"closed", shapeClose},
	} {
		b.Run(bb.name, func(b *testing.B) {
			c := connectionOf(b, bb.packets)
			a := New(Config{}, nil)
			b.ReportAllocs()
			for b.Loop() {
				a.word(c)
				a.summarise(c)
			}
		})
	}
}
