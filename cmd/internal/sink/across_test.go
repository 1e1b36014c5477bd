package sink_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// scanned is a summary with a finding about a host and one about a port of it.
func scanned() *analyzer.Summary {
	finding := func(code string, target string) detect.Across {
		return detect.Across{
			Finding: detect.Finding{Code: code, Severity: detect.Error, Endpoint: timeline.Nobody, Frames: []int{1, 3}, Summary: "what happened"},
			Target:  reassembly.EndpointFrom(netip.MustParseAddrPort(target)),
		}
	}
	return &analyzer.Summary{Across: []detect.Across{finding("syn-flood", "[2001:db8::1]:80"), finding("port-scan", "192.0.2.7:0")}}
}

func TestJSONAcrossConnections(t *testing.T) {
	var b bytes.Buffer
	if err := sink.NewJSON(&b, sink.JSONOptions{}).End(scanned()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want two findings and the summary:\n%s", len(lines), &b)
	}
	for i, want := range []string{`{"ip":"2001:db8::1","port":80}`, `{"ip":"192.0.2.7","port":null}`} {
		var line struct {
			Type   string
			Code   string
			Target json.RawMessage
			Frames []int
		}
		if err := json.Unmarshal([]byte(lines[i]), &line); err != nil {
			t.Fatal(err)
		}
		if line.Type != "finding" || string(line.Target) != want || len(line.Frames) != 2 {
			t.Errorf("line %d is %s, want a finding about %s", i+1, lines[i], want)
		}
	}
}

func TestTextAcrossConnections(t *testing.T) {
	var b bytes.Buffer
	if err := sink.NewText(&b, sink.TextOptions{}).End(scanned()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"about [2001:db8::1]:80", "about 192.0.2.7,"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, &b)
		}
	}
}
