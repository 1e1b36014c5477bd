package reassembly

import (
	"math/rand/v2"
	"testing"
)

// keyring is a table with the keys that its handles lead to.
type keyring struct {
	*Table
	keys []Key
}

func newKeyring() *keyring {
	r := &keyring{}
	r.Table = NewTable(func(handle uint32, k *Key) bool { return r.keys[handle] == *k })
	return r
}

func (r *keyring) add(k Key) uint32 {
	r.keys = append(r.keys, k)
	h := uint32(len(r.keys) - 1)
	r.Put(&r.keys[h], h)
	return h
}

// TestTable holds the table to a map through adding, finding and deleting, while it
// grows past its first size several times.
func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	table, want := newKeyring(), map[Key]uint32{}
	for step := range 200_000 {
		k := Key{A: Endpoint{Port: uint16(r.IntN(40))}, B: Endpoint{Port: uint16(r.IntN(40))}}
		handle, known := want[k]
		if got, ok := table.Get(&k); ok != known || ok && got != handle {
			t.Fatalf("step %d: %v leads to %d, %v instead of %d, %v", step, k, got, ok, handle, known)
		}
		if r.IntN(3) > 0 {
			want[k] = table.add(k)
		} else {
			table.Delete(&k)
			delete(want, k)
		}
		if table.Len() != len(want) {
			t.Fatalf("step %d: %d keys instead of %d", step, table.Len(), len(want))
		}
	}
	if len(table.slots) == 1<<firstSlots {
		t.Error("it never grew")
	}
}

// TestTableAimedAt: keys chosen to fall in one place of a table do so in no other,
// whose seed is its own, and neither do keys that differ in a few bits only.
func TestTableAimedAt(t *testing.T) {
	const keys = 4000
	aim, aimed := newKeyring(), newKeyring()
	for i := 0; len(aimed.keys) < keys; i++ {
		k := Key{A: Endpoint{IP: [16]byte{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24)}}}
		if k.Hash(&aim.seed)>>56 == 0 {
			aimed.add(k)
		}
	}
	alike := newKeyring()
	for i := range keys {
		alike.add(Key{A: Endpoint{Port: uint16(i)}, B: Endpoint{Port: uint16(i % 7)}})
	}
	for name, table := range map[string]*keyring{"aimed at": aimed, "alike": alike} {
		if longest := table.longest(); longest > 100 {
			t.Errorf("%s: a search takes %d steps", name, longest)
		}
	}
}

// longest returns the greatest number of slots that the search for a key passes.
func (r *keyring) longest() int {
	most := 0
	for i := range r.keys {
		at, hash := r.search(&r.keys[i])
		most = max(most, int((at-hash>>r.shift)&uint32(len(r.slots)-1)))
	}
	return most
}
