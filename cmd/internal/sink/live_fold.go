package sink

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// fold is the plain data of a connection since its last line.
type fold struct {
	segments int
	again    int // of those, repetitions of data
	bytes    [2]int64
	last     int64  // time of the last segment
	frames   [2]int // the first and the last
}

// ordinary are the notes of segments that may be folded.
const ordinary = timeline.Retransmission | timeline.OutOfOrder | timeline.KeepAliveAck | timeline.WindowUpdate |
	timeline.DuplicateAck | timeline.Unseen | timeline.Reordered | timeline.Copy

// folds reports whether s needs no line of its own: plain data and its
// acknowledgments, which leave the states as they were.
func (l *Live) folds(c *liveConn, s *analyzer.Segment) bool {
	m := &s.Mark
	return l.o.Verbose == 0 && c.states == s.States && m.ICMP == nil && m.Notes&^ordinary == 0 &&
		!m.Flags.Any(reassembly.SYN|reassembly.FIN|reassembly.RST|reassembly.URG)
}

// add takes in a segment that is folded.
func (f *fold) add(m *timeline.Mark) {
	if f.segments++; f.segments == 1 {
		f.frames[0] = m.Frame
	}
	f.frames[1] = m.Frame
	f.bytes[m.From] += m.Len
	f.last = m.Time
	if m.Notes&timeline.Retransmission != 0 {
		f.again++
	}
}

// unfold tells what was folded in c since its last line, in one line.
func (l *Live) unfold(id int, c *liveConn) {
	f := &c.fold
	if f.segments == 0 {
		return
	}
	l.clock(f.last)
	l.number(id)
	parts := []string{count(f.segments, "segment")}
	for side, head := range [...]string{l.line + l.line + l.right, l.left + l.line + l.line} {
		if f.bytes[side] > 0 {
			parts = append(parts, head+" "+size(f.bytes[side]))
		}
	}
	if f.again > 0 {
		parts = append(parts, fmt.Sprintf("%s of them again", number(f.again)))
	}
	l.put(Dim, strings.Join(parts, ", "))
	l.frame(f.frames[0], f.frames[1])
	l.end()
	c.fold = fold{}
}

// way tells once by which interfaces both sides' packets pass, when it is more than one.
// The first answer is told before it has passed them all: they wait for the next segment.
func (l *Live) way(id int, c *liveConn, ways *[2][]string) {
	client, server := ways[timeline.Client], ways[timeline.Server]
	if c.way || len(server) == 0 {
		return
	}
	if !c.answered {
		c.answered = true
		return
	}
	if len(client) < 2 && len(server) < 2 {
		return
	}
	c.way = true
	between := " " + l.to + " "
	l.pad(clockWidth)
	l.number(id)
	l.wrap(clockWidth+2, Dim, "way: "+strings.Join(client, between)+", back "+strings.Join(server, between))
}

// Silent tells the states that have changed because nothing came.
func (l *Live) Silent(c *analyzer.Connection, now int64) error {
	o := l.conn(c.ID, c.Ends)
	l.unfold(c.ID, o)
	l.clock(now)
	l.number(c.ID)
	l.put(Plain, fmt.Sprintf("nothing for %s:", span(time.Duration(now-c.End))))
	states := o.states
	for side := range timeline.Nobody {
		if len(c.States[side]) > 0 {
			states[side] = c.Last(side).String()
		}
	}
	l.changes(o, states)
	o.states = states
	l.end()
	return l.flush()
}
