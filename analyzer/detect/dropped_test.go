package detect

import (
	"strings"
	"testing"
)

func TestDoubtAbsence(t *testing.T) {
	for _, code := range onAbsence {
		if Find(code) == nil {
			t.Errorf("no rule has the code %s", code)
		}
	}
	for _, c := range []struct {
		code    string
		dropped uint64
		doubted bool
	}{
		{"syn-unanswered", 0, false},
		{"syn-unanswered", 7, true},
		{"connection-refused", 7, false}, // its evidence was captured
	} {
		found := []Finding{{Code: c.code, Explanation: "It waited."}}
		doubtAbsence(&Case{Dropped: c.dropped}, found)
		if got := strings.Contains(found[0].Explanation, "dropped 7 frames"); got != c.doubted {
			t.Errorf("%s with %d dropped: %q", c.code, c.dropped, found[0].Explanation)
		}
	}
}
