package netsim_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/netsim"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

var (
	oneSeed = flag.Uint64("seed", 0, "play this seed only, and print all about it")
	seeds   = flag.Uint64("seeds", 0, "how many seeds to play; 0 for the usual number")
)

// story keeps the connections that the analyzer tells of.
type story struct{ connections []*analyzer.Connection }

func (s *story) Segment(*analyzer.Segment) error { return nil }

func (s *story) Connection(c *analyzer.Connection) error {
	s.connections = append(s.connections, c.Clone())
	return nil
}

// explain feeds the capture of a played plan to an analyzer.
func explain(t *testing.T, r *netsim.Result) []*analyzer.Connection {
	t.Helper()
	var s story
	a := analyzer.New(analyzer.Config{}, &s)
	for i := range r.Frames {
		if err := a.Feed(&r.Frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Advance(r.End); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return s.connections
}

// told is what the analyzer says of one simulated endpoint.
type told struct {
	states []timeline.Transition
	app    timeline.App
}

// of returns what the first connection that has states says of a side.
func of(connections []*analyzer.Connection, side netsim.Side) told {
	at := reassembly.EndpointFrom(flowtest.DefaultClient())
	if side == netsim.Server {
		at = reassembly.EndpointFrom(flowtest.DefaultServer())
	}
	for _, c := range connections {
		for i := range c.Ends {
			if c.Ends[i] == at && len(c.States[0])+len(c.States[1]) > 0 {
				return told{c.States[i], c.App[i]}
			}
		}
	}
	return told{}
}

func (t told) String() string {
	var b strings.Builder
	for _, s := range t.states {
		fmt.Fprintf(&b, "%v(frame %d %v", s.State, s.Frame, s.Basis)
		if s.ConfirmedBy > 0 {
			fmt.Fprintf(&b, " by %d", s.ConfirmedBy)
		}
		b.WriteString(") ")
	}
	return fmt.Sprintf("%s%+v", b.String(), t.app)
}

func (t told) names() (states []tcpstate.State) {
	for i := range t.states {
		states = append(states, t.states[i].State)
	}
	return states
}

// names returns the true states, without an end that no capture shows.
func names(end *netsim.Outcome) (states []tcpstate.State) {
	for _, c := range end.States {
		states = append(states, c.State)
	}
	return states
}

// fiction returns what is wrong when a state that is told as a fact was never
// entered, or in another order.
func (t told) fiction(end *netsim.Outcome) string {
	truth := names(end)
	for _, s := range t.states {
		if s.Basis != timeline.Observed && s.Basis != timeline.Confirmed {
			continue
		}
		i := slices.Index(truth, s.State)
		if i < 0 {
			return fmt.Sprintf("%v told as %v", s.State, s.Basis)
		}
		truth = truth[i+1:]
	}
	return ""
}

// illegal returns what is wrong when the states are no path through the
// transition table.
func (t told) illegal() string {
	from := tcpstate.Closed
	for i, s := range t.states {
		row := func(r tcpstate.Rule) bool { return r.From == from && r.To == s.State }
		start := i == 0 && s.Basis == timeline.MidStream
		if !start && !slices.ContainsFunc(tcpstate.Rules(), row) {
			return fmt.Sprintf("no rule leads from %v to %v", from, s.State)
		}
		from = s.State
	}
	return ""
}

// incomplete returns what is wrong when the states are not the true ones. The
// silent end of an orphan's FIN_WAIT_2 is the exception.
func (t told) incomplete(end *netsim.Outcome) string {
	got, want := t.names(), names(end)
	if n := len(want); end.Orphaned && len(got) == n-1 {
		want = want[:n-1]
	}
	if !slices.Equal(got, want) {
		return fmt.Sprintf("states %v, want %v", got, want)
	}
	return ""
}

// misjudged returns what is wrong when the application saw something else. One
// that has closed its socket sees no error.
func (t told) misjudged(end *netsim.Outcome) string {
	want := timeline.App{Connect: end.Connect, Accept: end.Accepted, EOF: end.EOF, Error: end.Error}
	if end.Released {
		want.Error = t.app.Error
	}
	if t.app != want {
		return fmt.Sprintf("application %+v, want %+v", t.app, want)
	}
	return ""
}

// hidden reports whether the capture misses one of the segments that alone tell
// in which order things happened: the first SYN, SYN,ACK and FIN of either side,
// and the first that acknowledges each of them.
func hidden(r *netsim.Result) bool {
	missing := func(id int) bool { return id > 0 && len(r.Packets[id-1].Frames) == 0 }
	for side := range r.Ends {
		end := &r.Ends[side]
		sends := func(c netsim.Change) bool {
			return (c.Input == tcpstate.SendSYN || c.Input == tcpstate.SendFIN) && missing(c.Segment)
		}
		if slices.ContainsFunc(end.States, sends) || slices.ContainsFunc(end.Proofs, missing) {
			return true
		}
	}
	return false
}

// tally counts trials and failures of one property, and keeps the first few
// seeds that failed.
type tally struct {
	name           string
	least          float64 // the share that must hold, as measured and rounded down
	trials, failed int
	seeds          []string
}

func (c *tally) add(seed uint64, complaint string) {
	c.trials++
	if complaint == "" {
		return
	}
	c.failed++
	if len(c.seeds) < 5 {
		c.seeds = append(c.seeds, fmt.Sprintf("seed %d: %s", seed, complaint))
	}
}

func (c *tally) check(t *testing.T) {
	t.Helper()
	held := 1 - float64(c.failed)/float64(max(c.trials, 1))
	t.Logf("%s: %d of %d (%.3f %%)", c.name, c.trials-c.failed, c.trials, 100*held)
	if held < c.least {
		t.Errorf("%s: want at least %.3f %%; rerun with -seed\n\t%s", c.name, 100*c.least, strings.Join(c.seeds, "\n\t"))
	}
}

// TestInference plays random connections and holds what the analyzer says of
// both endpoints against what they really went through.
//
// What a wire cannot tell, and what the test therefore does not ask:
//
//	FIN_WAIT_2 of a closed socket ends in silence       no CLOSED is told
//	close() while data waits to be sent                 FIN_WAIT_1 begins with the FIN
//	the application closed before an error came         any error may be told
//	a host that vanished, or lost its sockets           its end is not compared
//	the first FIN, or the first ACK of a FIN, was not   facts are not compared: FINs that
//	captured: lost before the tap, or by the capture,   crossed look like FINs in a row, and a
//	or the capture began after it                       FIN lost like an ACK lost
//	segments overtook each other on the path            facts hold for the near endpoint only
//	whether what was captured last arrived              told as inferred, not compared far away
func TestInference(t *testing.T) {
	var (
		facts    = tally{name: "facts are true", least: 1}
		legality = tally{name: "sequences are paths of the table", least: 1}
		whole    = tally{name: "one connection told", least: 1}
		same     = tally{name: "the same each time", least: 1}
		near     = tally{name: "all states of the near endpoint", least: 0.999}
		apps     = tally{name: "what the near application saw", least: 0.999}
		far      = tally{name: "all states of the far endpoint", least: 0.9}
	)
	first, last := uint64(1), uint64(6000)
	switch {
	case *oneSeed > 0:
		first, last = *oneSeed, *oneSeed
	case *seeds > 0:
		last = *seeds
	case testing.Short():
		last = 1000
	}
	for seed := first; seed <= last; seed++ {
		plan := netsim.NewPlan(seed)
		r := netsim.Run(plan)
		got := explain(t, r)
		if *oneSeed > 0 {
			show(t, r, got)
		}
		same.add(seed, cmp.Diff(got, explain(t, r)))
		if plan.Whole() && len(r.Frames) > 0 && len(got) != 1 {
			whole.add(seed, fmt.Sprintf("%d connections", len(got)))
		} else {
			whole.add(seed, "")
		}
		for side := netsim.Client; side <= netsim.Server; side++ {
			end, said := &r.Ends[side], of(got, side)
			legality.add(seed, said.illegal())
			atHost := float64(side)
			if !hidden(r) && (!plan.Overtaking || plan.Tap == atHost) {
				facts.add(seed, said.fiction(end))
			}
			if !plan.Whole() || !r.Settled || plan.Hosts[side].Fate != netsim.Lives {
				continue
			}
			switch plan.Tap {
			case atHost:
				near.add(seed, said.incomplete(end))
				apps.add(seed, said.misjudged(end))
			case 1 - atHost:
				far.add(seed, said.incomplete(end))
			}
		}
	}
	for _, c := range []*tally{&facts, &legality, &whole, &same, &near, &apps, &far} {
		c.check(t)
	}
}

// show prints the packets and both timelines of one seed.
func show(t *testing.T, r *netsim.Result, got []*analyzer.Connection) {
	t.Log(r)
	for _, c := range got {
		for side := range c.Ends {
			t.Logf("%v told: %v", c.Ends[side], told{c.States[side], c.App[side]})
		}
	}
}
