package detect

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// What the detectors of repeated SYNs and FINs share.

// repeated returns the first of sent and those that follow the one before by at
// least wait, a timer's work; nil when there is none. What comes sooner was
// duplicated on the way.
func repeated(sent []*timeline.Mark, wait int64) []*timeline.Mark {
	if len(sent) < 2 {
		return nil
	}
	out := sent[:1:1]
	for _, m := range sent[1:] {
		if m.Time-out[len(out)-1].LastTime >= wait {
			out = append(out, m)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// near reports whether the capture was taken at side: its answers pass the point
// of capture much sooner than those of the other side.
func (c *Case) near(side timeline.Side) bool {
	own, other := c.Reply[side], c.Reply[side.Other()]
	return own >= 0 && other >= 0 && own*8 < other
}

// patience is how long after a segment passed the point of capture its receiver
// may still send in ignorance of it, nanoseconds.
func (c *Case) patience(side timeline.Side) int64 {
	reply := c.Reply[side]
	if reply < 0 {
		reply = 200 * time.Millisecond
	}
	return int64(reply + reply/2 + 2*time.Millisecond)
}

// answerTo returns the first segment that side sent after m and as soon as an
// answer comes, nil when there is none.
func (c *Case) answerTo(m *timeline.Mark, side timeline.Side) *timeline.Mark {
	reply := int64(max(2*c.Reply[side], 50*time.Millisecond))
	for i := range c.Marks {
		o := &c.Marks[i]
		if o.ICMP == nil && o.From == side && o.Frame > m.Frame {
			if o.Time-m.Time > reply {
				return nil
			}
			return o
		}
	}
	return nil
}

// captured returns the first segment of side between two frames that has all of
// flags and acknowledges at least ack, nil when there is none.
func (c *Case) captured(side timeline.Side, after, before int, flags reassembly.Flags, ack int64) *timeline.Mark {
	for _, m := range c.sent(side, flags|reassembly.ACK, reassembly.RST) {
		if m.Frame > after && m.Frame < before && m.LastAck >= ack {
			return m
		}
	}
	return nil
}
