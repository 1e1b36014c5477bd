package analyzer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// flood is a connection that exchanges data, and then SYNs from many sources.
func flood(t *testing.T, sources int) string {
	t.Helper()
	var b strings.Builder
	for i := range sources {
		fmt.Fprintf(&b, "conn f%d 203.0.113.%d:%d 192.0.2.2:80\n", i, 1+i%200, 1024+i)
	}
	b.WriteString(open)
	for i := range sources {
		fmt.Fprintf(&b, "f%d: +0.0001 C> S 0:0(0)\n", i)
	}
	return b.String()
}

// TestLetGo: a flood costs no more than the bound, and does not push out what is open.
func TestLetGo(t *testing.T) {
	const bound = 64
	var w verdicts
	a := analyzer.New(analyzer.Config{Live: true, MaxConnections: bound}, &w)
	frames := script(t, flood(t, 500))
	most := 0
	for i := range frames {
		if err := a.Feed(&frames[i]); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, k := range a.Gauges().States {
			n += k
		}
		most = max(most, n)
	}
	if most > bound {
		t.Errorf("%d connections were followed at a time, the bound is %d", most, bound)
	}
	if n := a.Gauges().States[[2]string{"ESTABLISHED", "ESTABLISHED"}]; n != 1 {
		t.Error("the open connection was let go")
	}
	sum, err := a.Close()
	if err != nil {
		t.Fatal(err)
	}
	if sum.Connections != 501 || len(w) != 501 || sum.LetGo < 501-bound {
		t.Errorf("%d connections, %d reported, %d let go", sum.Connections, len(w), sum.LetGo)
	}
	if want := "let go to make room: client SYN_SENT, server without a trace"; w[0] != want {
		t.Errorf("the first let go: %q, want %q", w[0], want)
	}
}

// TestLetGoForgets: connections that were refused and let go leave nothing behind.
func TestLetGoForgets(t *testing.T) {
	const bound = 64
	var b strings.Builder
	for i := range 20 * bound {
		fmt.Fprintf(&b, "conn f%d 203.0.113.%d:%d 192.0.2.2:80\n", i, 1+i%200, 1024+i)
	}
	for i := range 20 * bound {
		fmt.Fprintf(&b, "f%d: +0.0001 C> S 0:0(0)\nf%d: +0.0001 S> R. 0:0(0) ack 1\n", i, i)
	}
	a := analyzer.New(analyzer.Config{Live: true, MaxConnections: bound}, new(verdicts))
	frames := script(t, b.String())
	for i := range frames {
		if err := a.Feed(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if n := a.Deadlines(); n > 4*bound {
		t.Errorf("%d deadlines are remembered of at most %d connections", n, bound)
	}
}

// ended keeps what is told of connections.
type ended []analyzer.Connection

func (e *ended) Segment(*analyzer.Segment) error { return nil }

func (e *ended) Connection(c *analyzer.Connection) error {
	*e = append(*e, *c.Clone())
	return nil
}

// TestLetGoOn: what still comes of a connection that was let go is known as that, and
// its client as the client, whatever the ports say. Neither report blames the capture.
func TestLetGoOn(t *testing.T) {
	var got ended
	a := analyzer.New(analyzer.Config{Live: true}, &got)
	frames := script(t, "client 192.0.2.1:50\nserver 192.0.2.2:9000\n"+flow)
	for i := range frames {
		if i == len(frames)-3 {
			if err := a.LetGo(1); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Feed(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("%d reports, want one of each part", len(got))
	}
	for i, want := range []struct{ code, summary string }{
		{"not-closed", "when it was let go to make room: client ESTABLISHED, server ESTABLISHED"},
		{"mid-stream", "connection 1 goes on here, which was let go to make room"},
	} {
		c := &got[i]
		k := slices.IndexFunc(c.Findings, func(f detect.Finding) bool { return f.Code == want.code })
		if k < 0 || c.Findings[k].Summary != want.summary {
			t.Errorf("no %s with %q in %+v", want.code, want.summary, c.Findings)
		}
		if c.Guessed || c.Ends[timeline.Client].Port != 50 {
			t.Errorf("the client is %v, guessed: %t", c.Ends[timeline.Client], c.Guessed)
		}
	}
}
