package detect

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// tail is what side sent after the last segment of its peer: the end of a
// connection whose peer answers no more.
type tail struct {
	side    timeline.Side
	heard   *timeline.Mark   // the peer's last segment
	data    []*timeline.Mark // what holds sequence numbers, the same numbers again included
	probes  []*timeline.Mark // keep-alives
	windows []*timeline.Mark // zero-window probes
	reset   *timeline.Mark   // side's own RST, nil when it sent none
	icmp    *timeline.Mark   // an ICMP error about it, nil when there was none
	frame   int              // of the first data, folded into a run or not
	time    int64            // of the first data
}

// silentTail returns the tail of side, nil when the peer was never captured. A
// RST of side ends a tail and is no word of the peer.
func (c *Case) silentTail(side timeline.Side) *tail {
	t := &tail{side: side}
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From != side && (t.heard == nil || m.LastFrame > t.heard.LastFrame) {
			t.heard = m
		}
	})
	if t.heard == nil {
		return nil
	}
	for i := range c.Marks {
		if m := &c.Marks[i]; m.From == side && m.LastFrame > t.heard.LastFrame && m.Notes&timeline.Stray == 0 {
			t.add(m)
		}
	}
	return t
}

// add takes in a mark of the tail. One that began before it is a run, of which
// the last segment at least belongs to the tail.
func (t *tail) add(m *timeline.Mark) {
	straddles := m.Frame < t.heard.LastFrame
	switch {
	case m.ICMP != nil:
		t.icmp = m
	case m.Flags.Has(reassembly.RST):
		t.reset = m
	case m.Notes&timeline.KeepAlive != 0:
		t.probes = append(t.probes, m)
	case m.Notes&timeline.WindowProbe != 0:
		t.windows = append(t.windows, m)
	case straddles && m.Len > 0:
		t.frame, t.time = m.LastFrame, m.LastTime
	case !straddles && m.End > m.Seq:
		if t.frame == 0 {
			t.frame, t.time = m.Frame, m.Time
		}
		t.data = append(t.data, m)
	}
}

// repeats returns how many times the tail holds what had been sent before.
func (t *tail) repeats() int {
	n := 0
	for _, m := range t.data {
		if m.Notes&timeline.Retransmission != 0 {
			n += m.Count
		}
	}
	return n
}

// waited returns how long the first data of the tail had been under way when it
// was last repeated.
func (t *tail) waited() time.Duration {
	return time.Duration(t.data[len(t.data)-1].LastTime - t.time)
}

// total returns how many segments the marks stand for.
func total(marks []*timeline.Mark) int {
	n := 0
	for _, m := range marks {
		n += m.Count
	}
	return n
}
