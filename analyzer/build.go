package analyzer

import (
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// report hands the present incarnation of f to the handler, or to the queue that
// keeps the order of first frames. until is when the view of it ends.
func (a *Analyzer) report(f *flow, until int64) error {
	if f.conn == nil || f.conn.Empty() {
		return nil
	}
	done := finished{id: f.id, conn: f.conn, until: until, lines: f.lines, ways: f.ways, letGo: f.letGo}
	f.lines = nil
	if a.cfg.Live {
		return a.deliver(done)
	}
	return a.order.add(a, done)
}

// build makes the report on a connection as it is known at until. Its story is
// valid until the next one is built.
func (a *Analyzer) build(id int, conn *timeline.Conn, until int64) *Connection {
	c := &Connection{
		ID: id, Ends: conn.Ends, Guessed: conn.Guessed,
		Start: conn.Start, End: conn.End, FirstFrame: conn.FirstFrame, LastFrame: conn.LastFrame,
		Counters: conn.Counters, Story: *a.teller.Tell(conn, until),
	}
	if conn.Start <= a.lossy {
		c.Dropped = a.sum.Dropped
	}
	c.Findings = detect.All(&detect.Case{Conn: conn, Story: &c.Story, Until: until, Dropped: c.Dropped})
	for i := range c.Findings {
		if c.Findings[i].Severity == detect.Capture {
			c.Conditions = append(c.Conditions, c.Findings[i].Code)
		}
	}
	c.ZeekState, c.ZeekHistory = zeek(c)
	c.Verdict = verdict(c)
	return c
}

// finished is a connection that is ready to be told, once its turn has come.
type finished struct {
	id    int
	conn  *timeline.Conn
	until int64
	lines []timeline.Mark
	ways  [2][]string
	letGo bool // it is open, and forgotten
}

// deliver tells a connection and hands the report over, its segments first when
// they were asked for.
func (a *Analyzer) deliver(d finished) error {
	c := a.build(d.id, d.conn, d.until)
	c.Ways = d.ways
	if d.letGo {
		c.Verdict = "let go to make room: " + lastStates(c)
	}
	a.summarise(c)
	fact := detect.FactOf(&detect.Case{Conn: d.conn, Story: &c.Story, Until: d.until}, c.Findings)
	a.watcher.Add(&fact)
	if a.cfg.Segments && !a.cfg.Live {
		if err := a.segments(c, d.lines); err != nil {
			return err
		}
	}
	return a.handler.Connection(c)
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
	next  int // ID that may be handed over
	early map[int]finished
}

func (q *queue) add(a *Analyzer, d finished) error {
	if d.id != q.next {
		if q.early == nil {
			q.early = make(map[int]finished)
		}
		q.early[d.id] = d
		return nil
	}
	for ok := true; ok; d, ok = q.early[q.next] {
		if err := a.deliver(d); err != nil {
			return err
		}
		delete(q.early, q.next)
		q.next++
	}
	return nil
}

// flush hands over what is left, in order.
func (q *queue) flush(a *Analyzer) error {
	ids := make([]int, 0, len(q.early))
	for id := range q.early {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := a.deliver(q.early[id]); err != nil {
			return err
		}
	}
	q.early = nil
	return nil
}
