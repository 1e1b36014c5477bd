package main

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// follow reads a capture that is being written, like a live one, until the user
// interrupts or -c is reached; a pipe until its writer closes it.
func (c console) follow(o options) error {
	filter, err := compile(o.filter)
	if err != nil {
		return err
	}
	source, err := capture.Follow(o.files[0])
	if err != nil {
		return openFailure(err)
	}
	defer source.Close()
	save, err := createSavefile(o, maxSnaplen)
	if err != nil {
		return err
	}
	known := newFrames(source)
	s := &session{
		opts: o, source: source, known: known, filter: filter, save: save,
		report: report{Sink: c.liveSink(o, known), only: o.conn, drop: true},
		stop:   onInterrupt(), began: time.Now(),
	}
	what := o.files[0] + " until"
	if o.files[0] == "-" {
		what = "standard input until it ends or"
	}
	fmt.Fprintf(c.stderr, "tcpflow-explain: following %s Ctrl-C\n", what)
	s.analyze(analyzer.Config{Segments: o.segments || !o.json, Live: true})
	return s.conclude(c.stderr)
}

// liveSink shows a capture while it runs.
func (c console) liveSink(o options, known sink.Frames) sink.Sink {
	if o.json {
		return sink.NewJSON(c.stdout, sink.JSONOptions{Live: true, Frames: known})
	}
	text := c.textOptions(o)
	text.Frames = known
	return sink.NewLive(c.stdout, text)
}

// followed is how far capture time has gone on: from the last frame as much as time
// has passed here, because the clock of a followed capture may be another host's.
func (s *session) followed() int64 {
	if s.read == 0 {
		return 0
	}
	return s.latest + int64(time.Since(s.arrived)-capture.PollInterval)
}
