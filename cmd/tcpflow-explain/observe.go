package main

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// observer is told of findings and of connections that are over, besides the sink.
type observer interface {
	finding(c *analyzer.Connection, f *detect.Finding) error
	connection(c *analyzer.Connection) error
}

// observed is a sink with observers.
type observed struct {
	sink.Sink
	by []observer
}

// Connection implements analyzer.Handler.
func (o *observed) Connection(c *analyzer.Connection) error {
	for _, b := range o.by {
		if err := b.connection(c); err != nil {
			return err
		}
	}
	return o.Sink.Connection(c)
}

// Finding implements analyzer.LiveHandler.
func (o *observed) Finding(c *analyzer.Connection, f *detect.Finding) error {
	for _, b := range o.by {
		if err := b.finding(c, f); err != nil {
			return err
		}
	}
	if live, ok := o.Sink.(analyzer.LiveHandler); ok {
		return live.Finding(c, f)
	}
	return nil
}

// Withdrawn implements analyzer.LiveHandler.
func (o *observed) Withdrawn(id int, side timeline.Side, old timeline.Transition, byFrame int) error {
	if live, ok := o.Sink.(analyzer.LiveHandler); ok {
		return live.Withdrawn(id, side, old, byFrame)
	}
	return nil
}

// Silent implements analyzer.LiveHandler.
func (o *observed) Silent(c *analyzer.Connection, now int64) error {
	if live, ok := o.Sink.(analyzer.LiveHandler); ok {
		return live.Silent(c, now)
	}
	return nil
}

// crowdSink is a sink that tells floods and scans while they last.
type crowdSink interface {
	Across(*detect.Across) error
}

// Across implements crowdSink.
func (o *observed) Across(a *detect.Across) error {
	if crowds, ok := o.Sink.(crowdSink); ok {
		return crowds.Across(a)
	}
	return nil
}
