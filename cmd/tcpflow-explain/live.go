package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// live captures on an interface until the user interrupts or -c is reached.
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
	})
	if err != nil {
		return liveFailure(err)
	}
	defer source.Close()
	save, err := createSavefile(o, o.snaplen)
	if err != nil {
		return err
	}
	status, columns := &statusLine{Writer: c.stdout}, 0
	out := c.liveSink(o, nil)
	if !o.json && term.IsTerminal(int(c.stdout.Fd())) {
		columns = c.columns(o.width)
		out = sink.NewLive(status, c.textOptions(o))
	}
	s := &session{
		opts: o, source: source, save: save,
		report: report{Sink: out, only: o.conn, drop: true},
		attend: newAttendant(source, c.stderr, status, columns),
		stop:   onInterrupt(), began: time.Now(),
	}
	linkType := capture.LinkTypeName(source.LinkTypes()[0])
	fmt.Fprintf(c.stderr, "tcpflow-explain: listening on %s, link type %s, snapshot length %d bytes\n", o.iface, linkType, o.snaplen)
	s.analyze(analyzer.Config{Segments: o.segments || !o.json, Live: true, InterfaceName: source.InterfaceName})
	err = errors.Join(s.attend.leave(), s.conclude(c.stderr))
	fmt.Fprintf(c.stderr, "%d packets captured, %d dropped by the kernel\n", s.passed, source.Drops())
	return err
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
