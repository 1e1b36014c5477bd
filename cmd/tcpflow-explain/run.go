package main

import (
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// run does what the command line asks for. Its errors carry their exit status.
func (c console) run(o options) error {
	switch {
	case o.list:
		return c.listInterfaces()
	case o.iface != "":
		return c.live(o)
	}
	return c.replay(o)
}

// replay reads a capture file or standard input to its end.
func (c console) replay(o options) error {
	filter, err := compile(o.filter)
	if err != nil {
		return err
	}
	open := capture.Open
	if o.text {
		open = openText
	}
	source, err := open(o.file)
	if err != nil {
		return openFailure(o.file, err)
	}
	defer source.Close()
	save, err := createSavefile(o, maxSnaplen)
	if err != nil {
		return err
	}
	out := sink.NewText(c.stdout, c.textOptions(o))
	if o.json {
		out = sink.NewJSON(c.stdout, sink.JSONOptions{})
	}
	s := &session{
		opts: o, source: source, filter: filter, save: save,
		report: report{Sink: out, only: o.conn, drop: o.json},
		stop:   onInterrupt(), began: time.Now(),
	}
	s.analyze(analyzer.Config{Segments: o.segments})
	return s.conclude(c.stderr)
}

// onInterrupt returns a channel that the first SIGINT or SIGTERM closes, so that
// what was read is still reported. The second ends the program at once.
func onInterrupt() <-chan struct{} {
	signals, stop := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Reset(syscall.SIGINT, syscall.SIGTERM)
		close(stop)
	}()
	return stop
}

// compile returns the filter of an expression, nil for the empty one.
func compile(expr string) (*capture.Filter, error) {
	if expr == "" {
		return nil, nil
	}
	filter, err := capture.CompileFilter(expr)
	if err != nil {
		return nil, &failure{statusUsage, err}
	}
	return filter, nil
}

func openFailure(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return failf(statusInput, "there is no file %s: give -r the path of a capture, or - for standard input", path)
	case errors.Is(err, fs.ErrPermission):
		return failf(statusDenied, "not allowed to read %s: type sudo chmod a+r %[1]s, or run this as its owner", path)
	}
	return &failure{statusInput, err}
}

// createSavefile creates the file of -w, which must not be the capture that is
// being read; nil when there is none.
func createSavefile(o options, snaplen int) (*capture.Writer, error) {
	if o.savefile == "" {
		return nil, nil
	}
	source, err1 := os.Stat(o.file)
	target, err2 := os.Stat(o.savefile)
	if err1 == nil && err2 == nil && os.SameFile(source, target) {
		return nil, usagef("-w %s would overwrite the capture that -r reads: give another file", o.savefile)
	}
	w, err := capture.Create(o.savefile, snaplen)
	if err != nil {
		return nil, usagef("%w: give -w a file in a directory of yours", err)
	}
	return w, nil
}

func (c console) textOptions(o options) sink.TextOptions {
	terminal := term.IsTerminal(int(c.stdout.Fd()))
	return sink.TextOptions{
		Width:      c.columns(o.width),
		ASCII:      !c.unicode(),
		Palette:    sink.NewPalette(sink.UseColor(o.color, c.getenv, terminal)),
		Connection: o.conn,
		Verbose:    o.verbose,
	}
}
