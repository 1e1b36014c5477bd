package analyzer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// statesFolder holds an archive for each state: the packets that lead to it, and
// for each segment that an endpoint can meet there what passed then and in which
// state that left it. testdata/lab/matrix.py records them from Linux sockets.
const statesFolder = "../testdata/states"

// meeting is one pair of state and segment.
type meeting struct {
	state, segment string // names of the archive and of the segment
	side           timeline.Side
	after          string // the state that the kernel was in
	packets        string // in the notation of flowtest
}

func (m *meeting) name() string { return m.state + "/" + m.segment }

// meetings reads the archives.
func meetings(t *testing.T) (all []meeting) {
	t.Helper()
	paths, err := filepath.Glob(statesFolder + "/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives in %s: %v", statesFolder, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(data)
		for _, f := range archive.Files[1:] {
			m := meeting{state: strings.TrimSuffix(filepath.Base(path), ".txtar"), packets: string(archive.Files[0].Data) + string(f.Data)}
			var side string
			words := strings.Fields(strings.NewReplacer("met ", "", ":", "").Replace(f.Name))
			if len(words) != 3 {
				t.Fatalf("%s: %q does not say segment, endpoint and state", path, f.Name)
			}
			m.segment, side, m.after = words[0], words[1], words[2]
			if side == timeline.Server.String() {
				m.side = timeline.Server
			}
			all = append(all, m)
		}
	}
	return all
}

// told returns the state in which the analyzer leaves the endpoint of m, in the
// last connection, and CLOSED when it never had one.
func told(t *testing.T, m *meeting) string {
	t.Helper()
	s, err := flowtest.ParseScenario(m.name(), []byte("What Linux did.\n-- packets --\n"+m.packets+"+0.500 arp\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := analyze(t, s)
	if len(o.connections) == 0 {
		return tcpstate.Closed.String()
	}
	c, side := o.connections[len(o.connections)-1], m.side
	if c.Ends[timeline.Client].Port == serverPort {
		side = side.Other() // it is the server that sent the last SYN
	}
	if n := len(c.States[side]); n > 0 {
		return c.States[side][n-1].State.String()
	}
	return tcpstate.Closed.String()
}

// serverPort is the port of the server in flowtest's default connection.
const serverPort = 80

// untold are the pairs in which no packet tells what the kernel did: the state
// that is told instead, and why.
var untold = map[string]struct{ told, why string }{
	"time_wait_listening/syn_fin": {"TIME_WAIT", "Linux gives TIME_WAIT up for the SYN, and its listener then drops that for the FIN"},
}

// TestEveryStateMeetsEverySegment walks through RFC 9293 §3.10.7.
func TestEveryStateMeetsEverySegment(t *testing.T) {
	for _, m := range meetings(t) {
		want := m.after
		if u, ok := untold[m.name()]; ok {
			want = u.told
		}
		if got := told(t, &m); got != want {
			t.Errorf("%s: the %s is told to be in %s, want %s:\n%s", m.name(), m.side, got, want, m.packets)
		}
	}
}

// nothingToRepeat are the segments that cannot come once more in a state: the
// peer has not sent them yet, or the endpoint was the first to.
var nothingToRepeat = map[string]bool{"syn_copy": true, "synack_copy": true, "fin_copy": true}

// TestWalkIsWhole asks for an archive of every state, and for every segment in
// each of them.
func TestWalkIsWhole(t *testing.T) {
	states, segments, met := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, m := range meetings(t) {
		states[m.state], segments[m.segment], met[m.name()] = true, true, true
	}
	for s := tcpstate.Closed; s <= tcpstate.TimeWait; s++ {
		if !states[strings.ToLower(s.String())] {
			t.Errorf("no archive of %s in %s", s, statesFolder)
		}
	}
	for state := range states {
		for segment := range segments {
			if !met[state+"/"+segment] && !nothingToRepeat[segment] {
				t.Errorf("%s does not meet %s", state, segment)
			}
		}
	}
}
