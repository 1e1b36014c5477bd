package analyzer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// witness notes what a live capture tells besides segments.
type witness struct{ said []string }

func (w *witness) say(format string, args ...any) error {
	w.said = append(w.said, fmt.Sprintf(format, args...))
	return nil
}

func (w *witness) Segment(*analyzer.Segment) error { return nil }

func (w *witness) Connection(c *analyzer.Connection) error {
	return w.say("#%d is over, client %s", c.ID, c.Last(timeline.Client))
}

func (w *witness) Withdrawn(id int, side timeline.Side, old timeline.Transition, byFrame int) error {
	return w.say("#%d %s not %s, by frame %d", id, side, old.State, byFrame)
}

func (w *witness) Silent(c *analyzer.Connection, now int64) error {
	return w.say("#%d client %s, server %s", c.ID, c.Last(timeline.Client), c.Last(timeline.Server))
}

func (w *witness) Finding(c *analyzer.Connection, f *detect.Finding) error {
	return w.say("#%d %s", c.ID, f.Code)
}

// TestSilence: when no frame comes, the clock alone brings to light what silence proves.
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		name, packets string
		idle          time.Duration
		want          []string
	}{
		{"a SYN still repeated", "0.000 C> S 0:0(0)\n+1 C> S 0:0(0)\n+2 C> S 0:0(0)\n", 3 * time.Second, nil},
		{"a SYN given up", "0.000 C> S 0:0(0)\n+1 C> S 0:0(0)\n+2 C> S 0:0(0)\n", 15 * time.Second, []string{"#1 is over, client CLOSED"}},
		{"an idle connection", open, time.Hour, nil},
		{"TIME_WAIT", open + "+1 C> F. 101:101(0) ack 501\n+0.02 S> F. 501:501(0) ack 102\n+0.001 C> . 102:102(0) ack 502\n", 80 * time.Second,
			[]string{"#1 client CLOSED, server CLOSED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w witness
			a := analyzer.New(analyzer.Config{Live: true}, &w)
			frames := script(t, c.packets)
			for i := range frames {
				if err := a.Feed(&frames[i]); err != nil {
					t.Fatal(err)
				}
			}
			w.said = nil
			last := frames[len(frames)-1].Time
			for past := time.Duration(0); past < c.idle; past += 100 * time.Millisecond {
				if err := a.Advance(last + int64(past)); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(c.want, w.said); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestDropped: with drops during a connection, what never came was not captured.
func TestDropped(t *testing.T) {
	syn := script(t, "0.000 C> S 0:0(0)\n+1 C> S 0:0(0)\n")
	for _, c := range []struct {
		name   string
		before bool
		want   string
	}{
		{"before it", true, "2 SYNs were never answered"},
		{"during it", false, "no answer to the SYN was captured, while the capturing host dropped packets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w verdicts
			a := analyzer.New(analyzer.Config{}, &w)
			if c.before {
				a.Advance(syn[0].Time - 1)
				a.Dropped(7)
			}
			for i := range syn {
				a.Feed(&syn[i])
			}
			a.Dropped(7)
			a.Close()
			if diff := cmp.Diff(verdicts{c.want}, w); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// verdicts keeps the verdict of each connection.
type verdicts []string

func (v *verdicts) Segment(*analyzer.Segment) error { return nil }

func (v *verdicts) Connection(c *analyzer.Connection) error {
	*v = append(*v, c.Verdict)
	return nil
}
