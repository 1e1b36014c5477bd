package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// live captures on an interface until the user interrupts or -c is reached. What needs
// privileges is opened first, and then they are given up.
func (c console) live(o options) error {
	if _, err := compile(o.filter); err != nil {
		return err // told apart from what else can fail at opening
	}
	source, err := capture.OpenLive(capture.LiveOptions{
		Interface:   o.iface,
		SnapLength:  o.snaplen,
		Promiscuous: o.promiscuous,
		Filter:      o.filter,
		BufferSize:  o.buffer,
		Retry:       o.live.retry,
	})
	if err != nil {
		return liveFailure(err)
	}
	defer source.Close()
	s := &session{opts: o, source: source, began: time.Now()}
	if s.save, err = createRotating(o); err != nil {
		return err
	}
	if s.attend, err = c.attendant(o, source, s.save); err != nil {
		return err
	}
	defer s.attend.metrics.close()
	who, err := c.giveUpPrivileges(o, source)
	if err != nil {
		return err
	}
	s.report = report{Sink: c.liveView(o, s), only: o.conn, drop: true}
	s.stop = onInterrupt()
	linkType := capture.LinkTypeName(source.LinkTypes()[0])
	fmt.Fprintf(c.stderr, "tcpflow-explain: listening on %s, link type %s, snapshot length %d bytes%s\n", o.iface, linkType, o.snaplen, who)
	return c.listen(s)
}

// listen analyzes until the end and reports.
func (c console) listen(s *session) error {
	s.analyze(analyzer.Config{
		Segments: s.opts.segments || !s.opts.json && !s.opts.live.watch, Live: true,
		InterfaceName: s.attend.source.InterfaceName, MaxConnections: s.opts.live.connections,
	})
	err := errors.Join(s.attend.leave(), s.conclude(c.stderr))
	fmt.Fprintf(c.stderr, "%d packets captured, %d dropped by the kernel\n", s.passed, s.source.Drops())
	if s.recorder != nil && s.recorder.late > 0 {
		fmt.Fprintf(c.stderr, "%d packets of connections with findings were too old to be written\n", s.recorder.late)
	}
	return err
}

// createRotating creates the file of -w, or the first of several; nil when there is none.
func createRotating(o options) (*capture.Writer, error) {
	if o.savefile == "" {
		return nil, nil
	}
	w, err := capture.CreateRotating(o.savefile, o.snaplen, o.live.rotation(), time.Now().UnixNano())
	if err != nil {
		return nil, usagef("%w: give -w a file in a directory of yours", err)
	}
	return w, nil
}

// giveUpPrivileges goes on as somebody else, and returns words about it. Whoever waits
// for an interface keeps what it takes to open it again.
func (c console) giveUpPrivileges(o options, source *capture.Live) (string, error) {
	var again *opener
	var err error
	if o.live.retry && o.live.user != "root" {
		if again, err = newOpener(); err != nil {
			return "", failf(statusDenied, "cannot keep the privilege to open the interface again: %w", err)
		}
	}
	who, err := relinquish(o.live.user, c.getenv)
	if err != nil || who == "" {
		return "", err
	}
	words := ", running as " + who
	if again != nil {
		if err := again.keep(); err != nil {
			return "", failf(statusDenied, "cannot keep the privilege to open the interface again: %w; -Z root keeps all", err)
		}
		source.ReopenBy(again.do)
		words += " with CAP_NET_RAW to open it again"
	}
	if o.live.megabytes > 0 || o.live.seconds > 0 {
		err = checkRotation(o.savefile, who)
	}
	return words, err
}

// liveView returns the sink of a capture that is running, with those who listen to it.
func (c console) liveView(o options, s *session) sink.Sink {
	out := c.liveSink(o, nil)
	switch {
	case o.live.watch:
		s.attend.watch = sink.NewWatch(c.stdout, c.textOptions(o))
		out = s.attend.watch
	case s.attend.columns > 0:
		out = sink.NewLive(s.attend.status, c.textOptions(o))
	}
	var by []observer
	if o.live.onlyFindings {
		s.recorder = newRecorder(s.save, s.attend.memory.bound)
		by = append(by, s.recorder)
	}
	if s.attend.metrics != nil {
		by = append(by, s.attend.metrics)
	}
	if len(by) == 0 {
		return out
	}
	return &observed{out, by}
}

// record has the recorder take in a frame once it is known which connection it is of.
func (s *session) record(f *reassembly.Frame) error {
	if err := s.analyzer.Feed(f); err != nil {
		return err
	}
	return s.recorder.add(f, s.analyzer.Latest())
}

func liveFailure(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &failure{statusDenied, err}
	}
	return &failure{statusInput, err}
}

// idle is for all but reading packets. While nothing arrives capture time goes on,
// so that what only silence tells is told in time.
func (s *session) idle() error {
	if s.save != nil {
		if err := s.save.Flush(); err != nil {
			return err
		}
	}
	if s.attend != nil {
		return s.attend.visit(s)
	}
	s.analyzer.Dropped(s.source.Drops())
	return s.analyzer.Advance(s.followed())
}

// listInterfaces prints what can be captured on, in tcpdump's way: the number
// serves -i as well as the name.
func (c console) listInterfaces() error {
	list, err := capture.Interfaces()
	if err != nil {
		return &failure{statusInput, err}
	}
	for i, dev := range list {
		if err := printInterface(c.stdout, i+1, dev); err != nil {
			return err
		}
	}
	return nil
}

func printInterface(w io.Writer, number int, dev capture.Interface) error {
	var about []string
	if dev.Up {
		about = append(about, "up")
	}
	if dev.Loopback {
		about = append(about, "loopback")
	}
	for _, a := range dev.Addresses {
		about = append(about, a.String())
	}
	text := fmt.Sprintf("%d.%s", number, dev.Name)
	if dev.Description != "" {
		text += " (" + dev.Description + ")"
	}
	if len(about) > 0 {
		text += " [" + strings.Join(about, ", ") + "]"
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
