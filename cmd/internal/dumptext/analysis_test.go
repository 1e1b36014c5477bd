package dumptext

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// untold are the captures of which a text tells another story, by what it leaves out.
var untold = map[string][]string{
	// Without -vv a bare ACK has no sequence number: nothing tells that the second ACK
	// of close_simultaneous_fin_lost… stands behind a FIN, which keep-alive answers are
	// challenges, and which bare ACKs that nothing called for are keep-alive probes.
	"-n -tt --nano": {
		"close_simultaneous_fin_lost_before_capture.txtar", "keepalive_idle_long", "old_dup_syn_established",
		"data_unanswered_then_no_socket.txtar",
		// Without -v there is no IP identification: it tells who counts packets and who
		// forges them, and copies from repetitions.
		"forged_rst_both", "reset_forged_middlebox.txtar", "idle_drop_reset.txtar",
		"duplicated_packets", "random_loss_1", "middle_vantage_loss_after",
	},
	"-nv -tt --nano": {
		"close_simultaneous_fin_lost_before_capture.txtar", "keepalive_idle_long", "old_dup_syn_established",
		"data_unanswered_then_no_socket.txtar",
	},
	"-nvv -tt --nano": nil,
}

// TestAnalysisOfTcpdump compares what is found in captures with what is found in the
// text that tcpdump prints of them: handshake, states of both ends, teardown, findings.
func TestAnalysisOfTcpdump(t *testing.T) {
	for _, s := range samples(t) {
		want := explain(t, &memory{s.frames})
		for flags, different := range untold {
			got := explain(t, reader(t, tcpdump(t, flags, s.pcap(t))))
			listed := false
			for _, name := range different {
				listed = listed || strings.Contains(s.name, name)
			}
			if diff := cmp.Diff(want, got); diff != "" && !listed {
				t.Errorf("%s, tcpdump %s (-capture +text):\n%s", filepath.Base(s.name), flags, diff)
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
		fmt.Fprintf(&b, " %s", f.Code)
	}
	*l = append(*l, b.String())
	return nil
}
