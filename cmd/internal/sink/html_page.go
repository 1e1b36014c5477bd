package sink

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/glossary"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

//go:embed html
var htmlFiles embed.FS

// htmlPage is what page.html shows.
type htmlPage struct {
	Version, Title, Holds, When string
	Style                       template.CSS
	Script                      template.JS
	Policy                      string // what the browser may do: nothing but these two

	Damage          string
	Limits, Instead []string
	Inputs          []analyzer.Input
	MoreInputs      int

	Asked       int // the connection asked for; 0 for all
	Connections int
	Severities  []htmlSeverity
	Unfolded    int // how many findings of each list are shown open
	Across      []detect.Across
	Groups      []htmlGroup // nil where the connections themselves tell all
	Totals      []totals    // nil of few connections
	Rows        []htmlEntry // nil of few connections
	Whole       []htmlEntry // those to be shown step by step
	States      []glossary.Entry
}

// htmlSeverity counts the connections of which this is the gravest finding.
type htmlSeverity struct {
	Severity    detect.Severity
	Connections int
}

// htmlGroup is the findings of one code.
type htmlGroup struct {
	Code     string
	Severity detect.Severity
	Title    string // of the rule: what the code stands for
	Where    string
	Full     bool
	Examples []htmlExample
}

// htmlEntry is a connection's row, and the heading of its ladder.
type htmlEntry struct {
	ID                int
	Grade             int // the number of the gravest severity, to sort by
	Class, Sign       string
	Client, Server    string
	Verdict           string
	Codes, Conditions []string
	Start             string // seconds since the first frame of the capture
	Lasted            int64  // nanoseconds
	Bytes             [2]int64
	Whole             *analyzer.Connection // nil where it is not shown step by step
}

func newHTMLEntry(p *pick, first int64) htmlEntry {
	return htmlEntry{
		ID: p.id, Grade: int(p.worst), Class: severityClass(p.worst), Sign: p.mark(),
		Client: p.ends[timeline.Client].String(), Server: p.ends[timeline.Server].String(),
		Verdict: p.verdict, Codes: p.codes, Conditions: p.conditions,
		Start: strconv.FormatFloat(float64(p.start-first)/1e9, 'f', 3, 64), Lasted: p.end - p.start,
		Bytes: p.bytes, Whole: p.whole,
	}
}

// htmlExample is a finding of a group. Linked tells that its connection is on the page.
type htmlExample struct {
	Connection int
	Linked     bool
	*detect.Finding
}

func (h *htmlSink) page(s *analyzer.Summary) *htmlPage {
	style, script := source("style.css"), source("script.js")
	p := &htmlPage{
		Version: h.o.Version, Title: title(s.Files), Holds: holds(s), When: period(s),
		Style: template.CSS(style), Script: template.JS(script),
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(style), digest(script)),
		Limits: limits(s), Inputs: s.Inputs, Across: s.Across, Unfolded: few,
		Asked: h.o.Connection, Connections: h.tally.connections,
	}
	if len(p.Inputs) > listed {
		p.Inputs, p.MoreInputs = p.Inputs[:listed], len(p.Inputs)-listed
	}
	if s.Damage != nil {
		p.Damage = damageWords(s.Damage)
	}
	if s.Frames > 0 && s.Connections == 0 {
		p.Instead, p.Limits = instead(s), nil
	}
	h.fill(p, s)
	return p
}

// fill adds the connections. As in the text, of few all is told with each, of more
// findings are told by code first.
func (h *htmlSink) fill(p *htmlPage, s *analyzer.Summary) {
	for severity, n := range slices.Backward(h.worst[:]) {
		if n > 0 {
			p.Severities = append(p.Severities, htmlSeverity{detect.Severity(severity), n})
		}
	}
	var rows []htmlEntry
	onPage := map[int]bool{}
	for _, picked := range h.picks.worstFirst() {
		e := newHTMLEntry(picked, s.First)
		rows = append(rows, e)
		if e.Whole != nil {
			p.Whole = append(p.Whole, e)
			onPage[e.ID] = true
		}
	}
	if len(p.Whole) > 0 {
		p.States = glossaryStates()
	}
	if h.tally.connections <= few {
		return
	}
	p.Rows = rows
	p.Groups = h.groups(onPage, s.Across)
	if h.tally.connections > listed {
		p.Totals = []totals{h.tally.byOutcome(), h.tally.byServer()}
	}
}

func (h *htmlSink) groups(onPage map[int]bool, across []detect.Across) []htmlGroup {
	var all []htmlGroup
	for _, g := range h.tally.groups() {
		view := htmlGroup{Code: g.code, Severity: g.severity, Where: g.where(h.o.Frames), Full: h.tally.full(g, h.o.Verbose > 0)}
		if by := g.explainedBy(across); by != nil && h.o.Verbose == 0 {
			view.Where, view.Full = view.Where+partWords(by), false
		}
		if rule := detect.Find(g.code); rule != nil {
			view.Title = rule.Title
		}
		for i := range g.examples {
			e := &g.examples[i]
			view.Examples = append(view.Examples, htmlExample{e.connection, onPage[e.connection], &e.finding})
		}
		all = append(all, view)
	}
	return all
}

// period is from when to when the capture goes.
func period(s *analyzer.Summary) string {
	if s.Frames == 0 {
		return ""
	}
	first, last := time.Unix(0, s.First).UTC(), time.Unix(0, s.Last).UTC()
	layout := "15:04:05"
	if first.Format(time.DateOnly) != last.Format(time.DateOnly) {
		layout = time.DateTime
	}
	return first.Format(time.DateTime) + " to " + last.Format(layout) + " UTC"
}

func glossaryStates() []glossary.Entry {
	var states []glossary.Entry
	for _, e := range glossary.Entries() {
		if e.Kind == glossary.State {
			states = append(states, e)
		}
	}
	return states
}

// source returns a file that is a part of the page, without the tabs that indent it:
// the way out of the page would escape them.
func source(name string) string {
	text, err := htmlFiles.ReadFile("html/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return strings.ReplaceAll(string(text), "\t", "")
}

// digest names a text as a content security policy does (CSP Level 3 §2.3.1).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
