package sink

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// twoFiles is a set: frames up to 12 are from a.pcap, the others from b.pcap. Somebody
// has commented frame 13, and not with friendly intent.
type twoFiles struct{}

func (twoFiles) Place(number int) (string, int) {
	if number <= 12 {
		return "a.pcap", number
	}
	return "b.pcap", number - 12
}

func (twoFiles) Comment(number int) string {
	if number == 13 {
		return "look at this " + hostile
	}
	return ""
}

// setSummary is the summary of a report on twoFiles.
func setSummary(cs ...*analyzer.Connection) *analyzer.Summary {
	sum := summaryOf(cs...)
	sum.Files = []string{"/captures/a.pcap", "/captures/b.pcap"}
	sum.Interfaces = []string{"eth0", "any"}
	sum.Notes = []string{"a.pcap and b.pcap overlap by 3s: merged by time."}
	sum.Dropped = 7
	sum.Inputs = []analyzer.Input{
		{File: "/captures/a.pcap", Name: "a.pcap", Frames: 12, FirstFrame: 1, LastFrame: 12, Start: epoch, End: when(0.4)},
		{File: "/captures/b.pcap", Name: "b.pcap", Frames: 2, FirstFrame: 13, LastFrame: 15, Start: when(0.4), End: when(0.63)},
	}
	return sum
}

// A set of files as text: each file with its frames, and where a frame is found.
func TestTextOfSet(t *testing.T) {
	var out bytes.Buffer
	s := NewText(&out, TextOptions{Width: 100, Frames: twoFiles{}})
	if err := play(s, setSummary(finalAckLost()), finalAckLost()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"a.pcap, b.pcap: 15 frames, 1 TCP connection, 0.63 s, captured near the client, on eth0 and any\n",
		"\n a.pcap  frames 1-12, 10:32:40.886341 to 10:32:41.286341\n",
		"\n b.pcap  2 of the frames 13-15, 10:32:41.286341 to 10:32:41.516341\n",
		"\n Files: frames 3-12 are a.pcap#3-12, 13-15 are b.pcap#1-3.\n",
		"\n Frame 13 has the comment: look at this ",
		"(warning, server), frames 13 and 14 (b.pcap#1, #2)\n",
		"\na.pcap and b.pcap overlap by 3s: merged by time.\n",
		"The capturing host dropped 7 frames: what seems never to have come may only not have been captured.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, &out)
		}
	}
}

func TestJSONOfSet(t *testing.T) {
	var out bytes.Buffer
	if err := play(NewJSON(&out, JSONOptions{Frames: twoFiles{}}), setSummary(finalAckLost()), finalAckLost()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"frame":12,`, `"file":"a.pcap","file_frame":12}`, `"file":"b.pcap","file_frame":1,"comment":"look at this `,
		`"frames":[13,14],"places":[{"file":"b.pcap","frame":1},{"file":"b.pcap","frame":2}],`,
		`"interfaces":["eth0","any"],"notes":["a.pcap and b.pcap overlap by 3s: merged by time."],"inputs":[{"file":"/captures/a.pcap","name":"a.pcap",` +
			`"frames":12,"first_frame":1,"last_frame":12,"start":"2026-11-20T10:32:40.886341457Z","end":"2026-11-20T10:32:41.286341457Z"},`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in:\n%s", want, &out)
		}
	}
}

func TestStretches(t *testing.T) {
	var got []string
	for _, s := range stretches(twoFiles{}, []int{3, 3, 5, 9, 14, 14}) {
		got = append(got, s.String())
	}
	if diff := cmp.Diff([]string{"3-9 are a.pcap#3-9", "14 is b.pcap#2"}, got); diff != "" {
		t.Error(diff)
	}
	if got := stretches(oneFile{}, []int{1, 2}); got != nil {
		t.Errorf("one file has %v", got)
	}
}

func TestTitle(t *testing.T) {
	for want, files := range map[string][]string{
		"capture": nil, "a.pcap": {"/x/a.pcap"}, "a, b, c": {"a", "b", "c"}, "a … d (4 files)": {"a", "b", "c", "d"},
	} {
		if got := title(files); got != want {
			t.Errorf("%q: %s, want %s", files, got, want)
		}
	}
}
