package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// attendant looks after a running capture between packets: drop counters, signals,
// bounds, the status line, and the clock while nothing comes.
type attendant struct {
	source   *capture.Live
	save     *capture.Writer // nil when nothing is written
	stderr   io.Writer
	status   *statusLine
	columns  int         // of the terminal; 0 shows no status
	watch    *sink.Watch // nil unless asked for
	title    string      // of watch
	rows     func() int  // of the terminal
	metrics  *metrics    // nil unless asked for
	memory   memory
	signals  chan os.Signal
	read     int       // frames at the last visit
	next     time.Time // when the counters are asked again
	segments int       // at that time
	drops    uint64
	dropping bool // they grew between the last two times
	trouble  string
	crowds   map[string]bool // floods and scans that were told, at most mostCrowds
}

// mostCrowds is how many floods and scans are told before the end.
const mostCrowds = 64

// attendant makes what the options ask for ready.
func (c console) attendant(o options, source *capture.Live, save *capture.Writer) (*attendant, error) {
	a := &attendant{
		source: source, save: save, stderr: c.stderr, status: &statusLine{Writer: c.stdout},
		title: strings.TrimSpace(o.iface + " " + o.filter), memory: memory{bound: o.live.memoryMiB << 20},
		signals: make(chan os.Signal, 4), crowds: map[string]bool{},
		rows: func() int {
			_, rows, err := term.GetSize(int(c.stdout.Fd()))
			if err != nil {
				return 24
			}
			return rows
		},
	}
	if !o.json && !o.live.watch && term.IsTerminal(int(c.stdout.Fd())) {
		a.columns = c.columns(o.width)
	}
	if o.live.metrics != "" {
		var err error
		if a.metrics, err = serveMetrics(o.live.metrics); err != nil {
			return nil, err
		}
	}
	signal.Notify(a.signals, syscall.SIGUSR1)
	if save != nil { // otherwise a terminal that hangs up ends the program
		signal.Notify(a.signals, syscall.SIGHUP)
	}
	return a, nil
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
	if err := a.memory.keep(s.analyzer); err != nil {
		return err
	}
	a.answer(s)
	if now.Before(a.next) {
		return nil
	}
	a.next = now.Add(time.Second)
	a.checkInterface()
	a.checkDrops(s.analyzer)
	if err := a.tellCrowds(s); err != nil {
		return err
	}
	return a.refresh(s)
}

// answer does what signals ask for: SIGUSR1 the counters, SIGHUP another file.
func (a *attendant) answer(s *session) {
	select {
	case got := <-a.signals:
		if got == syscall.SIGUSR1 {
			a.counters(s)
		} else if err := a.save.Rotate(time.Now().UnixNano()); err != nil {
			a.notice("%v", err)
		}
	default:
	}
}

// checkInterface says when the interface goes and when it is back.
func (a *attendant) checkInterface() {
	trouble := a.source.Trouble()
	if trouble == a.trouble {
		return
	}
	a.trouble = trouble
	if trouble == "" {
		trouble = "is back"
	}
	a.notice("%s %s", a.source.InterfaceName(0), trouble)
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

// tellCrowds tells each flood and each scan once, when it is first seen.
func (a *attendant) tellCrowds(s *session) error {
	sink, ok := s.report.Sink.(crowdSink)
	if !ok || s.report.only != 0 {
		return nil
	}
	for _, found := range s.analyzer.Ongoing() {
		key := found.Code + " " + found.Target.String()
		if a.crowds[key] || len(a.crowds) == mostCrowds {
			continue
		}
		a.crowds[key] = true
		if err := sink.Across(&found); err != nil {
			return err
		}
	}
	return nil
}

// counters tells how things are.
func (a *attendant) counters(s *session) {
	g := s.analyzer.Gauges()
	open := "none open"
	if words := stateCounts(g.States); len(words) > 0 {
		open = "open: " + strings.Join(words, ", ")
	}
	a.notice("%d packets captured, %d dropped, %d TCP segments, %s", s.passed, a.source.Drops(), g.Segments, open)
}

// refresh shows and serves the counts of the last second.
func (a *attendant) refresh(s *session) error {
	if a.columns == 0 && a.watch == nil && a.metrics == nil {
		return nil
	}
	g := s.analyzer.Gauges()
	perSecond := g.Segments - a.segments
	a.segments = g.Segments
	if a.metrics != nil {
		a.metrics.publish(g, s.passed, a.drops)
	}
	switch {
	case a.watch != nil:
		return a.watch.Draw(&sink.View{
			Title: a.title, Time: time.Now().UnixNano(), Gauges: g, PerSecond: perSecond, Dropped: a.drops, Rows: a.rows(),
		})
	case a.columns > 0:
		return a.status.show(statusWords(g, perSecond, a.drops, a.columns))
	}
	return nil
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
