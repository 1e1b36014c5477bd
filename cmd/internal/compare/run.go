// Package compare tells what changed between two captures of the same program.
//
//	analyzer -> Connection -> Run, one for each capture -> Compare -> Difference
//
// A Run keeps counts by service; addresses, client ports and times of day differ
// between any two captures, and are not looked at.
package compare

import (
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// Run is a sink that sums up the connections of one capture.
type Run struct {
	Name        string
	Connections int
	services    map[string]*service
}

// service sums up the connections to one server port.
type service struct {
	port        int
	connections int
	counts      [numAspects]map[string]int
	timings     [numTimings][]time.Duration
}

// aspect is a property that connections are counted by.
type aspect int

const (
	outcomes aspect = iota
	clientStates
	serverStates
	findings
	numAspects
)

// String names an aspect in the report.
func (a aspect) String() string {
	return [...]string{"outcome", "last state of the client", "last state of the server", "finding"}[a]
}

// timing is a duration that every connection may have.
type timing int

const (
	handshakeRTT timing = iota
	duration
	numTimings
)

// String is the name of the field in the NDJSON report.
func (t timing) String() string { return [...]string{"handshake_rtt", "duration"}[t] }

// NewRun returns a Run without connections.
func NewRun(name string) *Run { return &Run{Name: name, services: map[string]*service{}} }

// Segment implements analyzer.Handler.
func (r *Run) Segment(*analyzer.Segment) error { return nil }

// Connection implements analyzer.Handler.
func (r *Run) Connection(c *analyzer.Connection) error {
	r.Connections++
	port := int(c.Ends[timeline.Server].Port)
	name := check.Service(port)
	s := r.services[name]
	if s == nil {
		s = newService(port)
		r.services[name] = s
	}
	s.connections++
	s.counts[outcomes][outcome(c)]++
	s.counts[clientStates][c.Last(timeline.Client).String()]++
	s.counts[serverStates][c.Last(timeline.Server).String()]++
	for _, code := range codes(c) {
		s.counts[findings][code]++
	}
	if c.HandshakeRTT >= 0 {
		s.timings[handshakeRTT] = append(s.timings[handshakeRTT], c.HandshakeRTT)
	}
	s.timings[duration] = append(s.timings[duration], time.Duration(c.End-c.Start))
	return nil
}

func newService(port int) *service {
	s := &service{port: port}
	for i := range s.counts {
		s.counts[i] = map[string]int{}
	}
	return s
}

// outcome is how a connection went, in the words of the NDJSON report.
func outcome(c *analyzer.Connection) string {
	text := "handshake " + c.Handshake.String() + ", teardown " + c.Teardown.String()
	if c.ClosedBy != timeline.Nobody {
		text += " by the " + c.ClosedBy.String()
	}
	return text
}

// codes returns the codes of the findings, each once.
func codes(c *analyzer.Connection) []string {
	var all []string
	for i := range c.Findings {
		if code := c.Findings[i].Code; !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

// End implements sink.Sink.
func (r *Run) End(*analyzer.Summary) error { return nil }

// median is the middle one of the durations, the lower of two.
func median(all []time.Duration) (time.Duration, bool) {
	if len(all) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)/2], true
}
