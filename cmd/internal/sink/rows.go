package sink

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// row is one line of a ladder.
type row struct {
	first, last int   // frames; 0 for what a timer did
	time        int64 // nanoseconds since the Unix epoch
	states      [2][]step
	mark        *timeline.Mark // the segment whose arrow is drawn; nil for a remark
	label       []part         // on the arrow
	remark      string         // instead of an arrow
}

// step is a state that a side reached in a row, or still has.
type step struct {
	text  string
	style Style
	cause *timeline.Transition // nil for a state that it still has
}

// teller makes rows of a story.
type teller struct {
	story   *timeline.Story
	verbose bool // no folding
	rows    []row
	now     [2]step                // state of each side as of the last row
	at      [][2][]step            // by mark, the states reached in it
	alone   []*timeline.Transition // steps that no mark carries, in order of time
	sides   []timeline.Side        // of alone
	next    int                    // first of alone not told yet
}

// tell returns the rows of a connection's ladder.
func tell(c *analyzer.Connection, verbose bool) []row {
	t := &teller{story: &c.Story, verbose: verbose, at: make([][2][]step, len(c.Marks))}
	t.place()
	marks := c.Marks
	for i := 0; i < len(marks); {
		t.untold(marks[i].Time)
		n := t.foldable(i)
		if n > 1 || marks[i].Count > 1 {
			t.fold(i, n)
		} else {
			t.single(i)
		}
		i += n
	}
	t.untold(1<<63 - 1)
	return t.rows
}

// place assigns each step to the mark that caused it, or to that of the step
// before it when that is later: what crossed on the way passed the point of
// capture in another order than that in which the endpoint lived it.
func (t *teller) place() {
	for side := range timeline.Nobody {
		reached := 0
		for n := range t.story.States[side] {
			s := &t.story.States[side][n]
			if i := t.markOf(s); i >= 0 {
				i = max(i, reached)
				reached = i
				t.at[i][side] = append(t.at[i][side], stepOf(s))
				continue
			}
			k, _ := slices.BinarySearchFunc(t.alone, s.Time+1, func(a *timeline.Transition, at int64) int { return cmp.Compare(a.Time, at) })
			t.alone = slices.Insert(t.alone, k, s)
			t.sides = slices.Insert(t.sides, k, side)
		}
	}
}

// markOf finds the mark of a step's frame, a single segment before a run; -1 for
// a timer, a start in mid-stream, and a frame that the history left out.
func (t *teller) markOf(s *timeline.Transition) int {
	if s.Frame == 0 || s.Basis == timeline.MidStream {
		return -1
	}
	found := -1
	for i := range t.story.Marks {
		switch m := &t.story.Marks[i]; {
		case m.Frame == s.Frame:
			return i
		case found < 0 && m.Frame < s.Frame && s.Frame <= m.LastFrame:
			found = i
		}
	}
	return found
}

func stepOf(t *timeline.Transition) step {
	if t.Basis == timeline.Inferred {
		return step{t.State.String() + "?", Presumed, t}
	}
	return step{t.State.String(), State, t}
}

// untold tells the steps before a time that no mark carries.
func (t *teller) untold(before int64) {
	for ; t.next < len(t.alone); t.next++ {
		s := t.alone[t.next]
		if s.Time > before {
			return
		}
		r := row{first: s.Frame, last: s.Frame, time: s.Time}
		side := t.sides[t.next]
		r.states[side] = []step{stepOf(s)}
		switch s.Basis {
		case timeline.MidStream:
			r.first, r.last, r.remark = 0, 0, "already open when the capture began"
			if t.joinStart(side, r) {
				continue
			}
		case timeline.Timed:
			r.remark = side.String() + "'s timer" + t.silence(s.Time)
		}
		t.add(r)
	}
}

// joinStart puts the second side's start in mid-stream beside the first's.
func (t *teller) joinStart(side timeline.Side, r row) bool {
	if len(t.rows) != 1 || t.rows[0].remark != r.remark {
		return false
	}
	t.rows[0].states[side] = r.states[side]
	t.now[side] = r.states[side][0]
	return true
}

// silence says how long nothing had come before a timer ended it.
func (t *teller) silence(at int64) string {
	last := int64(0)
	for i := range t.story.Marks {
		if m := &t.story.Marks[i]; m.LastTime <= at {
			last = max(last, m.LastTime)
		}
	}
	if last == 0 {
		return ""
	}
	return ", after " + span(time.Duration(at-last)) + " of silence"
}

// add appends a row and remembers the states it leads to.
func (t *teller) add(r row) {
	for side := range timeline.Nobody {
		if steps := r.states[side]; len(steps) > 0 && steps[0].style != Dim {
			t.now[side] = steps[len(steps)-1]
		}
	}
	t.rows = append(t.rows, r)
}

// foldable counts the marks from i on that make one line: plain data and its
// acknowledgments in both directions, with no step of a state between them.
func (t *teller) foldable(i int) int {
	if t.verbose {
		return 1
	}
	n := 0
	for ; i+n < len(t.story.Marks); n++ {
		m := &t.story.Marks[i+n]
		if !plain(m) || t.moves(i+n) || t.next < len(t.alone) && t.alone[t.next].Time < m.Time {
			break
		}
	}
	return max(n, 1)
}

func (t *teller) moves(i int) bool { return len(t.at[i][0]) > 0 || len(t.at[i][1]) > 0 }

// plain reports whether there is nothing to tell of a segment but its length.
func plain(m *timeline.Mark) bool {
	const special = reassembly.SYN | reassembly.FIN | reassembly.RST | reassembly.URG
	return m.ICMP == nil && m.Notes == 0 && m.Fate <= timeline.Arrived && !m.Flags.Any(special)
}

// fold tells n marks in one line: "939 B ►  ◄ 386 B  (4 segments)".
func (t *teller) fold(i, n int) {
	marks := t.story.Marks[i : i+n]
	r := row{first: marks[0].Frame, time: marks[0].Time, states: t.at[i]}
	var bytes [2]int64
	segments := 0
	for k := range marks {
		r.last = max(r.last, marks[k].LastFrame)
		bytes[marks[k].From] += marks[k].Len
		segments += marks[k].Count
	}
	r.remark = foldWords(bytes, segments)
	if notes := noteText(&marks[0]); notes != "" {
		r.remark += ", " + notes
	}
	t.add(r)
}

// The words contain the arrows of the Unicode set; the ladder puts in its own.
func foldWords(bytes [2]int64, segments int) string {
	switch client, server := bytes[timeline.Client], bytes[timeline.Server]; {
	case client > 0 && server > 0:
		return fmt.Sprintf("%s ►  ◄ %s  (%s)", size(client), size(server), count(segments, "segment"))
	case client > 0:
		return fmt.Sprintf("%s ►  (%s)", size(client), count(segments, "segment"))
	case server > 0:
		return fmt.Sprintf("◄ %s  (%s)", size(server), count(segments, "segment"))
	default:
		return count(segments, "ACK")
	}
}

// single tells one mark as an arrow.
func (t *teller) single(i int) {
	m := &t.story.Marks[i]
	r := row{first: m.Frame, last: m.LastFrame, time: m.Time, mark: m, states: t.at[i]}
	r.label = markLabel(m, t.since(i), t.verbose)
	if to := m.From.Other(); (m.Fate == timeline.Lost || m.Fate == timeline.Ignored) && len(r.states[to]) == 0 {
		r.states[to] = t.still(to)
	}
	t.add(r)
}

// still is the state of the side that a segment failed to move. An established
// receiver of data is the ordinary case, and says nothing.
func (t *teller) still(to timeline.Side) []step {
	if t.now[to].text == "" || t.now[to].text == "ESTABLISHED" {
		return nil
	}
	return []step{{"still " + t.now[to].text, Dim, nil}}
}

// lookBack is how many marks back the first copy of a repeated segment is sought.
const lookBack = 256

// since says how long after the last copy a repeated segment came.
func (t *teller) since(i int) string {
	m := &t.story.Marks[i]
	if m.Notes&timeline.Retransmission == 0 {
		return ""
	}
	for k := i - 1; k >= max(0, i-lookBack); k-- {
		if was := &t.story.Marks[k]; was.From == m.From && was.Count == 1 && was.ICMP == nil && was.End > was.Seq &&
			was.Seq <= m.Seq && m.Seq < was.End {
			return " (+" + span(time.Duration(m.Time-was.Time)) + ")"
		}
	}
	return ""
}
