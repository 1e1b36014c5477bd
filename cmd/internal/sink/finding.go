package sink

import (
	"strconv"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// finding explains one finding of a connection shown whole.
func (s *screen) finding(f *detect.Finding) {
	s.findingHead(f.Severity, f.Code)
	s.wrap(3, Dim, kind(f)+", "+evidence(s.frames, f.Frames))
	s.wrap(3, Plain, f.Summary)
	s.explain(f)
}

// findingHead writes sign and code.
func (s *screen) findingHead(severity detect.Severity, code string) {
	style := severityStyle(severity)
	s.put(style, sign(severity))
	s.pad(3)
	s.put(style, code)
	s.gap(1)
}

// kind is the severity, and whom it concerns.
func kind(f *detect.Finding) string {
	switch {
	case f.Severity == detect.Capture:
		return "(about the capture)"
	case f.Endpoint == timeline.Nobody:
		return "(" + f.Severity.String() + ")"
	default:
		return "(" + f.Severity.String() + ", " + f.Endpoint.String() + ")"
	}
}

// across explains what belongs to no single connection.
func (s *screen) across(all []detect.Across) {
	for i := range all {
		a := &all[i]
		s.end()
		s.findingHead(a.Severity, a.Code)
		s.wrap(3, Dim, aboutWords(a)+", "+evidence(s.frames, a.Frames))
		s.wrap(3, Plain, a.Summary)
		s.explain(&a.Finding)
	}
}

// aboutWords is the severity, and whom a finding across connections concerns.
func aboutWords(a *detect.Across) string { return kind(&a.Finding) + " about " + targetText(a) }

// partWords says that what is told across connections explains a group of findings.
func partWords(by *detect.Across) string { return ": part of the " + by.Code }

// targetText is an address, with its port when it is about one.
func targetText(a *detect.Across) string {
	if a.Target.Port == 0 {
		return a.Target.Addr().String()
	}
	return a.Target.String()
}

// explain writes what follows a finding's summary.
func (s *screen) explain(f *detect.Finding) {
	if f.Explanation != "" {
		s.wrap(3, Plain, f.Explanation)
	}
	for i, cause := range f.Causes {
		s.label(i, "Likely")
		s.put(Plain, strconv.Itoa(i+1)+".")
		s.wrap(13, Plain, cause)
	}
	for i, check := range f.Checks {
		s.label(i, "Check")
		s.put(Strong, check) // never wrapped: it is to be pasted
		s.end()
	}
	if len(f.Refs) > 0 {
		s.label(0, "See")
		s.wrap(10, Dim, strings.Join(f.Refs, ", "))
	}
}

// label names a list at its first line.
func (s *screen) label(i int, name string) {
	if i == 0 {
		s.pad(3)
		s.put(Dim, name)
	}
	s.pad(10)
}

// group explains the findings of one code together: where they are, the first
// few with their numbers, and when full the rest of the first.
func (s *screen) group(g *group, full bool) {
	s.findingHead(g.severity, g.code)
	first := &g.examples[0]
	where := kind(&first.finding) + " " + g.where(s.frames)
	if g.connections > 1 && !s.live {
		where += ", e.g. --conn " + strconv.Itoa(first.connection)
	}
	s.wrap(3, Dim, where)
	if !full && g.severity == detect.Capture {
		return
	}
	s.pad(3)
	if g.connections > 1 {
		s.connection(first)
	}
	s.wrap(3, Plain, first.finding.Summary)
	if full {
		s.explain(&first.finding)
	}
	for i := range g.examples[1:] {
		s.label(i, "Also")
		s.connection(&g.examples[i+1])
		s.wrap(10, Plain, g.examples[i+1].finding.Summary)
	}
}

// connection names the connection of one finding of a group.
func (s *screen) connection(e *example) {
	s.put(Strong, "#"+strconv.Itoa(e.connection))
	s.gap(1)
}
