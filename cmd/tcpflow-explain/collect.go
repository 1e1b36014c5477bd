package main

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// collect reads a capture to its end and hands its connections to out. An
// interrupt ends the program: half a capture is no ground for a judgement.
func (c console) collect(o options, out sink.Sink) error {
	filter, err := compile(o.filter)
	if err != nil {
		return err
	}
	source, err := o.open()
	if err != nil {
		return openFailure(err)
	}
	defer source.Close()
	o.failOn = neverFail // out decides what fails
	s := &session{
		opts: o, source: source, known: newFrames(source), filter: filter,
		report: report{Sink: out}, began: time.Now(),
	}
	s.analyze(analyzer.Config{})
	return s.conclude(c.stderr)
}
