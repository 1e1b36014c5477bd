package analyzer_test

import (
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// discard is a handler that keeps nothing.
type discard struct{ connections int }

func (d *discard) Segment(*analyzer.Segment) error { return nil }

func (d *discard) Connection(*analyzer.Connection) error {
	d.connections++
	return nil
}

// script returns the frames of packets in the notation of package flowtest.
func script(t testing.TB, packets string) []reassembly.Frame {
	t.Helper()
	s, err := flowtest.Parse("packets", packets)
	if err != nil {
		t.Fatal(err)
	}
	return s.Frames()
}

// open is a connection up to its first data in both directions.
const open = `
0.000   C> S  0:0(0)
+0.020  S> S. 0:0(0) ack 1
+0.0001 C> .  1:1(0) ack 1
+0.001  C> P. 1:101(100) ack 1
+0.020  S> P. 1:501(500) ack 101
+0.001  C> .  101:101(0) ack 501
`

// flow is plain data in both directions, as it goes on.
const flow = open + `
+0.001  C> P. 101:201(100) ack 501
+0.020  S> P. 501:1001(500) ack 201
+0.001  C> .  201:201(0) ack 1001
`

func TestNoAllocationsForKnownConnections(t *testing.T) {
	frames := script(t, flow)
	a := analyzer.New(analyzer.Config{}, &discard{})
	feed := func(f *reassembly.Frame) {
		if err := a.Feed(f); err != nil {
			t.Fatal(err)
		}
	}
	for i := range frames {
		feed(&frames[i])
	}
	tail := frames[len(frames)-3:]
	next := tail[len(tail)-1]
	var f reassembly.Frame
	allocs := testing.AllocsPerRun(1000, func() {
		for i := range tail {
			f = tail[i]
			next.Number++
			next.Time += 1e6
			f.Number, f.Time = next.Number, next.Time
			advance(f.Data, i)
			feed(&f)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for three segments of a known connection, want none", allocs)
	}
}

// advance moves the sequence and acknowledgment numbers of a frame of flow on by
// what one round of it carries.
func advance(data []byte, i int) {
	const tcp = 14 + 20
	client, server := uint32(100), uint32(500)
	step := [3][2]uint32{{client, server}, {server, client}, {client, server}}[i]
	add(data[tcp+4:], step[0])
	add(data[tcp+8:], step[1])
	add16(data[14+4:], 3) // another packet: another IP identification
}

func add(b []byte, n uint32) {
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	v += n
	b[0], b[1], b[2], b[3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
}

func add16(b []byte, n uint16) {
	v := uint16(b[0])<<8 | uint16(b[1])
	v += n
	b[0], b[1] = byte(v>>8), byte(v)
}

// TestLongFlowsStaySmall asks that a connection's history does not grow with its
// data, whatever is lost on the way.
func TestLongFlowsStaySmall(t *testing.T) {
	frames := script(t, flow)
	var marks int
	a := analyzer.New(analyzer.Config{}, handlerFunc(func(c *analyzer.Connection) { marks = len(c.Marks) }))
	tail := frames[len(frames)-3:]
	now, number := tail[2].Time, tail[2].Number
	for i := range frames {
		if err := a.Feed(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 20_000 {
		for i := range tail {
			f := tail[i]
			number++
			now += 5e6
			f.Number, f.Time = number, now
			if round%7 != 0 { // every seventh is sent again
				advance(f.Data, i)
			} else {
				add16(f.Data[14+4:], 1)
			}
			if err := a.Feed(&f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if marks == 0 || marks > 500 {
		t.Errorf("the history of a long connection has %d marks, want at most 500", marks)
	}
}

type handlerFunc func(*analyzer.Connection)

func (handlerFunc) Segment(*analyzer.Segment) error { return nil }

func (f handlerFunc) Connection(c *analyzer.Connection) error {
	f(c)
	return nil
}

// FuzzFeed feeds frames made of arbitrary bytes after a sound beginning: nothing
// panics, every finding has its frames, and every step is a row of the table.
func FuzzFeed(f *testing.F) {
	frames := script(f, flow)
	for i := range frames {
		f.Add(frames[i].Data, uint16(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint16) {
		a := analyzer.New(analyzer.Config{}, handlerFunc(func(c *analyzer.Connection) { sound(t, c) }))
		for i := range frames {
			fr := frames[i]
			if i == int(at)%len(frames) {
				hostile := reassembly.Frame{Number: fr.Number, Time: fr.Time, LinkType: fr.LinkType, Data: data, Length: len(data)}
				if err := a.Feed(&hostile); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.Feed(&fr); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := a.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// sound checks what must hold of every report.
func sound(t *testing.T, c *analyzer.Connection) {
	t.Helper()
	for side, states := range c.States {
		for i, tr := range states {
			if i > 0 && (tr.Rule == nil || tr.Rule.From != states[i-1].State || tr.Rule.To != tr.State) {
				t.Errorf("connection %d, side %d: %s after %s is no row of the table", c.ID, side, tr.State, states[i-1].State)
			}
		}
	}
	for i := range c.Findings {
		if len(c.Findings[i].Frames) == 0 {
			t.Errorf("connection %d: %s names no frame", c.ID, c.Findings[i].Code)
		}
	}
}
