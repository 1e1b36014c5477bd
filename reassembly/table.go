package reassembly

import (
	"iter"
	"maps"
)

// Table maps the keys of connections to handles, which index whatever the caller
// keeps for them. It holds no pointers, so the garbage collector never walks it,
// and its hash is seeded for each table. The zero Table is empty and ready.
type Table struct {
	handles map[Key]uint32
}

// Get returns the handle of k.
func (t *Table) Get(k Key) (handle uint32, ok bool) {
	handle, ok = t.handles[k]
	return handle, ok
}

// Put sets the handle of k.
func (t *Table) Put(k Key, handle uint32) {
	if t.handles == nil {
		t.handles = make(map[Key]uint32)
	}
	t.handles[k] = handle
}

// Delete forgets k.
func (t *Table) Delete(k Key) { delete(t.handles, k) }

// Len returns the number of keys.
func (t *Table) Len() int { return len(t.handles) }

// All ranges over keys and handles, in no order that means anything. Keys may be
// deleted on the way.
func (t *Table) All() iter.Seq2[Key, uint32] { return maps.All(t.handles) }
