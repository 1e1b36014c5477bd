package check

import (
	"reflect"
	"slices"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// words returns what a field can be, nil when it can be anything. The name alone
// tells: no two fields share one and mean different things.
func words(field string) []string {
	switch field {
	case "handshake":
		return named(timeline.HandshakeIncomplete, timeline.HandshakeNotCaptured)
	case "teardown":
		return named(timeline.TeardownNone, timeline.TeardownTimeout)
	case "last", "all":
		return named(tcpstate.Unknown, tcpstate.TimeWait)
	case "closed_by", "endpoint":
		return named(timeline.Client, timeline.Server)
	case "worst":
		return named(detect.NoteLevel, detect.Error)
	case "severity":
		return named(detect.Capture, detect.Error)
	case "roles":
		return []string{"observed", "guessed"}
	case "findings", "code":
		return codes(func(r *detect.Rule) bool { return true })
	case "capture":
		return codes(func(r *detect.Rule) bool { return r.Severity == detect.Capture })
	}
	return nil
}

// named returns the names of the values from first to last.
func named[T interface {
	~uint8
	String() string
}](first, last T) []string {
	var names []string
	for v := first; v <= last; v++ {
		names = append(names, v.String())
	}
	return names
}

func codes(which func(*detect.Rule) bool) []string {
	var names []string
	for _, r := range detect.Rules() {
		if which(r) {
			names = append(names, r.Code)
		}
	}
	return names
}

// fields returns the names of the fields of t, and of all structs within, by the
// name of their type; "" has those of t itself.
func fields(t reflect.Type) map[string][]string {
	all := map[string][]string{}
	gather(t, all)
	all[""] = all[t.String()]
	return all
}

func gather(t reflect.Type, all map[string][]string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || all[t.String()] != nil {
		return
	}
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("expr"); name != "" {
			all[t.String()] = append(all[t.String()], name)
			gather(t.Field(i).Type, all)
		}
	}
}

// didYouMean names the candidate nearest to word, or all when none is near.
func didYouMean(word string, candidates []string) string {
	if len(candidates) == 0 {
		return "there are none"
	}
	best, least := "", len(word)/2+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "there are " + strings.Join(slices.Sorted(slices.Values(candidates)), ", ")
}

// distance is how many letters must be changed, put in or taken out to make the
// one of the other (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
