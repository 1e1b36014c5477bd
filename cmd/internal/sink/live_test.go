package sink

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

func TestLive(t *testing.T) {
	var out bytes.Buffer
	l := NewLive(&out, TextOptions{Width: 80})
	c := halfOpen()
	withdrawn := timeline.Transition{State: tcpstate.Established, Frame: 21}
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
	l := NewLive(&out, TextOptions{})
	for i, m := range finalAckLost().Marks {
		l.Segment(&analyzer.Segment{Connection: 1, Mark: m})
		if got := strings.Count(out.String(), "\n"); got != i+1 {
			t.Fatalf("%d lines after %d segments", got, i+1)
		}
	}
}
