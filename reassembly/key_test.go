package reassembly

import (
	"hash/maphash"
	"maps"
	"testing"
)

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
		seed := maphash.MakeSeed()
		if k.Hash(seed) != back.Hash(seed) || k.Hash(seed) == k.Hash(maphash.MakeSeed()) {
			t.Errorf("%v: the hash does not depend on key and seed alone", k)
		}
	}
}

func TestTable(t *testing.T) {
	var table Table
	a, _ := KeyOf(ipPort("10.0.0.1:1"), ipPort("10.0.0.2:80"))
	b, _ := KeyOf(ipPort("10.0.0.1:2"), ipPort("10.0.0.2:80"))
	if _, ok := table.Get(a); ok || table.Len() != 0 {
		t.Error("the zero table is not empty")
	}
	table.Delete(a)
	table.Put(a, 1)
	table.Put(b, 2)
	table.Put(a, 3)
	if got := maps.Collect(table.All()); !maps.Equal(got, map[Key]uint32{a: 3, b: 2}) {
		t.Errorf("holds %v", got)
	}
	for k := range table.All() {
		table.Delete(k)
	}
	if _, ok := table.Get(b); ok || table.Len() != 0 {
		t.Errorf("%d left", table.Len())
	}
}
