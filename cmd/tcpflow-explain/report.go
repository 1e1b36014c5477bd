package main

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// report hands connections on to the sink and keeps the gravest severity among
// those that were asked for.
type report struct {
	sink.Sink
	only  int  // ID of the connection asked for; 0 is all
	drop  bool // the sink gets no other connection; text counts them
	worst detect.Severity
	notes annotations // what to write into the capture; nil when nothing is
}

func (r *report) asked(id int) bool { return r.only == 0 || r.only == id }

// Segment implements analyzer.Handler.
func (r *report) Segment(s *analyzer.Segment) error {
	if r.drop && !r.asked(s.Connection) {
		return nil
	}
	return r.Sink.Segment(s)
}

// Connection implements analyzer.Handler.
func (r *report) Connection(c *analyzer.Connection) error {
	if r.asked(c.ID) {
		r.notes.add(c)
		r.worst = max(r.worst, c.Worst())
	} else if r.drop {
		return nil
	}
	return r.Sink.Connection(c)
}

// End closes the report. What belongs to no single connection is left out when
// one was asked for.
func (r *report) End(s *analyzer.Summary) error {
	if r.only != 0 {
		s.Across = nil
	}
	for i := range s.Across {
		r.worst = max(r.worst, s.Across[i].Severity)
	}
	return r.Sink.End(s)
}

// liveReport is a report whose sink is told at once what a running capture
// brings to light, and what it takes back.
type liveReport struct {
	*report
	live analyzer.LiveHandler
}

// Withdrawn implements analyzer.LiveHandler.
func (r liveReport) Withdrawn(id int, side timeline.Side, old timeline.Transition, byFrame int) error {
	if !r.asked(id) {
		return nil
	}
	return r.live.Withdrawn(id, side, old, byFrame)
}

// Finding implements analyzer.LiveHandler.
func (r liveReport) Finding(c *analyzer.Connection, f *detect.Finding) error {
	if !r.asked(c.ID) {
		return nil
	}
	return r.live.Finding(c, f)
}

// Silent implements analyzer.LiveHandler.
func (r liveReport) Silent(c *analyzer.Connection, now int64) error {
	if !r.asked(c.ID) {
		return nil
	}
	return r.live.Silent(c, now)
}

// handler is r as the analyzer knows it, with the live calls if the sink takes them.
func (r *report) handler() analyzer.Handler {
	if live, ok := r.Sink.(analyzer.LiveHandler); ok {
		return liveReport{r, live}
	}
	return r
}
