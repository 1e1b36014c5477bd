package analyzer

import (
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// finish ends f: it is handed to the handler, or to the queue that keeps the order of
// first frames. until is when the view of it ends.
func (a *Analyzer) finish(f *flow, until int64) error {
	a.flows.close(f)
	f.marks |= finished
	f.at = until
	if a.cfg.Live {
		return a.deliver(f)
	}
	a.order.add(f)
	for {
		h, ok := a.order.pop()
		if !ok {
			return nil
		}
		if err := a.deliver(a.flows.at(h)); err != nil {
			return err
		}
	}
}

// build makes the report on a connection as it is known at until. It is valid until
// the next one is built.
func (a *Analyzer) build(f *flow, conn *timeline.Conn, until int64) *Connection {
	c := &a.built
	*c = Connection{
		ID: f.id, Ends: conn.Ends, Guessed: conn.Guessed,
		Start: conn.Start, End: conn.End, FirstFrame: conn.FirstFrame, LastFrame: conn.LastFrame,
		Counters: conn.Counters, Conditions: c.Conditions[:0], Story: *a.teller.Tell(conn, until),
	}
	if conn.Start <= a.lossy {
		c.Dropped = a.sum.Dropped
	}
	c.Findings = a.detector.All(detect.Case{Conn: conn, Story: &c.Story, Until: until, Dropped: c.Dropped, LetGo: f.marks.has(letGo)})
	for i := range c.Findings {
		if c.Findings[i].Severity == detect.Capture {
			c.Conditions = append(c.Conditions, c.Findings[i].Code)
		}
	}
	a.word(c)
	return c
}

// word fills in what is said of c in words and letters.
func (a *Analyzer) word(c *Connection) {
	state, history := a.zeek.tell(c)
	c.ZeekState, c.ZeekHistory = state, a.phrases.of(history)
	a.verdict = a.verdict[:0].verdict(c)
	c.Verdict = a.phrases.of(a.verdict)
}

// deliver tells a connection and hands the report over, its segments first when
// they were asked for. Then it is forgotten.
func (a *Analyzer) deliver(f *flow) error {
	conn, rest := a.conns.view(f), a.flows.aside(f)
	c := a.build(f, conn, f.at)
	c.Ways = rest.ways
	if f.marks.has(letGo) {
		c.Verdict = string(sentence("let go to make room: ").lastStates(c))
	}
	a.summarise(c)
	fact := a.detector.Fact()
	a.watcher.Add(&fact)
	if a.cfg.Segments && !a.cfg.Live {
		if err := a.segments(c, rest.lines); err != nil {
			return err
		}
	}
	err := a.handler.Connection(c)
	a.conns.drop(f)
	a.flows.drop(f)
	return err
}

// segments hands over every segment with the states after it.
func (a *Analyzer) segments(c *Connection, lines []timeline.Mark) error {
	var at [2]int
	out := Segment{Connection: c.ID, Ends: c.Ends}
	for i := range lines {
		out.Mark = lines[i]
		for side := range at {
			states := c.States[side]
			for at[side] < len(states) && states[at[side]].Time <= out.Mark.Time && states[at[side]].Frame <= out.Mark.Frame {
				out.States[side] = states[at[side]].State.String()
				at[side]++
			}
		}
		out.Codes = out.Codes[:0]
		for k := range c.Findings {
			if f := &c.Findings[k]; slices.Contains(f.Frames, out.Mark.Frame) {
				out.Codes = append(out.Codes, f.Code)
			}
		}
		if err := a.handler.Segment(&out); err != nil {
			return err
		}
	}
	return nil
}

// queue keeps finished connections until all that began before them are finished too.
type queue struct {
	next int      // ID that may be handed over
	done []uint32 // by how far the ID lies beyond next: the handle and one more, 0 while it is not finished
	head int      // where next is in done
}

func (q *queue) add(f *flow) {
	i := q.head + f.id - q.next
	for len(q.done) <= i {
		q.done = append(q.done, 0)
	}
	q.done[i] = f.handle + 1
}

// pop returns the handle of the connection whose turn it is, if that is finished.
func (q *queue) pop() (handle uint32, ok bool) {
	if q.head == len(q.done) || q.done[q.head] == 0 {
		return 0, false
	}
	handle = q.done[q.head] - 1
	q.head++
	q.next++
	if q.head > len(q.done)/2 {
		q.done = q.done[:copy(q.done, q.done[q.head:])]
		q.head = 0
	}
	return handle, true
}
