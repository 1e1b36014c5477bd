package detect

import (
	"slices"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// Severity ranks findings.
type Severity uint8

// From the least to the gravest. Capture marks a condition of the capture, which
// is never a fault of the connection.
const (
	Capture Severity = iota
	NoteLevel
	Warning
	Error
)

// String returns "capture", "note", "warning" or "error".
func (s Severity) String() string { return [...]string{"capture", "note", "warning", "error"}[s] }

// Finding is something that a person debugging this connection wants to be told. Its
// lists and texts are in memory that the Detector uses again for the next connection:
// a Clone lasts.
type Finding struct {
	Code        string
	Severity    Severity
	Endpoint    timeline.Side // whom it concerns; Nobody for both or neither
	Frames      []int         // the evidence, ascending; never empty
	Time        int64         // of the first evidence, nanoseconds since the Unix epoch
	Summary     string        // one sentence with the numbers of this case
	Explanation string        // what happened, in which state, and what each application saw
	Causes      []string      // most likely first
	Checks      []string      // commands to run next, ready to paste
	Refs        []string      // "RFC 9293 §3.6"
}

// Clone returns a copy that shares nothing with f.
func (f *Finding) Clone() Finding {
	out := *f
	out.Frames = slices.Clone(f.Frames)
	out.Summary, out.Explanation = strings.Clone(f.Summary), strings.Clone(f.Explanation)
	out.Causes, out.Checks = cloneTexts(f.Causes), cloneTexts(f.Checks)
	out.Refs = slices.Clone(f.Refs)
	return out
}

func cloneTexts(texts []string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = strings.Clone(out[i])
	}
	return out
}
