package sink

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func TestGroupsSayWhereTheyAre(t *testing.T) {
	to := func(last byte, n int) []*story {
		stories := make([]*story, n)
		for i := range stories {
			stories[i] = &story{*refused()}
			stories[i].Ends[server] = reassembly.EndpointFrom(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, last}), 443))
		}
		return stories
	}
	spread := to(1, 1)
	for i := range maxTargets {
		spread = append(spread, to(byte(i+2), 1)...)
	}
	for _, tt := range []struct {
		name    string
		stories []*story
		want    string
	}{
		{"one server", to(5, 214), "on 214 connections to 10.0.0.5:443, first in frame 18"},
		{"one", to(5, 1), "in #1, frames 18 and 19"},
		{"most to one", append(to(5, 3), to(6, 2)...), "on 5 connections, 3 of them to 10.0.0.5:443, first in frame 18"},
		{"no majority", append(to(5, 2), to(6, 2)...), "on 4 connections, first in frame 18"},
		{"too many servers", append(spread, to(5, 200)...), "on 265 connections, first in frame 18"},
	} {
		tally := newTally()
		for i, s := range tt.stories {
			s.ID = i + 1
			tally.add(&s.Connection)
		}
		if got := tally.findings["connection-refused"].where(oneFile{}); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestTextLeavesOutWhatIsExplained asks for one explanation where a finding over all
// connections says what each of theirs would, and for theirs where it does not.
func TestTextLeavesOutWhatIsExplained(t *testing.T) {
	var cs []*analyzer.Connection
	for id := range listed {
		c := refused()
		c.ID = id + 1
		cs = append(cs, c)
	}
	about := func(code string, whom reassembly.Endpoint) detect.Across {
		return detect.Across{Finding: detect.Finding{Code: code, Severity: detect.Warning, Frames: []int{1}}, Target: whom}
	}
	client, server := cs[0].Ends[client], cs[0].Ends[server]
	for _, tt := range []struct {
		name string
		by   detect.Across
		part bool
	}{
		{"a scan by their client", about("port-scan", reassembly.Endpoint{IP: client.IP}), true},
		{"a scan by another", about("port-scan", reassembly.Endpoint{IP: server.IP}), false},
		{"a flood of their server, which refuses nobody", about("syn-flood", server), false},
	} {
		sum := summaryOf(cs...)
		sum.Across = []detect.Across{tt.by}
		text := textOf(t, TextOptions{}, sum, cs...)
		if strings.Contains(text, "part of the port-scan") != tt.part || strings.Contains(text, cs[0].Findings[0].Checks[0]) == tt.part {
			t.Errorf("%s:\n%s", tt.name, text)
		}
	}
}
