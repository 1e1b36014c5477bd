package reassembly

import (
	"slices"
	"testing"
)

func rangesOf(spans ...span) *Ranges {
	var r Ranges
	for _, s := range spans {
		r.Add(s.from, s.to)
	}
	return &r
}

func TestRangesAdd(t *testing.T) {
	tests := []struct {
		name     string
		from, to int64
		added    int64
		want     []span
	}{
		{"in order", 40, 50, 10, []span{{10, 20}, {30, 50}}},
		{"beyond", 50, 60, 10, []span{{10, 20}, {30, 40}, {50, 60}}},
		{"before", 0, 5, 5, []span{{0, 5}, {10, 20}, {30, 40}}},
		{"touching from below", 0, 10, 10, []span{{0, 20}, {30, 40}}},
		{"filling the gap", 20, 30, 10, []span{{10, 40}}},
		{"over the gap", 15, 35, 10, []span{{10, 40}}},
		{"over everything", 0, 50, 30, []span{{0, 50}}},
		{"in the gap", 24, 26, 2, []span{{10, 20}, {24, 26}, {30, 40}}},
		{"known", 12, 18, 0, []span{{10, 20}, {30, 40}}},
		{"empty", 25, 25, 0, []span{{10, 20}, {30, 40}}},
	}
	for _, tt := range tests {
		r := rangesOf(span{10, 20}, span{30, 40})
		if added := r.Add(tt.from, tt.to); added != tt.added || !slices.Equal(r.spans, tt.want) {
			t.Errorf("%s: %d new, %v; want %d, %v", tt.name, added, r.spans, tt.added, tt.want)
		}
	}
}

func TestRangesBound(t *testing.T) {
	var r Ranges
	for i := range int64(maxIntervals + 10) {
		if added := r.Add(10*i, 10*i+5); added != 5 {
			t.Fatalf("interval %d: %d new", i, added)
		}
	}
	if r.Len() != maxIntervals || r.Gap(0) != 105 {
		t.Errorf("%d intervals, the first up to %d; want %d, up to 105", r.Len(), r.Gap(0), maxIntervals)
	}
}

// FuzzRanges runs operations on a Ranges and on a set that is an array of bits.
func FuzzRanges(f *testing.F) {
	f.Add([]byte{0, 10, 20, 0, 30, 40, 0, 20, 30, 1, 15, 0})
	f.Add([]byte{0, 1, 2, 0, 5, 6, 0, 3, 4, 1, 4, 0, 0, 0, 255})
	f.Add([]byte{0, 0, 100, 0, 48, 32})
	f.Fuzz(func(t *testing.T, ops []byte) {
		var r Ranges
		var naive [256]bool
		count := func(from, to int64) (n int64) {
			for _, in := range naive[from:max(from, to)] {
				if in {
					n++
				}
			}
			return n
		}
		for ; len(ops) >= 3; ops = ops[3:] {
			from, to := int64(ops[1]), int64(ops[2])
			if ops[0]%2 == 1 {
				r.DropBelow(from)
				clear(naive[:from])
				continue
			}
			old := count(from, to)
			if got := r.Overlap(from, to); got != old {
				t.Errorf("Overlap(%d, %d) is %d, want %d", from, to, got, old)
			}
			if got, want := r.Contains(from, to), old == max(to-from, 0); got != want {
				t.Errorf("Contains(%d, %d) is %v", from, to, got)
			}
			if got := r.Add(from, to); got != max(to-from, 0)-old {
				t.Errorf("Add(%d, %d) is %d, want %d", from, to, got, max(to-from, 0)-old)
			}
			for i := from; i < to; i++ {
				naive[i] = true
			}
			gap := from
			for gap < int64(len(naive)) && naive[gap] {
				gap++
			}
			if got := r.Gap(from); got != gap {
				t.Errorf("Gap(%d) is %d, want %d", from, got, gap)
			}
		}
		for i := 1; i < len(r.spans); i++ {
			if r.spans[i-1].to >= r.spans[i].from {
				t.Errorf("not sorted and apart: %v", r.spans)
			}
		}
	})
}
