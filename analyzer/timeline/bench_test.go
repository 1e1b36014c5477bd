package timeline_test

import (
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/packed"
)

// play makes conn of segments, the first of which the client sent.
func play(conn *timeline.Conn, segments []reassembly.Segment) {
	conn.Begin(&segments[0], timeline.Client)
	for i := range segments {
		conn.Observe(&segments[i], conn.SideOf(&segments[i].Src))
	}
}

// segments returns those of a script.
func segments(tb testing.TB, script string) []reassembly.Segment {
	tb.Helper()
	s, err := flowtest.Parse("shape", script)
	if err != nil {
		tb.Fatal(err)
	}
	var d reassembly.Decoder
	var icmp reassembly.ICMPError
	frames := s.Frames()
	out := make([]reassembly.Segment, len(frames))
	for i := range frames {
		d.Decode(&frames[i], &out[i], &icmp)
	}
	return out
}

// TestNoAllocations: taking in segments, telling the story and packing cost no memory
// once that of an earlier connection is there.
func TestNoAllocations(t *testing.T) {
	for _, shape := range flowtest.Usual() {
		all := segments(t, shape.Script)
		var conn timeline.Conn
		var teller timeline.Teller
		var p packed.Coder
		got := testing.AllocsPerRun(100, func() {
			play(&conn, all)
			teller.Tell(&conn, conn.End)
			p.Write(p.Bytes())
			conn.Code(&p)
			p.Read(p.Bytes())
			conn.Code(&p)
		})
		if got != 0 {
			t.Errorf("%s: %v allocations", shape.Name, got)
		}
	}
}

// BenchmarkTrack is the cost of taking in the segments of one connection.
func BenchmarkTrack(b *testing.B) {
	for _, shape := range flowtest.Usual() {
		b.Run(shape.Name, func(b *testing.B) {
			all := segments(b, shape.Script)
			var conn timeline.Conn
			b.ReportAllocs()
			for b.Loop() {
				play(&conn, all)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/segment")
		})
	}
}

// BenchmarkTell is the cost of the story of one connection.
func BenchmarkTell(b *testing.B) {
	for _, shape := range flowtest.Usual() {
		b.Run(shape.Name, func(b *testing.B) {
			var conn timeline.Conn
			play(&conn, segments(b, shape.Script))
			var teller timeline.Teller
			b.ReportAllocs()
			for b.Loop() {
				teller.Tell(&conn, conn.End)
			}
		})
	}
}

// BenchmarkPack is the cost of packing a connection and unpacking it again.
func BenchmarkPack(b *testing.B) {
	for _, shape := range flowtest.Usual() {
		b.Run(shape.Name, func(b *testing.B) {
			var conn timeline.Conn
			play(&conn, segments(b, shape.Script))
			var p packed.Coder
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				p.Write(p.Bytes())
				conn.Code(&p)
				size = len(p.Bytes())
				p.Read(p.Bytes())
				conn.Code(&p)
			}
			b.ReportMetric(float64(size), "bytes/connection")
		})
	}
}
