package sink

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Live shows a capture while it runs: each segment that it is given, findings
// and withdrawals as they become certain, and the totals at the end. Each line
// is written when it is whole.
type Live struct {
	*screen
	o         TextOptions
	tally     tally
	open      map[int]*liveConn // by ID, from the first segment to the connection's report
	explained map[string]bool   // codes that were told in full once
}

// liveConn is what the view remembers of an open connection.
type liveConn struct {
	states   [2]string
	last     timeline.Mark
	found    map[string]bool // findings told already, by code and first frame
	ports    string          // ":40819 → :1714"
	fold     fold
	answered bool // a packet of the server was told
	way      bool // the interfaces were told
}

// Columns of a live line: where what follows the time begins, and from what
// width on ports are repeated in each line.
const (
	clockWidth = len("15:04:05.000000  ")
	portsWidth = 100
)

// NewLive returns the sink for a running capture.
func NewLive(w io.Writer, o TextOptions) *Live {
	return &Live{screen: newScreen(w, &o), o: o, tally: newTally(), open: map[int]*liveConn{}, explained: map[string]bool{}}
}

// Segment writes a line: time, connection, ports, arrow, flags and numbers, the
// states that changed, and the frame, which findings refer to. Plain data waits for the next such line and gets one for
// all of it.
func (l *Live) Segment(s *analyzer.Segment) error {
	c := l.conn(s.Connection, s.Ends)
	if l.folds(c, s) {
		c.fold.add(&s.Mark)
		c.last = s.Mark
		return l.err
	}
	l.unfold(s.Connection, c)
	l.way(s.Connection, c, &s.Ways)
	l.clock(s.Mark.Time)
	l.number(s.Connection)
	if l.width >= portsWidth {
		l.put(Plain, c.ports)
		l.gap(1)
	}
	l.arrow(&s.Mark)
	l.changes(c, s.States)
	l.frame(s.Mark.Frame, s.Mark.Frame)
	c.states, c.last = s.States, s.Mark
	l.end()
	return l.flush()
}

// conn returns what is remembered of a connection, introducing a new one.
func (l *Live) conn(id int, ends [2]reassembly.Endpoint) *liveConn {
	c := l.open[id]
	if c != nil {
		return c
	}
	c = &liveConn{}
	l.open[id] = c
	if ends == [2]reassembly.Endpoint{} {
		return c
	}
	client, server := &ends[timeline.Client], &ends[timeline.Server]
	c.ports = fmt.Sprintf(":%d %s :%d", client.Port, l.to, server.Port)
	l.pad(clockWidth)
	l.number(id)
	l.put(Plain, l.pair(ends))
	l.end()
	return c
}

// clock puts the capture's time of day, UTC.
func (l *Live) clock(ns int64) {
	l.put(Dim, clockOf(ns))
	l.gap(2)
}

func clockOf(ns int64) string { return time.Unix(0, ns).UTC().Format("15:04:05.000000") }

func (l *Live) number(id int) {
	l.put(Strong, "#"+strconv.Itoa(id))
	l.gap(1)
}

// arrow puts the segment in the ladder's words.
func (l *Live) arrow(m *timeline.Mark) {
	head, style := l.head(m)
	if m.From == timeline.Server {
		l.put(style, head+l.line+l.line)
	} else {
		l.put(style, l.line+l.line+head)
	}
	l.gap(1)
	l.put(style, labelText(markLabel(m, "", l.o.Verbose > 0)))
}

// frame puts which frames the line tells of.
func (l *Live) frame(first, last int) {
	text := "[" + strconv.Itoa(first)
	if last > first {
		text += "-" + strconv.Itoa(last)
	}
	l.gap(2)
	l.put(Dim, text+"]")
}

// changes puts the states that are other than they were.
func (l *Live) changes(c *liveConn, states [2]string) {
	sep := "  "
	for side := range timeline.Nobody {
		if states[side] != c.states[side] && states[side] != "" {
			l.put(Plain, sep+side.String()+" ")
			l.put(State, states[side])
			sep = ", "
		}
	}
}

// Withdrawn tells that a transition shown before did not happen: the segment of
// byFrame disproves it. Call it after that frame's Segment, so that the line can
// say what the frame was.
func (l *Live) Withdrawn(id int, side timeline.Side, old timeline.Transition, byFrame int) error {
	l.pad(clockWidth)
	l.number(id)
	l.put(Warn, "withdrawn: ")
	l.put(Plain, fmt.Sprintf("%s %s of %s (frame %d):", side, old.State, clockOf(old.Time), old.Frame))
	l.gap(1)
	l.wrap(clockWidth+2, Plain, l.disproof(id, side, byFrame))
	return l.flush()
}

func (l *Live) disproof(id int, side timeline.Side, byFrame int) string {
	c := l.open[id]
	if c == nil || c.last.Frame != byFrame {
		return fmt.Sprintf("frame %d disproves it", byFrame)
	}
	came := "came"
	if c.last.Notes&timeline.Retransmission != 0 {
		came = "came again"
	}
	text := fmt.Sprintf("the %s %s at %s (frame %d)", c.last.Flags, came, clockOf(c.last.Time), byFrame)
	if state := c.states[side]; state != "" {
		text += ", still " + state
	}
	return text
}

// Finding tells a finding, in full when it is the first of its code.
func (l *Live) Finding(c *analyzer.Connection, f *detect.Finding) error {
	o := l.conn(c.ID, c.Ends)
	key := f.Code + " " + strconv.Itoa(firstFrame(f))
	if o.found[key] {
		return l.err
	}
	if o.found == nil {
		o.found = map[string]bool{}
	}
	o.found[key] = true
	l.unfold(c.ID, o)
	l.findingHead(f.Severity, f.Code)
	l.wrap(3, Dim, fmt.Sprintf("%s in #%d, %s", kind(f), c.ID, evidence(l.frames, f.Frames)))
	l.wrap(3, Plain, f.Summary)
	if !l.explained[f.Code] || l.o.Verbose > 0 {
		l.explained[f.Code] = true
		l.explain(f)
	}
	return l.flush()
}

// Connection tells how a connection went, and its findings not told yet.
func (l *Live) Connection(c *analyzer.Connection) error {
	o := l.conn(c.ID, c.Ends)
	l.unfold(c.ID, o)
	l.way(c.ID, o, &c.Ways)
	for i := range c.Findings {
		if c.Findings[i].Severity > detect.Capture {
			l.Finding(c, &c.Findings[i])
		}
	}
	delete(l.open, c.ID)
	l.tally.add(c)
	l.clock(c.End)
	l.number(c.ID)
	e := entryOf(c)
	l.put(severityStyle(e.worst), e.mark())
	l.gap(1)
	l.wrap(clockWidth+2, Strong, c.Verdict)
	return l.flush()
}

// Across tells of a flood or a scan while it lasts.
func (l *Live) Across(a *detect.Across) error {
	l.across([]detect.Across{*a})
	l.end()
	return l.flush()
}

// End tells the totals.
func (l *Live) End(s *analyzer.Summary) error {
	l.end()
	l.headline(s)
	if l.tally.connections > 0 {
		l.totals(&l.tally)
		l.counts(&l.tally)
	}
	l.across(s.Across)
	l.remarks(s)
	return l.flush()
}

// counts tells how often each finding came.
func (l *Live) counts(t *tally) {
	groups := t.groups()
	if len(groups) == 0 {
		return
	}
	l.end()
	l.wrap(0, Strong, "Findings")
	for _, g := range groups {
		l.total(&total{Connections: g.connections, Name: g.code})
	}
}
