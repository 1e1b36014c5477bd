package detect

import (
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Across is a finding that belongs to no single connection.
type Across struct {
	Finding
	Target reassembly.Endpoint // whom it is about; port 0 when it is a whole host
}

// Watcher looks for what only many connections together show. It is given a Fact
// for each finished connection and keeps counts, never connections: its memory
// is bounded whatever the traffic (see kept).
type Watcher struct{ watches []watch }

// watch is one such detector.
type watch interface {
	add(*Fact)
	findings(until int64) []Across
}

// NewWatcher returns a Watcher that has seen nothing.
func NewWatcher() *Watcher {
	return &Watcher{[]watch{
		&synFloods{keep[reassembly.Endpoint]((*floodTarget).weight)},
		&portScans{keep[[16]byte]((*scanSource).weight)},
		&exhaustions{keep[pair]((*closings).weight)},
		&idleLimits{keep[idleEnd]((*idleTimes).weight)},
		&ghosts{keep[pair]((*visitor).weight)},
		&stalls{keep[reassembly.Endpoint]((*stallTarget).weight)},
	}}
}

// Add takes in what a finished connection tells.
func (w *Watcher) Add(f *Fact) {
	for _, each := range w.watches {
		each.add(f)
	}
}

// Findings returns what was found, gravest first. until is when the capture
// ended, in nanoseconds since the Unix epoch.
func (w *Watcher) Findings(until int64) []Across {
	var all []Across
	for _, each := range w.watches {
		all = append(all, each.findings(until)...)
	}
	slices.SortStableFunc(all, func(a, b Across) int { return int(b.Severity) - int(a.Severity) })
	return all
}

// across returns a finding of a rule about target, to be completed.
func (r *Rule) across(target reassembly.Endpoint, first int64, frames []int) Across {
	return Across{Finding: r.complete(Finding{Endpoint: timeline.Nobody, Time: first, Frames: frames}), Target: target}
}
