package sink

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func jsonOf(t *testing.T, cs ...*analyzer.Connection) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	if err := play(NewJSON(&out, JSONOptions{}), summaryOf(cs...), cs...); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for line := range strings.Lines(out.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, v)
	}
	return lines
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	if err := play(NewJSON(&out, JSONOptions{}), summaryOf(everyConnection()...), everyConnection()...); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.ndjson", out.Bytes())
}

func TestJSONLinesComeInOrder(t *testing.T) {
	var kinds []string
	for _, line := range jsonOf(t, refused(), clean()) {
		kinds = append(kinds, line["type"].(string))
	}
	want := []string{"segment", "segment", "connection", "segment", "segment", "segment", "connection", "summary"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
}

// What is absent, what is null and what is there follows from the case.
func TestJSONNullsAndAbsences(t *testing.T) {
	half := jsonOf(t, halfOpen())[4]
	states := half["states"].(map[string]any)["server"].([]any)
	confirmed, timer := states[0].(map[string]any), states[1].(map[string]any)
	if confirmed["confirmed_by"] != 21.0 || confirmed["frame"] != 20.0 {
		t.Errorf("confirmed transition: %v", confirmed)
	}
	if _, ok := timer["frame"]; ok || timer["basis"] != "timer" {
		t.Errorf("timer transition has a frame: %v", timer)
	}
	for _, name := range []string{"handshake_rtt", "closed_by"} {
		if v, ok := half[name]; !ok || v != nil {
			t.Errorf("%s = %v, want null", name, v)
		}
	}
	both := clean()
	both.App[server].Connect = "ok" // a simultaneous open
	for _, tt := range []struct {
		c    *analyzer.Connection
		want map[string]any
	}{
		{refused(), map[string]any{
			"client": map[string]any{"connect": "ECONNREFUSED", "eof": false, "error": "ECONNREFUSED"},
			"server": map[string]any{"accept": false, "eof": false, "error": nil}}},
		{both, map[string]any{
			"client": map[string]any{"connect": "ok", "eof": false, "error": nil},
			"server": map[string]any{"connect": "ok", "accept": true, "eof": false, "error": nil}}},
	} {
		lines := jsonOf(t, tt.c)
		if diff := cmp.Diff(tt.want, lines[len(lines)-2]["app"]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestJSONSegmentNotes(t *testing.T) {
	var out bytes.Buffer
	s := NewJSON(&out, JSONOptions{Live: true})
	mark := timeline.Mark{Flags: reassembly.SYN, Notes: timeline.Retransmission | timeline.KeepAlive, Fate: timeline.Lost, Seq: 1 << 40}
	if err := s.Segment(&analyzer.Segment{Connection: 7, Mark: mark, Codes: []string{"retransmission", "idle-drop"}}); err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"segment","schema":1,"connection":7,"frame":0,"time":"1970-01-01T00:00:00.000000Z","from":"client",` +
		`"flags":"SYN","seq":1099511627776,"ack":null,"len":0,"window":0,"client":null,"server":null,` +
		`"notes":["keepalive","lost","retransmission","idle-drop"]}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestLineNumbers(t *testing.T) {
	for _, tt := range []struct {
		put  func(line, int64) line
		v    int64
		want string
	}{
		{durations, 0, "0"},
		{durations, 12_300_000, "0.0123"},
		{durations, 60e9, "60"},
		{durations, 1, "0.000000001"},
		{durations, -1_500_000_000, "-1.5"},
		{moments, 0, `"1970-01-01T00:00:00.000000Z"`},
		{moments, 1_500_000_000, `"1970-01-01T00:00:01.500000Z"`},
		{moments, 1_795_170_760_886_341_457, `"2026-11-20T10:32:40.886341457Z"`},
		{moments, -1, `"1969-12-31T23:59:59.999999999Z"`},
	} {
		if got := string(tt.put(nil, tt.v)); got != tt.want {
			t.Errorf("%d: %s, want %s", tt.v, got, tt.want)
		}
	}
}

func durations(l line, v int64) line { return l.seconds("", v) }
func moments(l line, v int64) line   { return l.time("", v, new(clock)) }

func TestQuotedIsWhatWasMeant(t *testing.T) {
	for _, s := range []string{"", "plain", "§ → ►", "\u00a0", "\U0001f600", "a\"b\\c/d", "\x00\x1f\x7f", "\u0085\u009f", "\u2028"} {
		var back string
		if err := json.Unmarshal(appendQuoted(nil, s), &back); err != nil || back != s {
			t.Errorf("%q became %q (%v)", s, back, err)
		}
	}
	if got := string(appendQuoted(nil, "a\xffb\xe2\x82")); got != `"a\ufffdb\ufffd\ufffd"` {
		t.Errorf("invalid UTF-8 became %s", got)
	}
}

// Every byte is told from plain ones wherever it stands in a word of eight.
func TestQuotedBytes(t *testing.T) {
	for c := range 256 {
		for at := range 17 {
			s := strings.Repeat("a", at) + string([]byte{byte(c)}) + strings.Repeat("~", 16-at)
			got := string(appendQuoted(nil, s))
			if want := string(appendEscaped(nil, s)); got != `"`+want+`"` {
				t.Fatalf("byte %#x at %d: %s, want %s", c, at, got, want)
			}
		}
	}
}

func TestAppendInt(t *testing.T) {
	for v := int64(1); v > 0 && v < 1e18; v = v*10 - v/7 {
		for _, v := range []int64{v, v - 1, v + 1, -v} {
			if got, want := string(appendInt(nil, v)), strconv.FormatInt(v, 10); got != want {
				t.Errorf("%d became %s", v, got)
			}
		}
	}
}

func FuzzAppendQuoted(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendQuoted(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(s, ""); strings.ReplaceAll(back, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Errorf("%q became %q", s, back)
		}
	})
}

// A report of a million connections is made in one buffer.
func TestJSONDoesNotAllocate(t *testing.T) {
	s := NewJSON(io.Discard, JSONOptions{})
	cs := everyConnection()
	seg := &analyzer.Segment{Mark: cs[0].Marks[3], States: [2]string{"ESTABLISHED", "ESTABLISHED"}, Codes: []string{"retransmission"}}
	write := func() {
		for _, c := range cs {
			s.Segment(seg)
			s.Connection(c)
		}
	}
	for range 100 {
		write() // the buffer grows to its size
	}
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("%v allocations for %d connections, want none", n, len(cs))
	}
}

func TestJSONExtremes(t *testing.T) {
	c := &analyzer.Connection{ID: math.MaxInt, Start: math.MinInt64, End: math.MaxInt64}
	c.States[client] = []timeline.Transition{{State: tcpstate.Unknown, Time: math.MinInt64, Basis: timeline.MidStream}}
	jsonOf(t, c) // must be valid JSON
}
