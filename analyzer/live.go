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
	s := &Segment{Connection: f.id, Ends: f.conn.Ends, Mark: m}
	if f.conn.Lines() == f.spoken.lines { // plain data: the story is the same
		s.States = stateNames(&f.spoken.states)
		return a.handler.Segment(s)
	}
	f.spoken.lines = f.conn.Lines()
	c := a.build(f.id, f.conn, a.now)
	s.States = stateNames(&c.States)
	if err := a.handler.Segment(s); err != nil {
		return err
	}
	live, ok := a.handler.(LiveHandler)
	if !ok {
		return nil
	}
	if err := a.withdraw(live, f, c, m.Frame); err != nil {
		return err
	}
	return a.announce(live, f, c)
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

// withdraw announces the transitions that the new story no longer holds.
func (a *Analyzer) withdraw(live LiveHandler, f *flow, c *Connection, frame int) error {
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
		f.spoken.states[side] = append(told[:0], now...)
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
