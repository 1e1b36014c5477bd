package sink

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// ladder draws one connection: the client's states on the left, the server's on
// the right, what passed between them in the middle.
type ladder struct {
	*screen
	c     *analyzer.Connection
	rows  []row
	start int64 // nanoseconds; times are told from here

	decimals             int  // of a second
	number, client       int  // columns that frames and the client's states take
	middle, width        int  // columns that arrows and all of the ladder take
	anyPresumed, anyLost bool // signs used, for the legend
}

// Columns that are the same in every ladder.
const (
	timeWidth   = 8
	ladderWidth = 112 // longer arrows do not read better
	leastMiddle = 28
)

func newLadder(c *analyzer.Connection, s *screen, verbose bool) *ladder {
	l := &ladder{screen: s, c: c, rows: ladderRows(c, verbose), start: c.Start}
	l.measure()
	return l
}

// ladderRows is the rows of a whole ladder.
func ladderRows(c *analyzer.Connection, verbose bool) []row {
	rows := tell(c, verbose)
	if !verbose {
		rows = thin(rows)
	}
	return rows
}

// Long stretches without a change of state are cut in ladders of many rows.
const (
	manyRows  = 60
	longRun   = 12
	keptAhead = 5
	keptAfter = 3
)

// thin replaces the middle of long stretches in which no state changes.
func thin(rows []row) []row {
	if len(rows) <= manyRows {
		return rows
	}
	var kept []row
	for i := 0; i < len(rows); {
		n := 0
		for i+n < len(rows) && rows[i+n].quiet() {
			n++
		}
		if n <= longRun {
			kept = append(kept, rows[i:i+max(n, 1)]...)
			i += max(n, 1)
			continue
		}
		first, last := i+keptAhead, i+n-keptAfter
		kept = append(kept, rows[i:first]...)
		kept = append(kept, row{first: rows[first].first, last: rows[last-1].last, time: rows[first].time,
			remark: count(last-first, "more line") + " of this kind"})
		kept = append(kept, rows[last:i+n]...)
		i += n
	}
	return kept
}

func (r *row) quiet() bool {
	for _, steps := range r.states {
		if len(steps) > 0 && steps[0].style != Dim {
			return false
		}
	}
	return true
}

// measure fixes the columns: what frames and states need, and the rest for arrows.
func (l *ladder) measure() {
	l.number = len("frame")
	var states [2]int
	longest := 0
	for i := range l.rows {
		r := &l.rows[i]
		l.number = max(l.number, len(r.frames()))
		for side, steps := range r.states {
			for _, s := range steps {
				states[side] = max(states[side], len(s.text))
			}
		}
		longest = max(longest, utf8.RuneCountInString(r.remark), len(labelText(r.label))+arrowEnds)
	}
	l.client = max(states[timeline.Client], len("client"))
	server := max(states[timeline.Server], len("server"))
	fixed := 1 + l.number + 1 + timeWidth + 2 + l.client + 1 + 1 + server
	room := min(l.screen.width, ladderWidth) - fixed
	l.middle = max(leastMiddle, min(room, max(longest+6, 40)))
	l.width = fixed + l.middle
	l.decimals = decimals(l.c.End - l.start)
}

// decimals shows microseconds while the time column has room for them.
func decimals(ns int64) int {
	switch {
	case ns < 10e9:
		return 6
	case ns < 1000e9:
		return 4
	}
	return 1
}

// frames is "7" or "6-9", nothing for what a timer did.
func (r *row) frames() string {
	switch {
	case r.first == 0:
		return ""
	case r.last > r.first:
		return strconv.Itoa(r.first) + "-" + strconv.Itoa(r.last)
	}
	return strconv.Itoa(r.first)
}

// seconds is when a row was, counted from the connection's first frame.
func (r *row) seconds(start int64, decimals int) string {
	return strconv.FormatFloat(float64(r.time-start)/1e9, 'f', decimals, 64)
}

func (l *ladder) draw() {
	l.put(Dim, " "+startedWords(l.start))
	l.end()
	l.heading()
	for i := range l.rows {
		l.row(&l.rows[i])
	}
	l.legend()
}

// startedWords says what the times of a ladder count from.
func startedWords(ns int64) string {
	return "started " + time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05.000000") + " UTC; seconds count from there"
}

// heading names the columns, the ends with their addresses where they fit.
func (l *ladder) heading() {
	l.right(1+l.number, "frame")
	l.right(l.timeEnd(), "seconds")
	client, server := "client", "server"
	for _, name := range [...]func(timeline.Side) string{l.fullName, l.portName} {
		if c, s := client+name(timeline.Client), server+name(timeline.Server); l.clientAt()+len(c)+2+len(s) <= l.width {
			client, server = c, s
			break
		}
	}
	l.pad(l.clientAt())
	l.put(Client, client)
	l.pad(min(l.serverAt(), l.width-len(server)))
	l.put(Server, server)
	l.end()
}

func (l *ladder) fullName(s timeline.Side) string { return " " + l.c.Ends[s].String() }

func (l *ladder) portName(s timeline.Side) string {
	return " port " + strconv.Itoa(int(l.c.Ends[s].Port))
}

func (l *ladder) timeEnd() int  { return 1 + l.number + 1 + timeWidth }
func (l *ladder) clientAt() int { return l.timeEnd() + 2 }
func (l *ladder) arrowAt() int  { return l.clientAt() + l.client + 1 }
func (l *ladder) serverAt() int { return l.arrowAt() + l.middle + 1 }

// right puts dim text so that it ends before a column.
func (l *ladder) right(column int, text string) {
	l.pad(column - len(text))
	l.put(Dim, text)
}

// row draws one row, and more lines below it where a side took several steps.
func (l *ladder) row(r *row) {
	l.right(1+l.number, r.frames())
	l.right(l.timeEnd(), r.seconds(l.start, l.decimals))
	l.step(timeline.Client, r, 0)
	l.pad(l.arrowAt())
	if r.mark != nil {
		l.arrow(r)
	} else {
		l.centre(r.remark)
	}
	if l.at >= l.serverAt() {
		l.gap(1) // a remark that is longer than the arrows
	}
	l.step(timeline.Server, r, 0)
	l.end()
	for i := 1; i < max(len(r.states[0]), len(r.states[1])); i++ {
		l.step(timeline.Client, r, i)
		l.step(timeline.Server, r, i)
		l.end()
	}
}

// step puts the i-th state that a side reached in a row.
func (l *ladder) step(side timeline.Side, r *row, i int) {
	steps := r.states[side]
	if i >= len(steps) {
		return
	}
	at := l.clientAt()
	if side == timeline.Server {
		at = l.serverAt()
	}
	l.pad(at)
	l.put(steps[i].style, steps[i].text)
	l.anyPresumed = l.anyPresumed || steps[i].style == Presumed
}

// centre puts a remark between the two columns of states.
func (l *ladder) centre(remark string) {
	remark = strings.NewReplacer(unicodeGlyphs.right, l.rightHead(), unicodeGlyphs.left, l.leftHead()).Replace(remark)
	l.pad(l.arrowAt() + max(0, l.middle-utf8.RuneCountInString(remark))/2)
	l.put(Dim, remark)
}

func (l *ladder) rightHead() string {
	if l.ascii {
		return "-->"
	}
	return l.glyphs.right
}

func (l *ladder) leftHead() string {
	if l.ascii {
		return "<--"
	}
	return l.left
}

// arrowEnds is what an arrow takes beside its label: "─ label ─►".
const arrowEnds = 5

// arrow draws a segment from its sender to where it got to.
func (l *ladder) arrow(r *row) {
	label := fit(r.label, l.middle-arrowEnds)
	fill := strings.Repeat(l.line, max(1, l.middle-arrowEnds+1-len(label)))
	tail := l.line + " "
	head, style := l.head(r.mark)
	switch {
	case r.mark.From == timeline.Client:
		l.put(style, tail+label+" "+fill+head)
	default:
		l.put(style, head+fill+" "+label+" "+l.line)
	}
	l.anyLost = l.anyLost || r.mark.Fate == timeline.Lost
}

// legend explains the signs that this ladder uses, and what is behind its frames.
func (l *ladder) legend() {
	if text := places(l.frames, l.rows); text != "" {
		l.wrap(1, Dim, text)
	}
	for _, text := range comments(l.frames, l.rows, l.c.Findings) {
		l.wrap(1, Dim, text)
	}
	if l.anyPresumed {
		l.wrap(1, Dim, "STATE? "+presumedWords)
	}
	if l.anyLost {
		l.wrap(1, Dim, l.glyphs.lost+" "+lostWords)
	}
}
