package check

import (
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// Report is the outcome of a check, all that an output format needs.
type Report struct {
	Input        string // the capture as it was named
	Filter       string // "" passed everything
	Expectations string // the file of expectations, "" without one
	Frames       int
	Connections  int
	First        int64 // time of the first frame, nanoseconds since the Unix epoch; 0 without frames
	Results      []*Result
	Stale        []string // IDs of the baseline that did not come again, sorted
}

// Failed reports whether the check failed.
func (r *Report) Failed() bool { return slices.ContainsFunc(r.Results, (*Result).Failed) }

// Damaged reports whether the capture could not be read to its end.
func (r *Report) Damaged() bool {
	return slices.ContainsFunc(r.Results, func(r *Result) bool { return r.Name == wholeCapture && r.Failed() })
}

// Result is how one rule came out.
type Result struct {
	ID       string // the code of a finding, or the name of an expectation
	Name     string // what is so when it passed; unique in a report, and the same in every run
	About    string // what the rule asks, in a line
	Line     int    // of the file of expectations; 0 for what is always checked
	Judged   int    // connections that it was applied to
	Skipped  string // why it was not applied, "" when it was
	Problems []*Problem
}

// Failed reports whether a problem fails the check.
func (r *Result) Failed() bool { return slices.ContainsFunc(r.Problems, (*Problem).Fails) }

// Problem is one thing that is not as it should be, wherever it was found.
type Problem struct {
	ID       string // stable across captures of the same program: see findingID
	Severity detect.Severity
	Message  string // of the first case, one sentence
	Count    int    // connections that have it; 1 when it is about the capture
	Accepted bool   // by the baseline
	Cases    []Case // the first few
	fatal    bool
	last     int // ID of the connection counted last
}

// Fails reports whether the problem fails the check.
func (p *Problem) Fails() bool { return p.fatal && !p.Accepted }

// Case is a connection that has a problem.
type Case struct {
	Connection     int // ID
	Client, Server string
	Verdict        string
	Message        string
	Frames         []int  // the evidence; empty when no frame by itself shows it
	Ladder         string // the connection around these frames; "" when it was not kept
}

// casesKept is how many connections a problem shows.
const casesKept = 3

// findingID names a finding so that it is the same one in every capture of the
// same program: what it is and whom it concerns. Addresses, times and ports are
// left out, the server's too: a port that a test was given by chance cannot be
// told from one that was chosen. To keep services apart, check each by its filter.
func findingID(f *detect.Finding) string { return f.Code + "/" + f.Endpoint.String() }

// ruleID names the failure of an expectation.
func ruleID(name string) string { return "rule/" + name }
