package reassembly

import "testing"

func TestKeyOf(t *testing.T) {
	for _, tt := range []struct{ low, high string }{
		{"10.0.0.1:80", "10.0.0.2:70"},
		{"10.0.0.1:70", "10.0.0.1:80"},
		{"255.255.255.255:1", "[2001:db8::1]:1"},
		{"10.0.0.1:80", "10.0.0.1:80"},
	} {
		low, high := ipPort(tt.low), ipPort(tt.high)
		k, fromA := KeyOf(low, high)
		if want := (Key{low, high}); k != want || !fromA || k.Self() != (tt.low == tt.high) {
			t.Errorf("%s to %s: %v, from A %v, self %v", tt.low, tt.high, k, fromA, k.Self())
		}
		back, fromA := KeyOf(high, low)
		if back != k || fromA != k.Self() {
			t.Errorf("%s to %s: %v, from A %v", tt.high, tt.low, back, fromA)
		}
		seed, other := NewSeed(), NewSeed()
		if k.Hash(&seed) != back.Hash(&seed) || k.Hash(&seed) == k.Hash(&other) {
			t.Errorf("%v: the hash does not depend on key and seed alone", k)
		}
	}
}
