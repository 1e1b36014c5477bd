package sink

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// body is a page without its style and its script, which are files of their own.
func body(page []byte) []byte {
	page = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAll(page, []byte("<$1>…</$2>"))
	return regexp.MustCompile(`sha256-[^=]*=`).ReplaceAll(page, []byte("sha256-…"))
}

func TestHTMLGoldens(t *testing.T) {
	one, five := []*analyzer.Connection{finalAckLost()}, everyConnection()
	golden(t, "one.html", body(htmlOf(t, HTMLOptions{Version: "1.0"}, summaryOf(one...), one...)))
	golden(t, "five.html", body(htmlOf(t, HTMLOptions{Version: "1.0"}, summaryOf(five...), five...)))
}

// Each line of the text that is no drawing is in the page.
func TestHTMLSaysWhatTheTextSays(t *testing.T) {
	c := troubled()
	sum := summaryOf(c)
	sum.Dropped, sum.LetGo, sum.Notes = 7, 3, []string{"The clock went back."}
	sum.Damage = &analyzer.Damage{File: "cut.pcap", Offset: 9, Reason: "it ends within a record"}
	said := words(string(htmlOf(t, HTMLOptions{}, sum, c)))
	drawn := regexp.MustCompile(`^ +[-0-9]* +\d+\.\d+ | frame +seconds`) // the ladder
	label := regexp.MustCompile(`^(Likely |Check |See |client |server |  )*(\d\. )?`)
	for line := range strings.Lines(textOf(t, TextOptions{Width: 1000}, sum, c)) {
		if drawn.MatchString(line) || strings.Contains(line, " → ") {
			continue
		}
		for part := range strings.SplitSeq(strings.TrimSpace(line), "   ") {
			part = label.ReplaceAllString(strings.TrimSpace(part), "")
			if part = strings.Join(strings.Fields(part), " "); !strings.Contains(said, part) {
				t.Errorf("the page lacks %q", part)
			}
		}
	}
}

// words is the text of a page.
func words(page string) string {
	page = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))
	return strings.NewReplacer(" ,", ",", " )", ")").Replace(strings.Join(strings.Fields(page), " "))
}

// However many connections there are, what is kept does not grow, and what is rare is
// not crowded out.
func TestHTMLKeepsBoundedMemory(t *testing.T) {
	var out bytes.Buffer
	h := NewHTML(&out, HTMLOptions{Top: 10}).(*htmlSink)
	const n = 3 * htmlRows
	for i := range n {
		c := refused()
		if i == n-5 {
			c = clean()
		}
		c.ID = i + 1
		if err := h.Connection(c); err != nil {
			t.Fatal(err)
		}
	}
	whole := 0
	for _, p := range h.picks.best {
		if p.whole != nil {
			whole++
		}
	}
	if len(h.picks.best) != htmlRows || whole != 10 {
		t.Errorf("kept %d rows, %d whole", len(h.picks.best), whole)
	}
	if err := h.End(&analyzer.Summary{Frames: n, Connections: n}); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{"2,000 of 6,000 are listed", "10 of 6,000 are shown", fmt.Sprintf(`id="c%d"`, n-4), `id="c9"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, `id="c10"`) || strings.Count(page, `"><td data-v=`) != htmlRows {
		t.Errorf("the page has more than it says")
	}
}

func TestHTMLOfOneConnection(t *testing.T) {
	cs := many(30)
	page := string(htmlOf(t, HTMLOptions{Connection: 7}, summaryOf(cs...), cs...))
	if strings.Count(page, "<details class=\"connection") != 1 || !strings.Contains(page, `id="c7" open`) {
		t.Error("the connection asked for is not shown, or not alone")
	}
	page = string(htmlOf(t, HTMLOptions{Connection: 77}, summaryOf(cs...), cs...))
	if !strings.Contains(page, "no connection #77") {
		t.Error("nothing is said of a connection that is not there")
	}
}
