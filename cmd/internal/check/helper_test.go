package check_test

import (
	"errors"
	"io"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

const captures = "../../../testdata/pcap/"

// Two connections of whom one is clean and one is not, but both end well.
const (
	clean = "half_close_client-client.pcap.gz"
	lossy = "final_ack_lost-client.pcap"
)

// noFindings is a severity that no finding reaches.
const noFindings = detect.Error + 1

// replay hands a capture of testdata/pcap to out.
func replay(t *testing.T, name string, out sink.Sink) {
	t.Helper()
	source, err := capture.Open(captures + name)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	a := analyzer.New(analyzer.Config{}, out)
	var frame reassembly.Frame
	for {
		err := source.Next(&frame)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = a.Feed(&frame)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	summary, err := a.Close()
	if err == nil {
		err = out.End(summary)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// judge checks a capture of testdata/pcap.
func judge(t *testing.T, name string, o check.Options) *check.Report {
	t.Helper()
	c := check.NewChecker(o)
	replay(t, name, c)
	return c.Report()
}

// expect loads rules; text is what follows "rules:".
func expect(t *testing.T, rules string) *check.Expectations {
	t.Helper()
	e, err := check.Load("expect.yaml", []byte("version: 1\nrules:\n"+rules))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// failures returns the problems that fail a check, by the ID of their result.
func failures(r *check.Report) map[string]*check.Problem {
	all := map[string]*check.Problem{}
	for _, result := range r.Results {
		for _, p := range result.Problems {
			if p.Fails() {
				all[result.ID] = p
			}
		}
	}
	return all
}
