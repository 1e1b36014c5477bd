package compare_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/compare"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// to is a clean connection to a port that changes have been made to.
func to(port uint16, changes ...func(*analyzer.Connection)) *analyzer.Connection {
	c := &analyzer.Connection{Start: 5e9, End: 6e9}
	c.Ends[timeline.Server] = reassembly.Endpoint{Port: port}
	c.Handshake, c.HandshakeRTT, c.Teardown, c.ClosedBy = timeline.HandshakeComplete, 20*time.Millisecond, timeline.TeardownFIN, timeline.Client
	for _, change := range changes {
		change(c)
	}
	return c
}

func reset(c *analyzer.Connection) {
	c.Teardown = timeline.TeardownReset
	c.Findings = []detect.Finding{{Code: "abortive-close"}, {Code: "abortive-close"}}
}

func rtt(d time.Duration) func(*analyzer.Connection) {
	return func(c *analyzer.Connection) { c.HandshakeRTT = d }
}

func run(t *testing.T, name string, connections ...*analyzer.Connection) *compare.Run {
	t.Helper()
	r := compare.NewRun(name)
	for _, c := range connections {
		if err := r.Connection(c); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

var tolerance = compare.Tolerance{Percent: 50, Least: 10 * time.Millisecond}

func TestCompare(t *testing.T) {
	for _, tc := range []struct {
		name          string
		before, after []*analyzer.Connection
		want          string // text without its first line
	}{
		{"same", []*analyzer.Connection{to(80), to(80)}, []*analyzer.Connection{to(80), to(80)},
			"port 80: unchanged, connections: 2\nnothing changed\n"},
		{"other ports of chance", []*analyzer.Connection{to(40000)}, []*analyzer.Connection{to(50000)},
			"ports from 32768 on: unchanged, connections: 1\nnothing changed\n"},
		{"outcome and finding", []*analyzer.Connection{to(80), to(80)}, []*analyzer.Connection{to(80), to(80, reset)}, `
port 80: connections 2 -> 2
   outcome handshake complete, teardown fin by the client: 2 -> 1
   outcome handshake complete, teardown reset by the client: 0 -> 1
   finding abortive-close: 0 -> 1
`},
		{"services", []*analyzer.Connection{to(9000), to(80), to(443)}, []*analyzer.Connection{to(443), to(80), to(8080), to(8080)}, `
port 80: unchanged, connections: 1
port 443: unchanged, connections: 1
port 8080: connections 0 -> 2, new
port 9000: connections 1 -> 0, gone
`},
		{"slower", []*analyzer.Connection{to(80)}, []*analyzer.Connection{to(80, rtt(50*time.Millisecond))}, `
port 80: connections 1 -> 1
   handshake_rtt, median: 20ms -> 50ms (+150 %)
`},
		{"slower within the tolerance", []*analyzer.Connection{to(80)}, []*analyzer.Connection{to(80, rtt(30*time.Millisecond))},
			"port 80: unchanged, connections: 1\nnothing changed\n"},
		{"slower, but by little", []*analyzer.Connection{to(80, rtt(time.Millisecond))}, []*analyzer.Connection{to(80, rtt(9*time.Millisecond))},
			"port 80: unchanged, connections: 1\nnothing changed\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := compare.Compare(run(t, "a.pcap", tc.before...), run(t, "b.pcap", tc.after...), tolerance)
			var b bytes.Buffer
			if err := d.WriteText(&b, sink.Palette{}); err != nil {
				t.Fatal(err)
			}
			want := "\"a.pcap\" -> \"b.pcap\"\n" + strings.TrimPrefix(tc.want, "\n")
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Error(diff)
			}
			if same := strings.HasSuffix(tc.want, "nothing changed\n"); d.Changed() == same {
				t.Errorf("changed: %t", d.Changed())
			}
		})
	}
}

func TestJSON(t *testing.T) {
	d := compare.Compare(run(t, "a", to(80), to(80)), run(t, "b", to(80, rtt(time.Second)), to(80, reset, rtt(time.Second))), tolerance)
	var b bytes.Buffer
	if err := d.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Services []struct {
			Name    string
			Changes []struct {
				What          string
				Before, After float64
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	last := got.Services[0].Changes[len(got.Services[0].Changes)-1]
	if got.Services[0].Name != "port 80" || last.What != "handshake_rtt" || last.Before != 0.02 || last.After != 1 {
		t.Errorf("%s", &b)
	}
}
