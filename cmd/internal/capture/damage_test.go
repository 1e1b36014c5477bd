package capture

import (
	"errors"
	"slices"
	"testing"
)

// A capture that is cut off at any byte gives all frames that are whole, then says
// that it is cut and where; between two records or blocks nothing is missing.
func TestCutAnywhere(t *testing.T) {
	captures := frames(3)
	captures["sections"] = everything(little)
	captures["nanoseconds"] = join(pcapHeader(big, 0xa1b23c4d, 4, 65535, 276), pcapRecord(big, 3, 5, 4, 60, "abcd"), pcapRecord(big, 4, 5, 4, 60, "efgh"))
	for name, capture := range captures {
		whole, err := readAll(t, capture)
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for n := range capture {
			got, err := readAll(t, capture[:n])
			var damage *DamageError
			switch isDamage := errors.As(err, &damage); {
			case err != nil && !isDamage && n >= 4:
				t.Errorf("%s cut at %d: %v, which is no damage", name, n, err)
			case isDamage && damage.Offset > int64(n):
				t.Errorf("%s cut at %d: damage is said to be at %d", name, n, damage.Offset)
			}
			if len(got) < last || !slices.Equal(got, whole[:len(got)]) {
				t.Errorf("%s cut at %d: frames %v", name, n, got)
			}
			last = len(got)
		}
		if last < len(whole)-1 {
			t.Errorf("%s without its last byte has %d frames of %d", name, last, len(whole))
		}
	}
}
