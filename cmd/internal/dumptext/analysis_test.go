package dumptext

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// untold are the captures, by how they are printed, of which a text tells another story
// for what it leaves out.
var untold = map[string][]string{
	"-nvv -tt --nano": nil,
	// Without -vv a bare ACK has no sequence number: nothing tells a keep-alive probe
	// from the answer to another one, or from the answer to a SYN that was not captured.
	"-nv -tt --nano": {"keepalive_idle_long", "old_dup_syn_established"},
	// Without -v there is no IP identification, which tells who counts packets and who
	// forges them, and copies from repetitions.
	"-n -tt --nano": {
		"keepalive_idle_long", "old_dup_syn_established",
		"forged_rst_both", "duplicated_packets", "random_loss_1", "middle_vantage_loss_after",
	},
}

// byPayload are findings that compare bytes, which no text has.
var byPayload = []string{"overlap-conflict"}

// TestAnalysisOfTcpdump compares what is found in captures with what is found in the
// text that tcpdump prints of them: handshake, states of both ends, teardown, findings.
// Of scenarios, which are many and odd, only with the text that has all numbers.
func TestAnalysisOfTcpdump(t *testing.T) {
	for _, s := range samples(t) {
		want := explain(t, &memory{s.frames})
		for flags, different := range untold {
			listed := slices.ContainsFunc(different, func(name string) bool { return strings.Contains(s.name, name) })
			if listed || !s.real && !strings.HasPrefix(flags, "-nvv") {
				continue
			}
			got := explain(t, reader(t, tcpdump(t, flags, s.pcap(t))))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, tcpdump %s (-capture +text):\n%s", s.name, flags, diff)
			}
		}
	}
}

// explain returns a line per connection.
func explain(t *testing.T, source source) collector {
	t.Helper()
	var lines collector
	a := analyzer.New(analyzer.Config{}, &lines)
	for {
		var f reassembly.Frame
		err := source.Next(&f)
		if err == io.EOF {
			break
		}
		if err == nil {
			err = a.Feed(&f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// collector is a handler that describes each connection in a line.
type collector []string

func (*collector) Segment(*analyzer.Segment) error { return nil }

func (l *collector) Connection(c *analyzer.Connection) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%v > %v %v %v", c.Ends[0], c.Ends[1], c.Handshake, c.Teardown)
	for _, side := range [...]timeline.Side{timeline.Client, timeline.Server} {
		fmt.Fprintf(&b, " %v:", side)
		for _, tr := range c.States[side] {
			fmt.Fprintf(&b, " %v", tr.State)
		}
	}
	for _, f := range c.Findings {
		if !slices.Contains(byPayload, f.Code) {
			fmt.Fprintf(&b, " %s", f.Code)
		}
	}
	*l = append(*l, b.String())
	return nil
}
