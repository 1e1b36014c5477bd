package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// Baseline is the findings that are known and accepted.
type Baseline struct {
	known map[string]bool // by ID; true once it came again
}

// baselineFile is a baseline as it is written: sorted by ID, and nothing in it
// changes from run to run.
type baselineFile struct {
	Version  int     `json:"version"`
	Findings []known `json:"findings"`
}

type known struct {
	ID    string `json:"id"`
	Title string `json:"title,omitempty"` // for people
}

// LoadBaseline reads a baseline.
func LoadBaseline(name string, data []byte) (*Baseline, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var f baselineFile
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%s is no baseline: %w", name, err)
	}
	if f.Version != formatVersion {
		return nil, fmt.Errorf("%s is a baseline of version %d, this reads version %d", name, f.Version, formatVersion)
	}
	b := &Baseline{map[string]bool{}}
	for _, k := range f.Findings {
		b.known[k.ID] = false
	}
	return b, nil
}

// accepts reports whether a finding is known, and notes that it came again.
func (b *Baseline) accepts(id string) bool {
	if b == nil {
		return false
	}
	_, found := b.known[id]
	if found {
		b.known[id] = true
	}
	return found
}

// stale returns the known findings that have not come again.
func (b *Baseline) stale() []string {
	if b == nil {
		return nil
	}
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(b.known)) {
		if !b.known[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// Accept makes the findings of the report known: they fail it no more. It returns
// them as a baseline file.
func (r *Report) Accept() ([]byte, error) {
	f := baselineFile{Version: formatVersion, Findings: []known{}}
	for _, result := range r.Results {
		for _, p := range result.Problems {
			if code, ok := codeOf(p.ID); ok {
				p.Accepted = true
				f.Findings = append(f.Findings, known{p.ID, detect.Find(code).Title})
			}
		}
	}
	r.Stale = nil
	slices.SortFunc(f.Findings, func(a, b known) int { return strings.Compare(a.ID, b.ID) })
	data, err := json.MarshalIndent(f, "", "  ")
	return append(data, '\n'), err
}

// codeOf returns the code in the ID of a finding.
func codeOf(id string) (string, bool) {
	code, _, _ := strings.Cut(id, "/")
	return code, detect.Find(code) != nil
}
