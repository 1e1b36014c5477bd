package sink

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func textOf(t *testing.T, o TextOptions, sum *analyzer.Summary, cs ...*analyzer.Connection) string {
	t.Helper()
	var out bytes.Buffer
	if err := play(NewText(&out, o), sum, cs...); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTextGoldens(t *testing.T) {
	lost := []*analyzer.Connection{finalAckLost()}
	three := []*analyzer.Connection{refused(), halfOpen(), troubled()}
	for _, tt := range []struct {
		name string
		o    TextOptions
		cs   []*analyzer.Connection
	}{
		{"one_80.txt", TextOptions{Width: 80}, lost},
		{"one_120.txt", TextOptions{Width: 120}, lost},
		{"one_60_ascii.txt", TextOptions{Width: 60, ASCII: true}, lost},
		{"one_120_verbose.txt", TextOptions{Width: 120, Verbose: 1}, lost},
		{"three_80.txt", TextOptions{Width: 80}, three},
		{"five_120.txt", TextOptions{Width: 120}, everyConnection()},
		{"many_80.txt", TextOptions{Width: 80}, many(1234)},
		{"selected_80.txt", TextOptions{Width: 80, Connection: 602}, many(1234)},
	} {
		golden(t, tt.name, []byte(textOf(t, tt.o, summaryOf(tt.cs...), tt.cs...)))
	}
}

func TestTextWithoutConnections(t *testing.T) {
	sum := summaryOf()
	sum.Skipped = map[string]int{"not IP": 3, "not TCP": 12}
	got := textOf(t, TextOptions{}, sum)
	for _, want := range []string{"15 frames, no TCP connection", "12 not TCP, 3 not IP"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	if got := textOf(t, TextOptions{}, &analyzer.Summary{Files: []string{"x.pcap"}}); got != "x.pcap: empty, not a single frame\n" {
		t.Errorf("empty capture: %q", got)
	}
	if got := textOf(t, TextOptions{Connection: 9}, summaryOf(clean()), clean()); !strings.Contains(got, "no connection #9") {
		t.Errorf("a connection that is not there: %s", got)
	}
}

func TestTextTellsDamageAndDrops(t *testing.T) {
	sum := summaryOf(clean())
	sum.Dropped = 1234
	sum.Damage = &analyzer.Damage{File: "cut.pcap", Offset: 4096, Reason: "the file ends within a record"}
	got := strings.Join(strings.Fields(textOf(t, TextOptions{}, sum, clean())), " ")
	for _, want := range []string{"dropped 1,234 frames", "!! cut.pcap cannot be read beyond byte 4096: the file ends within a record."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

// Only commands to paste, and addresses and codes that cannot be broken, are
// ever wider than the terminal.
func TestTextKeepsToTheWidth(t *testing.T) {
	for _, o := range []TextOptions{{Width: 80}, {Width: 100}, {Width: 120}, {Width: 80, ASCII: true}, {Width: 80, Verbose: 1}} {
		for _, cs := range [][]*analyzer.Connection{{finalAckLost()}, {refused(), halfOpen(), troubled()}, many(30)} {
			for line := range strings.Lines(textOf(t, o, summaryOf(cs...), cs...)) {
				line = strings.TrimSuffix(line, "\n")
				if n := utf8.RuneCountInString(line); n > o.Width {
					t.Errorf("%d columns at width %d: %s", n, o.Width, line)
				}
				if strings.HasSuffix(line, " ") {
					t.Errorf("blank at the end of %q", line)
				}
			}
		}
	}
}

func TestTextASCII(t *testing.T) {
	got := textOf(t, TextOptions{ASCII: true}, summaryOf(everyConnection()...), everyConnection()...)
	got += textOf(t, TextOptions{ASCII: true}, summaryOf(troubled()), troubled())
	for i, r := range got {
		if r > '~' {
			t.Fatalf("%q in %q", r, got[max(0, i-40):i+4])
		}
	}
}

// oneCell are the characters beyond ASCII that text is drawn with.
const oneCell = "─►◄✗⊘→←§µ"

func TestTextDrawsWithKnownCharacters(t *testing.T) {
	got := textOf(t, TextOptions{}, summaryOf(finalAckLost(), troubled()), finalAckLost(), troubled())
	for _, r := range got {
		if r > '~' && !strings.ContainsRune(oneCell, r) {
			t.Errorf("%q (%U) is not known to be one cell wide", r, r)
		}
	}
}

// However many connections and servers there are, what is kept does not grow.
func TestTextKeepsBoundedMemory(t *testing.T) {
	s := NewText(new(bytes.Buffer), TextOptions{}).(*textSink)
	c := refused()
	for i := range 3 * maxServices {
		c.ID = i + 1
		c.Ends[server] = reassembly.EndpointFrom(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), uint16(i%100)))
		if err := s.Connection(c); err != nil {
			t.Fatal(err)
		}
	}
	g := s.tally.findings["connection-refused"]
	if len(s.whole) != few || len(s.tally.worst) != listed || s.tally.services != nil || len(s.tally.ports) != 100 ||
		len(g.examples) != examples || g.connections != 3*maxServices {
		t.Errorf("kept %d whole, %d listed, %d servers, %d ports, %d of %d examples", len(s.whole), len(s.tally.worst),
			len(s.tally.services), len(s.tally.ports), len(g.examples), g.connections)
	}
}

func TestWorstComeFirst(t *testing.T) {
	tally := newTally()
	for i, c := range []*analyzer.Connection{clean(), finalAckLost(), refused(), clean(), halfOpen(), troubled()} {
		c.ID = i + 1
		tally.add(c)
	}
	var order []int
	for _, e := range tally.worst {
		order = append(order, e.id)
	}
	if got := fmt.Sprint(order); got != "[3 5 2 6 1 4]" {
		t.Errorf("order %s", got)
	}
}

func TestSeveritiesHaveSigns(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []detect.Severity{detect.NoteLevel, detect.Warning, detect.Error} {
		if sign(s) == "" || seen[sign(s)] {
			t.Errorf("%s has the sign %q", s, sign(s))
		}
		seen[sign(s)] = true
	}
}

func TestOutcomesHaveWords(t *testing.T) {
	for h := timeline.HandshakeIncomplete; h <= timeline.HandshakeNotCaptured; h++ {
		for d := timeline.TeardownNone; d <= timeline.TeardownTimeout; d++ {
			if text := (outcome{h, d}).String(); strings.HasPrefix(text, ",") || strings.HasSuffix(text, ", ") {
				t.Errorf("%s, %s: %q", h, d, text)
			}
		}
	}
}
