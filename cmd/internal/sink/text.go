package sink

import (
	"fmt"
	"io"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// TextOptions say how text is laid out.
type TextOptions struct {
	Width      int     // columns of the terminal; 0 means 80
	ASCII      bool    // no character beyond ASCII
	Palette    Palette // colours; the zero value has none
	Frames     Frames  // what is known about the frames; nil of a single file without comments
	Connection int     // show the connection with this ID only; 0 shows all
	Live       bool    // what was captured cannot be read again
	Verbose    int     // 1: ladders for the first 20, every segment and window, every finding in full
}

// few is how many connections are shown with their ladders without being asked for.
const few = 3

// textSink keeps a tally of all connections and a few of them whole, and writes
// everything in End: the order is by gravity, which only the end knows.
type textSink struct {
	*screen
	o     TextOptions
	tally tally
	whole []*analyzer.Connection // those that may be shown as ladders
}

// NewText returns the report for people on a whole capture.
func NewText(w io.Writer, o TextOptions) Sink {
	return &textSink{screen: newScreen(w, &o), o: o, tally: newTally()}
}

// Segment does nothing: the ladder shows the segments.
func (t *textSink) Segment(*analyzer.Segment) error { return nil }

// Connection counts c and keeps it while it may still be shown whole.
func (t *textSink) Connection(c *analyzer.Connection) error {
	t.tally.add(c)
	if t.o.Connection == c.ID || t.o.Connection == 0 && len(t.whole) < t.ladders() {
		t.whole = append(t.whole, c.Clone())
	}
	return nil
}

func (t *textSink) ladders() int {
	if t.o.Verbose > 0 {
		return listed
	}
	return few
}

// End writes the report.
func (t *textSink) End(s *analyzer.Summary) error {
	t.headline(s)
	if t.o.Connection != 0 {
		t.selected()
	} else {
		t.everything(s.Across)
	}
	t.remarks(s)
	return t.flush()
}

// everything tells what many connections show, then of few each, of many the worst.
func (t *textSink) everything(across []detect.Across) {
	n := t.tally.connections
	if n > listed {
		t.totals(&t.tally)
	}
	t.across(across)
	if n > t.ladders() {
		t.list()
		t.explainAll(across)
		return
	}
	for _, i := range t.worstFirst() {
		t.one(t.whole[i])
	}
}

// worstFirst returns the order in which the list has the connections kept whole.
func (t *textSink) worstFirst() []int {
	var order []int
	for i := range t.tally.worst {
		for k, c := range t.whole {
			if c.ID == t.tally.worst[i].id {
				order = append(order, k)
			}
		}
	}
	return order
}

// selected shows the connection asked for.
func (t *textSink) selected() {
	if len(t.whole) > 0 {
		t.one(t.whole[0])
		return
	}
	t.end()
	t.wrap(0, Warn, fmt.Sprintf("There is no connection #%d: %s.", t.o.Connection, t.lastID()))
}

func (t *textSink) lastID() string {
	if n := t.tally.connections; n > 0 {
		return fmt.Sprintf("the last is #%d", n)
	}
	return "the capture holds none"
}

// one shows a connection whole: its line, the ladder, what the applications saw,
// and each finding.
func (t *textSink) one(c *analyzer.Connection) {
	t.end()
	e := entryOf(c)
	t.entry(&e, false)
	t.end()
	newLadder(c, t.screen, t.o.Verbose > 0).draw()
	t.applications(c)
	for i := range c.Findings {
		t.end()
		t.finding(&c.Findings[i])
	}
}

// applications tells what both programs saw and sent, side by side where there is room.
func (t *textSink) applications(c *analyzer.Connection) {
	const indent = 9
	t.end()
	var saw, sent [2]string
	column, widest := 0, 0
	for side := range timeline.Nobody {
		saw[side] = sawWords(c, side)
		sent[side] = sentWords(&c.Counters[side])
		column = max(column, indent+len(saw[side])+3)
		widest = max(widest, len(sent[side]))
	}
	stacked := column+widest > t.width
	for side, style := range [...]Style{Client, Server} {
		t.pad(1)
		t.put(style, timeline.Side(side).String())
		t.pad(indent)
		t.put(Plain, saw[side])
		if stacked {
			t.end()
			column = indent
		}
		t.pad(column)
		t.put(Dim, sent[side])
		t.end()
	}
	for i := range c.Doubts {
		t.wrap(1, Plain, doubtWords(&c.Doubts[i]))
	}
}

func sentWords(n *timeline.Counters) string {
	text := fmt.Sprintf("sent %s in %s", size(n.Bytes), count(n.Packets, "packet"))
	if n.RetransmittedPackets > 0 {
		text += fmt.Sprintf(", %s again", number(n.RetransmittedPackets))
	}
	return text
}

// explainAll tells each kind of finding once, with its first examples; what a finding
// over many connections explains has a line only.
func (t *textSink) explainAll(across []detect.Across) {
	for _, g := range t.tally.groups() {
		t.end()
		if by := g.explainedBy(across); by != nil && t.o.Verbose == 0 {
			t.findingHead(g.severity, g.code)
			t.wrap(3, Dim, kind(&g.examples[0].finding)+" "+g.where(t.frames)+partWords(by))
			continue
		}
		t.group(g, t.tally.full(g, t.o.Verbose > 0))
	}
}
