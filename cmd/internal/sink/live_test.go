package sink

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func TestLive(t *testing.T) {
	var out bytes.Buffer
	l := NewLive(&out, TextOptions{Width: 80})
	c := halfOpen()
	withdrawn := timeline.Transition{State: tcpstate.Established, Frame: 21, Time: c.Marks[1].Time}
	for i := range c.Marks {
		m := c.Marks[i]
		l.Segment(&analyzer.Segment{Connection: c.ID, Ends: c.Ends, Mark: m, States: statesAt(c, m.Frame)})
		switch m.Frame {
		case 22:
			l.Withdrawn(c.ID, server, withdrawn, m.Frame)
		case 23:
			l.Withdrawn(c.ID, server, withdrawn, 22)
			l.Finding(c, &c.Findings[0])
			l.Finding(c, &c.Findings[0]) // told once
		}
	}
	for _, c := range []*analyzer.Connection{c, finalAckLost(), clean()} {
		if err := l.Connection(c); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.open) != 0 {
		t.Errorf("%d closed connections are remembered", len(l.open))
	}
	if err := l.End(summaryOf(c, finalAckLost(), clean())); err != nil {
		t.Fatal(err)
	}
	golden(t, "live_80.txt", out.Bytes())
}

// Each line is there when the segment has been handed over.
func TestLiveWritesAtOnce(t *testing.T) {
	var out bytes.Buffer
	l := NewLive(&out, TextOptions{Verbose: 1})
	for i, m := range finalAckLost().Marks {
		l.Segment(&analyzer.Segment{Connection: 1, Mark: m})
		if got := strings.Count(out.String(), "\n"); got != i+1 {
			t.Fatalf("%d lines after %d segments", got, i+1)
		}
	}
}

// Plain data is one line, told when something else happens; the way is told once.
func TestLiveFolds(t *testing.T) {
	var out bytes.Buffer
	l := NewLive(&out, TextOptions{})
	open := [2]string{"ESTABLISHED", "ESTABLISHED"}
	ways := [2][]string{{"veth3", "br0", "eth0"}, {"eth0", "veth3"}}
	frame := 0
	mark := func(from timeline.Side, flags reassembly.Flags, n int64, notes timeline.Note) {
		frame++
		m := timeline.Mark{Frame: frame, From: from, Flags: flags | reassembly.ACK, Count: 1, Len: n, Notes: notes, Time: 1e9}
		if err := l.Segment(&analyzer.Segment{Connection: 7, Mark: m, States: open, Ways: ways}); err != nil {
			t.Fatal(err)
		}
	}
	mark(client, 0, 0, 0) // opens: the states are new
	mark(client, reassembly.PSH, 100, 0)
	mark(client, reassembly.PSH, 100, timeline.Retransmission)
	mark(server, reassembly.PSH, 3000, 0)
	if strings.Contains(out.String(), "segments") {
		t.Errorf("data was told at once:\n%s", &out)
	}
	mark(client, 0, 0, timeline.ZeroWindow)
	mark(client, reassembly.FIN, 0, 0)
	got := out.String()
	for _, want := range []string{"#7 3 segments, ──► 200 B, ◄── 3.0 kB, 1 of them again  [2-4]\n", "#7 way: veth3 → br0 → eth0, back eth0 → veth3\n"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("want once %q in\n%s", want, got)
		}
	}
	if lines := strings.Count(got, "\n"); lines != 5 {
		t.Errorf("%d lines:\n%s", lines, got)
	}
}
