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
func (a *Analyzer) speak(f *flow, conn *timeline.Conn, m timeline.Mark) error {
	said := &a.flows.attend(f).spoken
	if conn.Lines() == said.lines { // plain data: the story is the same
		return a.tellSegment(f, conn, m, stateNames(&said.states))
	}
	said.lines = conn.Lines()
	a.watchSilence(f)
	c := a.build(f, conn, a.now)
	if err := a.tellSegment(f, conn, m, stateNames(&c.States)); err != nil {
		return err
	}
	return a.reveal(f, c, m.Frame)
}

// tellSegment hands over a segment, if segments are asked for.
func (a *Analyzer) tellSegment(f *flow, conn *timeline.Conn, m timeline.Mark, states [2]string) error {
	if !a.cfg.Segments {
		return nil
	}
	return a.handler.Segment(&Segment{
		Connection: f.id, Ends: conn.Ends, Mark: m, States: states, Ways: a.flows.aside(f).ways,
	})
}

// reveal announces how the story of f has changed: by the segment in frame, or by
// time alone when frame is 0.
func (a *Analyzer) reveal(f *flow, c *Connection, frame int) error {
	said := &a.flows.attend(f).spoken
	live, ok := a.handler.(LiveHandler)
	if !ok {
		said.keep(&c.States)
		return nil
	}
	if err := said.withdraw(live, c, frame); err != nil {
		return err
	}
	before := stateNames(&said.states)
	said.keep(&c.States)
	if frame == 0 && before != stateNames(&c.States) {
		if err := live.Silent(c, a.now); err != nil {
			return err
		}
	}
	return said.announce(live, c)
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
func (s *spoken) withdraw(live LiveHandler, c *Connection, frame int) error {
	if frame == 0 {
		return nil
	}
	for side := range s.states {
		told, now := s.states[side], c.States[side]
		for i := range told {
			if i < len(now) && now[i].State == told[i].State {
				continue
			}
			if err := live.Withdrawn(c.ID, timeline.Side(side), told[i], frame); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// announce tells the findings that are certain and were not told yet. What the
// end of the capture may still change is left to the report.
func (s *spoken) announce(live LiveHandler, c *Connection) error {
	for i := range c.Findings {
		found := &c.Findings[i]
		if s.codes[found.Code] || !detect.Certain(found.Code) {
			continue
		}
		if s.codes == nil {
			s.codes = map[string]bool{}
		}
		s.codes[found.Code] = true
		if err := live.Finding(c, found); err != nil {
			return err
		}
	}
	return nil
}

// Ongoing returns the floods and scans that the connections reported so far show. Close
// tells them too, as they are then.
func (a *Analyzer) Ongoing() []detect.Across { return a.watcher.Ongoing(a.now) }
