package sink

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/glossary"
)

// TestGlossaryFits: every entry fits the width, but for the commands to paste,
// and can be said in ASCII without a character escaped.
func TestGlossaryFits(t *testing.T) {
	const width = 72
	for _, e := range glossary.Entries() {
		var text bytes.Buffer
		if err := WriteEntries(&text, []glossary.Entry{e}, TextOptions{Width: width, ASCII: true}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			line = strings.TrimSuffix(line, "\n")
			if len(line) > width && !isCheck(&e, line) {
				t.Errorf("%s: %d columns: %s", e.Name, len(line), line)
			}
			if utf8.RuneCountInString(line) != len(line) || strings.Contains(line, `\u`) {
				t.Errorf("%s is not ASCII: %s", e.Name, line)
			}
		}
	}
}

func isCheck(e *glossary.Entry, line string) bool {
	for _, check := range e.Check {
		if strings.HasSuffix(line, check) {
			return true
		}
	}
	return false
}

func TestGlossaryEntry(t *testing.T) {
	var text bytes.Buffer
	entries := []glossary.Entry{{
		Name: "LOST", Label: "term", Title: "gone on the way", Text: "Nobody has it.", Myth: "It comes back.",
		Parts: []glossary.Part{{Label: "Wire", Text: "Nothing of it."}},
		Check: []string{"ss -t", "nstat"}, Refs: []string{"RFC 1", "ss(8)"}, See: []string{"FIN"},
	}}
	if err := WriteEntries(&text, entries, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	want := `LOST (term)
   gone on the way

   Nobody has it.
   Wire       Nothing of it.
   Myth       It comes back.
   Check      ss -t
              nstat
   See        RFC 1, ss(8)
   Related    FIN
`
	if got := text.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
