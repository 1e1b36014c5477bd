package detect_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// host returns an endpoint of the i-th of many hosts.
func host(i int, port uint16) reassembly.Endpoint {
	e := reassembly.Endpoint{Port: port}
	e.IP[10], e.IP[11] = 0xff, 0xff
	binary.BigEndian.PutUint32(e.IP[12:], 0x0a000000+uint32(i))
	return e
}

// met returns the i-th of many connections: host i to port 80 of host 0, opened
// by a SYN, i steps after the first.
func met(i int, step time.Duration) detect.Fact {
	start := 1e18 + int64(i)*int64(step)
	return detect.Fact{
		Ends: [2]reassembly.Endpoint{host(i+1, 40000), host(0, 80)}, Start: start, End: start + 1e6, FirstFrame: i + 1,
		Probe: detect.ProbeSYN, SYNs: 1, Waited: time.Minute,
	}
}

// changed returns n connections, each as met and then changed.
func changed(n int, step time.Duration, change func(i int, f *detect.Fact)) []detect.Fact {
	facts := make([]detect.Fact, n)
	for i := range facts {
		facts[i] = met(i, step)
		change(i, &facts[i])
	}
	return facts
}

func halfOpen(_ int, f *detect.Fact) { f.Answered, f.Silent = true, true }

func refusedPort(i int, f *detect.Fact) {
	f.Ends = [2]reassembly.Endpoint{host(1, 40000), host(0, uint16(1000+i))}
	f.Refused, f.Silent = true, true
}

func closedFirst(_ int, f *detect.Fact) {
	f.Ends[timeline.Client] = host(1, 40000)
	f.Completed, f.ActiveTW = true, true
}

func closedAfter(quiet func(i int) time.Duration) func(int, *detect.Fact) {
	return func(i int, f *detect.Fact) {
		f.Completed = true
		f.Cut = detect.Cut{Kind: detect.CutClosed, Side: timeline.Server, Quiet: quiet(i), Frame: f.FirstFrame + 1}
	}
}

func leftBehind(_ int, f *detect.Fact) {
	f.Ends[timeline.Client].IP = host(1, 0).IP
	f.Completed = true
	f.Last[timeline.Client], f.Last[timeline.Server] = tcpstate.Established, tcpstate.Established
}

func asked(wait time.Duration) func(int, *detect.Fact) {
	return func(_ int, f *detect.Fact) {
		f.Completed, f.Asked = true, f.Start
		if wait > 0 {
			f.Reply = f.Start + int64(wait)
		}
	}
}

// what a capture of each kind shows across its connections; want is "" for a
// look-alike that must show nothing.
var acrossCases = []struct {
	name  string
	facts []detect.Fact
	want  string
}{
	{"flood", changed(500, time.Millisecond, halfOpen), "syn-flood"},
	{"flood whose queue is full", changed(500, time.Millisecond, func(i int, f *detect.Fact) {
		f.Silent, f.Answered = true, i < 10
	}), "syn-flood"},
	{"half-open handshakes now and then", changed(500, 10*time.Second, halfOpen), ""},
	{"clients that repeat their SYN", changed(500, time.Millisecond, func(i int, f *detect.Fact) {
		halfOpen(i, f)
		f.SYNs = 2
	}), ""},
	{"nobody answers", changed(500, time.Millisecond, func(_ int, f *detect.Fact) { f.Silent = true }), ""},
	{"many clients", changed(500, time.Millisecond, func(_ int, f *detect.Fact) { f.Completed = true }), ""},

	{"SYN scan", changed(40, 10*time.Millisecond, refusedPort), "port-scan"},
	{"NULL scan", changed(40, 10*time.Millisecond, func(i int, f *detect.Fact) {
		refusedPort(i, f)
		f.Probe = detect.ProbeNull
	}), "port-scan"},
	{"sweep", changed(40, 10*time.Millisecond, func(i int, f *detect.Fact) {
		f.Ends = [2]reassembly.Endpoint{host(0, 40000), host(i+1, 22)}
	}), "port-scan"},
	{"backscatter", changed(40, 10*time.Millisecond, func(i int, f *detect.Fact) {
		f.Ends = [2]reassembly.Endpoint{host(0, uint16(1000+i)), host(i+1, 80)}
		f.Probe, f.Opener = detect.NoProbe, timeline.Server
	}), ""},
	{"one service that refuses", changed(40, 10*time.Millisecond, func(_ int, f *detect.Fact) {
		f.Ends = [2]reassembly.Endpoint{host(1, 40000), host(0, 80)}
		f.Refused = true
	}), ""},

	{"a new connection for each request", changed(5000, time.Millisecond, closedFirst), "port-exhaustion"},
	{"the same, slower", changed(5000, 10*time.Millisecond, closedFirst), ""},

	{"a server's idle limit", changed(9, time.Minute, closedAfter(func(i int) time.Duration {
		return time.Minute + time.Duration(i)*100*time.Millisecond
	})), "idle-limit"},
	{"a box that forgets", changed(4, time.Minute, func(i int, f *detect.Fact) {
		f.Cut = detect.Cut{Kind: detect.CutDropped, Quiet: time.Duration(i+6) * time.Minute, Frame: f.FirstFrame}
	}), "idle-limit"},
	{"closed after any time", changed(9, time.Minute, closedAfter(func(i int) time.Duration {
		return time.Duration(i+1) * 10 * time.Second
	})), ""},

	{"a client that comes back", changed(5, 10*time.Minute, leftBehind), "ghost-connections"},
	{"a pool of connections", changed(5, time.Second, leftBehind), ""},

	{"no answer to many requests", changed(8, 100*time.Millisecond, asked(0)), "accept-stall"},
	{"late answers to many requests", changed(8, 100*time.Millisecond, asked(3*time.Second)), "accept-stall"},
	{"quick answers", changed(8, 100*time.Millisecond, asked(20*time.Millisecond)), ""},
	{"one late answer a minute", changed(8, time.Minute, asked(3*time.Second)), ""},
}

func watch(facts []detect.Fact) []detect.Across {
	w := detect.NewWatcher()
	end := int64(0)
	for i := range facts {
		w.Add(&facts[i])
		end = max(end, facts[i].End)
	}
	return w.Findings(end + int64(2*time.Second))
}

func TestWatcher(t *testing.T) {
	shown := map[string]bool{}
	for _, tt := range acrossCases {
		t.Run(tt.name, func(t *testing.T) {
			found := watch(tt.facts)
			var codes []string
			for i := range found {
				codes = append(codes, found[i].Code)
				shown[found[i].Code] = true
				if f := &found[i]; len(f.Frames) == 0 || !slices.IsSorted(f.Frames) || f.Summary == "" || len(f.Checks) == 0 {
					t.Errorf("%s lacks evidence or words: %+v", f.Code, f)
				}
			}
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if !slices.Equal(codes, want) {
				t.Errorf("found %q, want %q", codes, want)
			}
		})
	}
	for _, r := range detect.Rules() {
		if r.Check == nil && !shown[r.Code] {
			t.Errorf("no case shows %s", r.Code)
		}
	}
}

// TestWatcherForgetsTheLightest mixes a flood into far more targets than a
// Watcher keeps.
func TestWatcherForgetsTheLightest(t *testing.T) {
	facts := changed(20000, 100*time.Microsecond, func(i int, f *detect.Fact) {
		halfOpen(i, f)
		if i%40 != 0 {
			f.Ends[timeline.Server] = host(i+100000, 80)
		}
	})
	found := watch(facts)
	if !slices.ContainsFunc(found, func(a detect.Across) bool { return a.Code == "syn-flood" && a.Target == host(0, 80) }) {
		t.Errorf("the flood was lost among other targets: %v", found)
	}
}

// TestWatcherAllocatesLittle asks of a flood, where each connection brings keys
// that are not kept yet, that it takes no memory for each.
func TestWatcherAllocatesLittle(t *testing.T) {
	facts := changed(10000, time.Millisecond, halfOpen)
	w := detect.NewWatcher()
	i := 0
	next := func() {
		w.Add(&facts[i])
		i++
	}
	for i < 5000 {
		next()
	}
	if n := testing.AllocsPerRun(4000, next); n > 0 {
		t.Errorf("%v allocations for a connection of a flood", n)
	}
}
