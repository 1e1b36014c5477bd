package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// LiveHandler is a Handler that is also told what a running capture brings to
// light, and what it takes back.
type LiveHandler interface {
	Handler
	// Withdrawn tells that a transition announced before did not happen: the
	// segment in byFrame disproves it.
	Withdrawn(id int, side timeline.Side, old timeline.Transition, byFrame int) error
	// Silent tells that the states have changed by now (nanoseconds since the Unix
	// epoch) because nothing came: a timer has run out.
	Silent(c *Connection, now int64) error
	// Finding tells a finding as soon as it is certain.
	Finding(c *Connection, f *detect.Finding) error
}

// spoken is what the live view has announced about an incarnation.
type spoken struct {
	states [2][]timeline.Transition
	codes  map[string]bool
	lines  int // how long the history was
}

// speak announces a segment as it comes: the states after it, what it disproves,
// and the findings that it makes certain.
func (a *Analyzer) speak(f *flow, m timeline.Mark) error {
	if f.conn.Lines() == f.spoken.lines { // plain data: the story is the same
		return a.tellSegment(f, m, stateNames(&f.spoken.states))
	}
	f.spoken.lines = f.conn.Lines()
	a.watchSilence(f)
	c := a.build(f.id, f.conn, a.now)
	if err := a.tellSegment(f, m, stateNames(&c.States)); err != nil {
		return err
	}
	return a.reveal(f, c, m.Frame)
}

// tellSegment hands over a segment, if segments are asked for.
func (a *Analyzer) tellSegment(f *flow, m timeline.Mark, states [2]string) error {
	if !a.cfg.Segments {
		return nil
	}
	return a.handler.Segment(&Segment{
		Connection: f.id, Ends: f.conn.Ends, Mark: m, States: states, Ways: f.ways,
	})
}

// reveal announces how the story of f has changed: by the segment in frame, or by
// time alone when frame is 0.
func (a *Analyzer) reveal(f *flow, c *Connection, frame int) error {
	live, ok := a.handler.(LiveHandler)
	if !ok {
		f.spoken.keep(&c.States)
		return nil
	}
	if err := a.withdraw(live, f, c, frame); err != nil {
		return err
	}
	before := stateNames(&f.spoken.states)
	f.spoken.keep(&c.States)
	if frame == 0 && before != stateNames(&c.States) {
		if err := live.Silent(c, a.now); err != nil {
			return err
		}
	}
	return a.announce(live, f, c)
}

// keep remembers the states that were told last.
func (s *spoken) keep(states *[2][]timeline.Transition) {
	for side := range states {
		s.states[side] = append(s.states[side][:0], states[side]...)
	}
}

// stateNames returns the last state of each side, "" where nothing is known.
func stateNames(states *[2][]timeline.Transition) (names [2]string) {
	for side := range states {
		if n := len(states[side]); n > 0 {
			names[side] = states[side][n-1].State.String()
		}
	}
	return names
}

// withdraw announces the transitions that the new story no longer holds. What time
// alone has taken back, no segment disproves: nothing is said of that.
func (a *Analyzer) withdraw(live LiveHandler, f *flow, c *Connection, frame int) error {
	if frame == 0 {
		return nil
	}
	for side := range f.spoken.states {
		told, now := f.spoken.states[side], c.States[side]
		for i := range told {
			if i < len(now) && now[i].State == told[i].State {
				continue
			}
			if err := live.Withdrawn(f.id, timeline.Side(side), told[i], frame); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// announce tells the findings that are certain and were not told yet. What the
// end of the capture may still change is left to the report.
func (a *Analyzer) announce(live LiveHandler, f *flow, c *Connection) error {
	for i := range c.Findings {
		found := &c.Findings[i]
		if f.spoken.codes[found.Code] || !detect.Certain(found.Code) {
			continue
		}
		if f.spoken.codes == nil {
			f.spoken.codes = map[string]bool{}
		}
		f.spoken.codes[found.Code] = true
		if err := live.Finding(c, found); err != nil {
			return err
		}
	}
	return nil
}
