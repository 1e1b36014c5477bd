package check

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// Names of what is always checked: a check that passes because there was nothing
// to look at, or because half of it could not be read, is worse than none.
const (
	somethingToCheck = "there is something to check"
	wholeCapture     = "the capture is whole"
)

// nothing fails a check that had nothing to look at.
func (c *Checker) nothing(s *analyzer.Summary) *Result {
	r := &Result{ID: "nothing-to-check", Name: somethingToCheck, About: "at least one connection was judged", Judged: s.Connections}
	switch {
	case s.Frames == 0:
		c.alone(r, r.ID, "no packet came through: is the capture empty, or is the filter wrong?")
	case s.Connections == 0:
		c.alone(r, r.ID, fmt.Sprintf("there is no TCP connection in %d frames: was the right interface recorded?", s.Frames))
	}
	return r
}

func (c *Checker) damage(s *analyzer.Summary) *Result {
	r := &Result{ID: "damaged-capture", Name: wholeCapture, About: "the file can be read to its end", Judged: s.Connections}
	if d := s.Damage; d != nil {
		c.alone(r, r.ID, fmt.Sprintf("the file cannot be read beyond byte %d: %s", d.Offset, d.Reason))
	}
	return r
}

// alone adds a problem of the capture as a whole.
func (c *Checker) alone(r *Result, id, message string) *Problem {
	p := &Problem{ID: id, Severity: detect.Error, Message: message, Count: 1, fatal: true}
	r.Problems = append(r.Problems, p)
	return p
}

func (c *Checker) capture(s *analyzer.Summary) Capture {
	return Capture{
		Connections: c.connections, Findings: s.Findings, Frames: s.Frames, Segments: s.Segments, Skipped: s.Skipped,
		Dropped: int(s.Dropped), Truncated: s.Damage != nil, LinkType: s.LinkType,
	}
}

// conclude judges what only the end decides: rules about the whole capture, and
// rules that no connection matched.
func (c *Checker) conclude(r *rule, out *Result, capture Capture) {
	switch {
	case r.whose != nil && out.Judged > 0:
		return
	case r.whose != nil && r.Optional:
		out.Skipped = "no connection matches " + r.For
		return
	case r.whose != nil:
		p := c.alone(out, ruleID(r.Name), "no connection matches "+strings.Join(strings.Fields(r.For), " "))
		p.Severity, p.fatal = r.severity, r.severity >= detect.Warning
		return
	}
	out.Judged = len(capture.Connections)
	message := r.verdict(capture)
	if message == "" {
		return
	}
	p := c.alone(out, ruleID(r.Name), message)
	p.Severity, p.fatal = r.severity, r.severity >= detect.Warning
	c.culprits(r, p, capture)
}

// culprits shows the connections that a rule about the whole capture is about.
func (c *Checker) culprits(r *rule, p *Problem, capture Capture) {
	if r.culprits == nil {
		return
	}
	found, err := expr.Run(r.culprits, capture)
	if err != nil {
		return
	}
	list, _ := found.([]any)
	for _, v := range list {
		it, ok := v.(*Connection)
		if !ok || len(p.Cases) >= casesKept {
			return
		}
		for _, a := range c.whole {
			if a.ID == it.ID {
				c.addCase(p, a, framesToShow(a), a.Verdict)
			}
		}
	}
}
