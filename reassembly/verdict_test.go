package reassembly

import "testing"

// TestVerdictNames keeps the reasons apart: they are counted by name.
func TestVerdictNames(t *testing.T) {
	seen := make(map[string]Verdict)
	for v := undecided; v <= UnknownLinkType; v++ {
		name := v.String()
		if other, ok := seen[name]; ok || name == "" {
			t.Errorf("verdicts %d and %d are both called %q", other, v, name)
		}
		seen[name] = v
	}
}
