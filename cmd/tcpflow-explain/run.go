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
	case o.follow:
		return c.follow(o)
	}
	return c.replay(o)
}

// ballast is how many bytes are reserved, and never touched, so that the collector
// counts them when it weighs whether to run: while there is little else, it need not.
const ballast = 64 << 20

// replay reads captures to their end.
func (c console) replay(o options) error {
	filter, err := compile(o.filter)
	if err != nil {
		return err
	}
	source, err := o.open()
	if err != nil {
		return openFailure(err)
	}
	defer source.Close()
	save, err := createSavefile(o, maxSnaplen)
	if err != nil {
		return err
	}
	if err := o.checkAnnotated(); err != nil {
		return err
	}
	known := newFrames(source)
	text := c.textOptions(o)
	text.Frames = known
	out := sink.NewText(c.stdout, text)
	if o.json {
		out = sink.NewJSON(c.stdout, sink.JSONOptions{Frames: known})
	}
	out, drop, err := c.withPage(o, known, out)
	if err != nil {
		return err
	}
	defer drop()
	s := &session{
		opts: o, source: source, known: known, filter: filter, save: save,
		report: report{Sink: out, only: o.conn, drop: o.json},
		stop:   onInterrupt(), began: time.Now(), ballast: make([]byte, ballast),
	}
	if o.annotated != "" {
		s.report.notes = annotations{}
	}
	s.analyze(analyzer.Config{Segments: o.segments})
	return errors.Join(s.conclude(c.stderr), s.annotate())
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

func openFailure(err error) error {
	var file *capture.FileError
	switch named := errors.As(err, &file); {
	case named && errors.Is(err, fs.ErrNotExist):
		return failf(statusInput, "there is no file %s: give -r the path of a capture, or - for standard input", file.Path)
	case named && errors.Is(err, fs.ErrPermission):
		return failf(statusDenied, "not allowed to read %s: type sudo chmod a+r %[1]s, or run this as its owner", file.Path)
	}
	return &failure{statusInput, err}
}

// createSavefile creates the file of -w, which must not be a capture that is
// being read; nil when there is none.
func createSavefile(o options, snaplen int) (*capture.Writer, error) {
	if o.savefile == "" {
		return nil, nil
	}
	if o.reads(o.savefile) {
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
		Live:       o.iface != "",
		Verbose:    o.verbose,
	}
}
