package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
)

// attendant looks after a running capture between packets: drop counters, signals,
// the status line, and the clock while nothing comes.
type attendant struct {
	source   *capture.Live
	stderr   io.Writer
	status   *statusLine
	columns  int // of the terminal; 0 shows no status
	signals  chan os.Signal
	read     int       // frames at the last visit
	next     time.Time // when the counters are asked again
	segments int       // at that time
	drops    uint64
	dropping bool // they grew between the last two times
}

func newAttendant(source *capture.Live, stderr io.Writer, status *statusLine, columns int) *attendant {
	a := &attendant{source: source, stderr: stderr, status: status, columns: columns, signals: make(chan os.Signal, 1)}
	signal.Notify(a.signals, syscall.SIGUSR1)
	return a
}

// visit is called about every capture.PollInterval.
func (a *attendant) visit(s *session) error {
	now := time.Now()
	// While packets are waiting, the clock is theirs. Otherwise it stays behind the
	// wall's by what a packet may be late.
	if s.read == a.read {
		if err := s.analyzer.Advance(now.Add(-capture.PollInterval).UnixNano()); err != nil {
			return err
		}
	}
	a.read = s.read
	select {
	case <-a.signals:
		a.counters(s)
	default:
	}
	if now.Before(a.next) {
		return nil
	}
	a.next = now.Add(time.Second)
	a.checkDrops(s.analyzer)
	return a.refresh(s.analyzer)
}

// checkDrops says when packets begin to be lost, once for each time that they do.
func (a *attendant) checkDrops(to *analyzer.Analyzer) {
	drops := a.source.Drops()
	grew := drops > a.drops
	a.drops = drops
	to.Dropped(drops)
	if grew && !a.dropping {
		a.notice("packets are being dropped, %d so far: what seems never to have come may only not have been captured; try a filter, a larger -B or a smaller -s", drops)
	}
	a.dropping = grew
}

// counters answers SIGUSR1.
func (a *attendant) counters(s *session) {
	g := s.analyzer.Gauges()
	open := "none open"
	if words := stateCounts(g.States); len(words) > 0 {
		open = "open: " + strings.Join(words, ", ")
	}
	a.notice("%d packets captured, %d dropped, %d TCP segments, %s", s.passed, a.source.Drops(), g.Segments, open)
}

func (a *attendant) refresh(of *analyzer.Analyzer) error {
	if a.columns == 0 {
		return nil
	}
	g := of.Gauges()
	text := statusWords(g, g.Segments-a.segments, a.drops, a.columns)
	a.segments = g.Segments
	return a.status.show(text)
}

// notice tells something on standard error, and leaves the status line below it.
func (a *attendant) notice(format string, args ...any) {
	text := a.status.text
	if text != "" {
		a.status.show("")
	}
	fmt.Fprintf(a.stderr, "tcpflow-explain: "+format+"\n", args...)
	if text != "" {
		a.status.show(text)
	}
}

// leave ends the attendance.
func (a *attendant) leave() error {
	signal.Stop(a.signals)
	return a.status.show("")
}
