package sink

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// functions is what templates call. They word things as the text does.
func (h *htmlSink) functions() template.FuncMap {
	return template.FuncMap{
		"sign": sign, "kind": kind, "about": aboutWords, "count": count, "number": number, "size": size, "extent": extent,
		"class": severityClass, "grade": gradeWords,
		"span":     func(ns int64) string { return span(time.Duration(ns)) },
		"evidence": func(frames []int) string { return evidence(h.o.Frames, frames) },
		"connection": func(c *analyzer.Connection) *htmlConnection {
			return newHTMLConnection(c, h.o.Frames, h.o.Verbose > 0)
		},
	}
}

// severityClass is the word for what the gravest finding of a connection is.
func severityClass(s detect.Severity) string {
	if s == detect.Capture {
		return "clean"
	}
	return s.String()
}

// gradeWords says what connections of a severity have.
func gradeWords(s detect.Severity) string {
	return [...]string{"without a finding", "with notes only", "with warnings", "with errors"}[s]
}

// htmlConnection is one connection step by step.
type htmlConnection struct {
	*analyzer.Connection
	Started   string // what the times of the ladder count from
	Facts     [][2]string
	Filter    string // for Wireshark
	Rows      []htmlRow
	Notes     []string // below the ladder
	Apps      [2]htmlApp
	Histories []string
}

// htmlRow is a row of the ladder.
type htmlRow struct {
	Frames, Seconds string
	States          [2][]htmlStep
	Arrow           *htmlArrow // nil for a remark
	Remark          string
	Findings        []*detect.Finding // that these frames prove
}

// htmlStep is a state that a side reached, and how that is known.
type htmlStep struct{ Text, Class, Basis string }

// htmlArrow is a segment on its way.
type htmlArrow struct{ From, Class, Fate, Label string }

// htmlApp is what one program saw and sent.
type htmlApp struct{ Side, Saw, Sent string }

func newHTMLConnection(c *analyzer.Connection, known Frames, verbose bool) *htmlConnection {
	rows := ladderRows(c, verbose)
	v := &htmlConnection{Connection: c, Started: startedWords(c.Start), Facts: facts(c), Filter: displayFilter(c.Ends)}
	presumed, lost := false, false
	for i := range rows {
		r := &rows[i]
		v.Rows = append(v.Rows, newHTMLRow(c, r))
		lost = lost || r.mark != nil && r.mark.Fate == timeline.Lost
		for _, steps := range r.states {
			presumed = presumed || slices.ContainsFunc(steps, func(s step) bool { return s.style == Presumed })
		}
	}
	if text := places(known, rows); text != "" {
		v.Notes = append(v.Notes, text)
	}
	v.Notes = append(v.Notes, comments(known, rows, c.Findings)...)
	if presumed {
		v.Notes = append(v.Notes, "STATE? "+presumedWords)
	}
	if lost {
		v.Notes = append(v.Notes, unicodeGlyphs.lost+" "+lostWords)
	}
	for side := range timeline.Nobody {
		v.Apps[side] = htmlApp{side.String(), sawWords(c, side), sentWords(&c.Counters[side])}
	}
	for i := range c.Doubts {
		v.Histories = append(v.Histories, doubtWords(&c.Doubts[i]))
	}
	return v
}

func newHTMLRow(c *analyzer.Connection, r *row) htmlRow {
	v := htmlRow{Frames: r.frames(), Seconds: r.seconds(c.Start, decimals(c.End-c.Start)), Remark: r.remark}
	for side, steps := range r.states {
		for _, s := range steps {
			v.States[side] = append(v.States[side], htmlStep{s.text, styleClass(s.style), basisWords(s.cause)})
		}
	}
	if m := r.mark; m != nil {
		v.Arrow = &htmlArrow{From: m.From.String(), Class: styleClass(arrowStyle(m)), Fate: fateCode(m.Fate), Label: labelText(r.label)}
	}
	for i := range c.Findings {
		if f := &c.Findings[i]; f.Severity > detect.Capture && r.holds(f.Frames) {
			v.Findings = append(v.Findings, f)
		}
	}
	return v
}

// holds reports whether one of the frames is in the row.
func (r *row) holds(frames []int) bool {
	return r.first != 0 && slices.ContainsFunc(frames, func(n int) bool { return r.first <= n && n <= r.last })
}

// styleClass names a style in style.css.
func styleClass(s Style) string {
	return [numStyles]string{Plain: "plain", Good: "good", Warn: "warning", Bad: "error", Dim: "dim", Strong: "strong",
		State: "state", Presumed: "presumed", Client: "client", Server: "server"}[s]
}

// facts are what is worth knowing of any connection.
func facts(c *analyzer.Connection) [][2]string {
	all := [][2]string{
		{"Frames", fmt.Sprintf("%d to %d", c.FirstFrame, c.LastFrame)},
		{"Lasted", span(time.Duration(c.End - c.Start))},
	}
	if c.HandshakeRTT >= 0 {
		all = append(all, [2]string{"Handshake", span(c.HandshakeRTT)})
	}
	if c.ZeekState != "" {
		all = append(all, [2]string{"Zeek", c.ZeekState + " " + c.ZeekHistory})
	}
	return all
}

// displayFilter finds a connection in Wireshark.
func displayFilter(ends [2]reassembly.Endpoint) string {
	client, server := ends[timeline.Client], ends[timeline.Server]
	field := "ip"
	if client.Addr().Is6() {
		field = "ipv6"
	}
	return field + ".addr == " + client.Addr().String() + " && " + field + ".addr == " + server.Addr().String() +
		" && tcp.port == " + strconv.Itoa(int(client.Port)) + " && tcp.port == " + strconv.Itoa(int(server.Port))
}
