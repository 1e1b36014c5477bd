package sink

import (
	"strings"
	"testing"
)

// TestExcerpt: the rows around the frames, and how many are left out elsewhere.
func TestExcerpt(t *testing.T) {
	c := finalAckLost()
	for _, tc := range []struct {
		frames      []int
		has, hasNot []string
	}{
		{[]int{13, 14}, []string{"3 more lines", "    10 ", "still LAST_ACK", "again", "CLOSED?"}, []string{"SYN_SENT"}},
		{[]int{3}, []string{"SYN_SENT", "more lines"}, []string{"LAST_ACK"}},
		{[]int{7}, []string{"(4 segments)"}, nil}, // within a run
		{nil, []string{"10 more lines"}, []string{"SYN_SENT"}},
	} {
		var b strings.Builder
		if err := WriteExcerpt(&b, c, tc.frames, TextOptions{Width: 100}); err != nil {
			t.Fatal(err)
		}
		for _, want := range tc.has {
			if !strings.Contains(b.String(), want) {
				t.Errorf("around %v: %q is missing in\n%s", tc.frames, want, &b)
			}
		}
		for _, bad := range tc.hasNot {
			if strings.Contains(b.String(), bad) {
				t.Errorf("around %v: %q is there:\n%s", tc.frames, bad, &b)
			}
		}
	}
}
