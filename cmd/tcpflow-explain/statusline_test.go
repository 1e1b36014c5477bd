package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// TestStatusLine: lines go above the status; without one nothing but lines is written.
func TestStatusLine(t *testing.T) {
	var out bytes.Buffer
	s := &statusLine{Writer: &out}
	s.Write([]byte("one\n"))
	s.show("[1 open]")
	s.show("[1 open]") // is there already
	s.Write([]byte("two\n"))
	s.show("")
	s.Write([]byte("three\n"))
	want := "one\n" + "\r\x1b[K[1 open]" + "\r\x1b[Ktwo\n[1 open]" + "\r\x1b[K" + "three\n"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStatusWords(t *testing.T) {
	g := analyzer.Gauges{States: map[[2]string]int{
		{"ESTABLISHED", "ESTABLISHED"}: 9, {"FIN_WAIT_2", "CLOSE_WAIT"}: 2, {"SYN_SENT", ""}: 2,
	}}
	want := "[13 open: 9 ESTABLISHED, 2 FIN_WAIT_2/CLOSE_WAIT, 2 SYN_SENT/unknown] 40 segments/s, 3 dropped"
	if got := statusWords(g, 40, 3, 200); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := statusWords(g, 40, 3, 30); len(got) != 29 || !strings.HasPrefix(want, got) {
		t.Errorf("in 30 columns: %q", got)
	}
}

func TestLoopback(t *testing.T) {
	for said, want := range map[string]string{"9100": "127.0.0.1:9100", ":9100": "127.0.0.1:9100", "0.0.0.0:9100": "0.0.0.0:9100", "[::]:9100": "[::]:9100"} {
		if got := loopback(said); got != want {
			t.Errorf("%s: %s, want %s", said, got, want)
		}
	}
}
