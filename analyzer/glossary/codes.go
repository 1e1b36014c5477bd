package glossary

import (
	"slices"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// codeEntries are the documents of the detectors, with the words of this
// glossary that their texts use.
func codeEntries() []Entry {
	words, terms := append(stateEntries(), errnoEntries()...), termEntries()
	var out []Entry
	for _, r := range detect.Rules() {
		e := Entry{Kind: Code, Name: r.Code, Label: "finding, " + r.Severity.String(), Title: r.Title, Text: r.Text, Refs: r.Refs}
		if len(r.Swallows) > 0 {
			e.Parts = []Part{{"Instead of", strings.Join(r.Swallows, ", ") + ": what it explains is not told beside it."}}
		}
		for _, w := range words {
			if strings.Contains(r.Text, w.Name) {
				e.See = append(e.See, w.Name)
			}
		}
		for _, t := range terms {
			if slices.Contains(t.See, r.Code) {
				e.See = append(e.See, t.Name)
			}
		}
		out = append(out, e)
	}
	return out
}
