package main

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
)

// annotations are the comments of --annotate, by frame.
type annotations map[int][]string

// add makes comments of the findings of a connection: in full on the first frame of
// each, on the others with the number of the first.
func (a annotations) add(c *analyzer.Connection) {
	if a == nil {
		return
	}
	for i := range c.Findings {
		f := &c.Findings[i]
		for k, number := range f.Frames {
			text := fmt.Sprintf("%s (%s) #%d: ", f.Code, f.Severity, c.ID)
			if k == 0 {
				text += f.Summary
			} else {
				text += fmt.Sprintf("see frame %d", f.Frames[0])
			}
			a[number] = append(a[number], text)
		}
	}
}

// across does the same for what belongs to no single connection.
func (a annotations) across(all []detect.Across) {
	for i := range all {
		if f := &all[i].Finding; a != nil && len(f.Frames) > 0 {
			a[f.Frames[0]] = append(a[f.Frames[0]], fmt.Sprintf("%s (%s): %s", f.Code, f.Severity, f.Summary))
		}
	}
}

// checkAnnotated refuses a file of --annotate that is being read.
func (o options) checkAnnotated() error {
	if o.annotated != "" && o.reads(o.annotated) {
		return usagef("--annotate %s would overwrite the capture that -r reads: give another file", o.annotated)
	}
	return nil
}

// annotate reads the captures once more and writes them with their comments.
func (s *session) annotate() error {
	if s.report.notes == nil {
		return nil
	}
	paths := s.opts.files
	if set, ok := s.source.(*capture.Set); ok {
		paths = set.Paths() // what a directory holds may have changed
	}
	if err := capture.Annotate(paths, s.opts.annotated, s.report.notes); err != nil {
		return &failure{statusInput, err}
	}
	return nil
}
