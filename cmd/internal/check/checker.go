package check

import (
	"strings"

	"github.com/expr-lang/expr"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// Options say what to check.
type Options struct {
	Input        string
	Filter       string
	Expectations *Expectations   // nil for none
	FailOn       detect.Severity // findings from here on are problems; above detect.Error none is
	Baseline     *Baseline       // nil for none
	KeepAll      bool            // keep what FirstFile needs
	// Ladder draws a connection around some frames of it, without colour; nil draws nothing.
	Ladder func(c *analyzer.Connection, frames []int) string
}

// wholeKept is how many connections are kept with their segments for the ladders
// of rules that only the end of the capture decides.
const wholeKept = 64

// Checker is a sink that judges connections as they come. Its report is complete
// after End.
type Checker struct {
	o           Options
	report      Report
	rules       []*Result              // of the expectations, in their order
	findings    map[string]*Result     // by code
	connections []*Connection          // when a rule asks about all
	whole       []*analyzer.Connection // the first few
	keepAll     bool
}

// NewChecker returns a Checker that has seen nothing.
func NewChecker(o Options) *Checker {
	c := &Checker{o: o, findings: map[string]*Result{}, keepAll: o.KeepAll}
	c.report.Input, c.report.Filter = o.Input, o.Filter
	if o.Expectations != nil {
		c.report.Expectations = o.Expectations.Name
		for _, r := range o.Expectations.rules {
			c.rules = append(c.rules, &Result{ID: r.Name, Name: r.Name, About: r.about(), Line: r.line})
			c.keepAll = c.keepAll || r.whose == nil
		}
	}
	for _, r := range detect.Rules() {
		if r.Severity >= o.FailOn {
			c.findings[r.Code] = newFindingResult(r.Code)
		}
	}
	return c
}

func newFindingResult(code string) *Result {
	about := ""
	if r := detect.Find(code); r != nil {
		about = r.Title
	}
	return &Result{ID: code, Name: "no " + code, About: about}
}

func (r *rule) about() string {
	expect := strings.Join(strings.Fields(r.Expect), " ")
	if r.whose == nil {
		return expect
	}
	return expect + ", for " + strings.Join(strings.Fields(r.For), " ")
}

// Report returns the outcome.
func (c *Checker) Report() *Report { return &c.report }

// Connections returns what all connections were, when Options.KeepAll asked for it.
func (c *Checker) Connections() []*Connection { return c.connections }

// Segment implements analyzer.Handler.
func (c *Checker) Segment(*analyzer.Segment) error { return nil }

// Connection implements analyzer.Handler.
func (c *Checker) Connection(a *analyzer.Connection) error {
	it := connectionOf(a)
	if c.keepAll {
		c.connections = append(c.connections, it)
		if len(c.whole) < wholeKept {
			c.whole = append(c.whole, a.Clone())
		}
	}
	for i, r := range c.rules {
		if rule := c.o.Expectations.rules[i]; rule.whose != nil {
			c.judge(rule, r, a, it)
		}
	}
	for i := range a.Findings {
		if f := &a.Findings[i]; f.Severity >= c.o.FailOn {
			c.find(f, a)
		}
	}
	return nil
}

// judge applies a rule to one connection.
func (c *Checker) judge(r *rule, out *Result, a *analyzer.Connection, it *Connection) {
	env := connectionEnv{it}
	applies, err := expr.Run(r.whose, env)
	if err == nil && applies == false {
		return
	}
	out.Judged++
	message := ""
	if err != nil {
		message = "\"for\" cannot be told: " + runtimeWords(err)
	} else {
		message = r.verdict(env)
	}
	if message == "" {
		return
	}
	p := c.problem(out, ruleID(r.Name), r.severity, message)
	p.fatal = p.fatal || r.severity >= detect.Warning
	p.Count++
	c.addCase(p, a, framesToShow(a), message)
}

// verdict evaluates the condition: "" when it holds, else a sentence with what it saw.
func (r *rule) verdict(env any) string {
	holds, err := expr.Run(r.condition, env)
	message := ""
	switch {
	case err != nil:
		message = "cannot be told: " + runtimeWords(err)
	case holds == true:
		return ""
	}
	if saw := values(r.operands, env); saw != "" {
		return strings.TrimPrefix(message+"; "+saw, "; ")
	}
	if message == "" {
		return "it is false"
	}
	return message
}

// runtimeWords is the first line of an error of evaluation: the rest repeats the
// expression. What is null there is most often the cause.
func runtimeWords(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.LastIndex(line, " ("); i > 0 {
		line = line[:i] // the place, told relative to the expression
	}
	return strings.NewReplacer("<nil>", "nil", "time.Duration", "a duration").Replace(line)
}

// framesToShow is what to draw of a connection that no frame by itself condemns:
// its gravest finding, or its end.
func framesToShow(a *analyzer.Connection) []int {
	for i := range a.Findings {
		if a.Findings[i].Severity > detect.Capture {
			return a.Findings[i].Frames
		}
	}
	return []int{a.LastFrame}
}

// find adds a finding to the result of its code.
func (c *Checker) find(f *detect.Finding, a *analyzer.Connection) {
	out := c.resultOf(f.Code)
	p := c.problem(out, findingID(f), f.Severity, f.Summary)
	p.fatal = true
	if p.last == a.ID {
		return // the connection has it twice
	}
	p.last = a.ID
	p.Count++
	c.addCase(p, a, f.Frames, f.Summary)
}

func (c *Checker) resultOf(code string) *Result {
	if c.findings[code] == nil {
		c.findings[code] = newFindingResult(code) // graver here than its rule says
	}
	return c.findings[code]
}

// problem returns the problem of an ID, a new one when it is the first time.
func (c *Checker) problem(r *Result, id string, severity detect.Severity, message string) *Problem {
	for _, p := range r.Problems {
		if p.ID == id {
			p.Severity = max(p.Severity, severity)
			return p
		}
	}
	p := &Problem{ID: id, Severity: severity, Message: strings.Clone(message), Accepted: c.o.Baseline.accepts(id)}
	r.Problems = append(r.Problems, p)
	return p
}

func (c *Checker) addCase(p *Problem, a *analyzer.Connection, frames []int, message string) {
	if len(p.Cases) >= casesKept {
		return
	}
	one := Case{
		Connection: a.ID, Client: a.Ends[timeline.Client].String(), Server: a.Ends[timeline.Server].String(),
		Verdict: a.Verdict, Message: strings.Clone(message), Frames: append([]int{}, frames...),
	}
	if c.o.Ladder != nil {
		one.Ladder = c.o.Ladder(a, frames)
	}
	p.Cases = append(p.Cases, one)
}

// End implements sink.Sink.
func (c *Checker) End(s *analyzer.Summary) error {
	r := &c.report
	r.Frames, r.Connections, r.First = s.Frames, s.Connections, s.First
	for i := range s.Across {
		if f := &s.Across[i].Finding; f.Severity >= c.o.FailOn {
			p := c.problem(c.resultOf(f.Code), findingID(f), f.Severity, f.Summary)
			p.fatal = true
			p.Count++
		}
	}
	r.Results = append(r.Results, c.nothing(s), c.damage(s))
	capture := c.capture(s)
	for i, result := range c.rules {
		c.conclude(c.o.Expectations.rules[i], result, capture)
	}
	r.Results = append(r.Results, c.rules...)
	for _, rule := range detect.Rules() {
		if result := c.findings[rule.Code]; result != nil {
			result.Judged = s.Connections
			r.Results = append(r.Results, result)
		}
	}
	r.Stale = c.o.Baseline.stale()
	return nil
}
