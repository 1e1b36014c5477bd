package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// session is one run over one source.
type session struct {
	opts     options
	source   capture.Source
	known    *frames         // nil when there is nothing to know
	filter   *capture.Filter // nil passes everything
	save     *capture.Writer // nil writes nothing
	report   report
	analyzer *analyzer.Analyzer
	attend   *attendant      // nil but for live captures
	recorder *recorder       // nil unless only connections with findings are saved
	stop     <-chan struct{} // closed by the first interrupt
	began    time.Time
	read     int // frames of the source
	passed   int // frames that passed the filter
	ballast  []byte
	latest   int64     // capture time of the last frame; followed captures only
	arrived  time.Time // when it came
	failed   error     // what ended reading before the end of the source
}

// analyze reads until the source ends, enough packets have passed, the user
// interrupts, or something fails.
func (s *session) analyze(config analyzer.Config) {
	s.analyzer = analyzer.New(config, s.report.handler())
	var frame reassembly.Frame
	for s.failed == nil && !s.enough() {
		err := s.source.Next(&frame)
		switch {
		case err == io.EOF:
			return
		case err == capture.ErrTimeout:
			s.failed = s.idle()
		case err != nil:
			s.failed = err
		default:
			if s.failed = s.feed(&frame); s.failed == capture.ErrLastFile {
				s.failed = nil
				return
			}
		}
	}
}

func (s *session) enough() bool {
	select {
	case <-s.stop:
		return true
	default:
		return s.opts.packets > 0 && s.passed >= s.opts.packets
	}
}

func (s *session) feed(f *reassembly.Frame) error {
	s.read++
	s.known.see(f)
	if s.opts.follow {
		s.latest, s.arrived = f.Time, time.Now()
	}
	if s.filter != nil && !s.filter.Match(f) {
		return nil
	}
	s.passed++
	if s.recorder != nil {
		return s.record(f)
	}
	if s.save != nil {
		if err := s.save.Write(f); err != nil {
			return err
		}
	}
	return s.analyzer.Feed(f)
}

// conclude closes the report over all that was read, whatever ended the
// reading, and returns what the exit status depends on, the gravest first.
func (s *session) conclude(stderr io.Writer) error {
	s.analyzer.Dropped(s.source.Drops())
	summary, err := s.analyzer.Close()
	if s.save != nil {
		err = cmp.Or(err, s.closeSavefile())
	}
	if err == nil {
		s.complete(summary)
		s.report.notes.across(summary.Across)
		err = s.report.End(summary)
	}
	if err = cmp.Or(s.failed, err); err != nil {
		return s.readFailure(err)
	}
	if err := s.verdict(summary); err != nil {
		return err
	}
	s.remark(summary, stderr)
	return nil
}

// closeSavefile completes the file of -w. Without frames it still gets a header,
// of the source's link type.
func (s *session) closeSavefile() error {
	if types := s.source.LinkTypes(); s.passed == 0 && len(types) > 0 {
		if err := s.save.Begin(types[0]); err != nil {
			return err
		}
	}
	return s.save.Close()
}

// complete fills in what only the command knows.
func (s *session) complete(sum *analyzer.Summary) {
	sum.Files = s.opts.files
	if s.opts.iface != "" {
		sum.Files = []string{s.opts.iface}
	}
	s.known.complete(sum)
	var names []string
	for _, t := range s.source.LinkTypes() {
		names = append(names, capture.LinkTypeName(t))
	}
	sum.LinkType = strings.Join(names, ",")
	sum.Elapsed = time.Since(s.began)
	var damage *capture.DamageError
	if errors.As(s.failed, &damage) {
		sum.Damage = &analyzer.Damage{File: s.name(damage), Offset: damage.Offset, Reason: damage.Reason}
	}
}

// name is the file that damage is in.
func (s *session) name(d *capture.DamageError) string {
	return cmp.Or(d.File, called(s.opts.files))
}

// readFailure words an error that ended the reading.
func (s *session) readFailure(err error) error {
	var damage *capture.DamageError
	if errors.As(err, &damage) {
		return failf(statusInput, "%s is damaged after %d frames: %v; all before it is reported, record it again for the rest",
			s.name(damage), s.read, damage)
	}
	return err
}

// remark says on standard error what a reader of an empty report would wonder
// about, unless the text report or the counts of a live capture say it.
func (s *session) remark(sum *analyzer.Summary, stderr io.Writer) {
	name := called(sum.Files)
	if s.opts.json {
		for _, note := range sum.Notes {
			fmt.Fprintf(stderr, "tcpflow-explain: %s\n", note)
		}
	}
	switch {
	case s.read > 0 && s.passed == 0:
		fmt.Fprintf(stderr, "tcpflow-explain: no packet of %s passes the filter %q; packets read: %d\n", name, s.opts.filter, s.read)
	case !s.opts.json || s.opts.iface != "":
	case s.read == 0:
		fmt.Fprintf(stderr, "tcpflow-explain: %s holds no packets\n", name)
	case sum.Segments == 0:
		fmt.Fprintf(stderr, "tcpflow-explain: %s holds no TCP; packets read: %d\n", name, s.read)
	}
}

// verdict turns a complete report into the exit status.
func (s *session) verdict(sum *analyzer.Summary) error {
	switch {
	case s.filter != nil && s.filter.Err() != nil:
		return &failure{statusUsage, s.filter.Err()}
	case sum.Frames > 0 && sum.Skipped[reassembly.UnknownLinkType.String()] == sum.Frames:
		return failf(statusInput, "%s has link type %s, which cannot be decoded: capture on an Ethernet, IP or any interface",
			called(sum.Files), sum.LinkType)
	case s.opts.conn > sum.Connections:
		return usagef("there is no connection %d in %s: it has %d", s.opts.conn, called(sum.Files), sum.Connections)
	case s.report.worst >= s.opts.failOn:
		return failf(statusFindings, "there are findings of severity %s or graver (--fail-on)", s.opts.failOn)
	}
	return nil
}
