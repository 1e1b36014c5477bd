package reassembly

// Table finds the handle of a connection by its key. Its slots hold handles and a
// part of the hash; the keys themselves stay with the connections. So it costs 8
// bytes a slot, and the garbage collector has nothing to follow in it. The hash is
// seeded for each table: addresses and ports are chosen by strangers.
type Table struct {
	is    func(handle uint32, k *Key) bool
	seed  Seed
	slots []slot // a power of two of them; where a key's search begins is the top of its hash
	shift uint8  // what is left of the hash's 32 bits
	len   int
}

// slot is one place of the table. Those of one beginning follow each other without a gap.
type slot struct {
	hash  uint32
	taken uint32 // the handle and one more, 0 for an empty slot
}

const firstSlots = 6 // bits

// NewTable returns an empty Table; is reports whether k is the key of a handle in it.
func NewTable(is func(handle uint32, k *Key) bool) *Table {
	return &Table{is: is, seed: NewSeed(), slots: make([]slot, 1<<firstSlots), shift: 32 - firstSlots}
}

// Len returns the number of keys.
func (t *Table) Len() int { return t.len }

// Get returns the handle of k.
func (t *Table) Get(k *Key) (handle uint32, ok bool) {
	i, hash := t.search(k)
	if s := t.slots[i]; s.taken != 0 && s.hash == hash {
		return s.taken - 1, true
	}
	return 0, false
}

// Put sets the handle of k.
func (t *Table) Put(k *Key, handle uint32) {
	i, hash := t.search(k)
	if t.slots[i].taken == 0 {
		t.len++
	}
	t.slots[i] = slot{hash, handle + 1}
	if t.len > len(t.slots)/4*3 {
		t.grow()
	}
}

// search returns the slot of k, or the empty one where it would be.
func (t *Table) search(k *Key) (at uint32, hash uint32) {
	hash = uint32(k.Hash(&t.seed) >> 32)
	last := uint32(len(t.slots) - 1)
	for at = hash >> t.shift; ; at = (at + 1) & last {
		s := t.slots[at]
		if s.taken == 0 || s.hash == hash && t.is(s.taken-1, k) {
			return at, hash
		}
	}
}

// grow doubles the slots. What they hold says where it belongs: no key is looked at.
func (t *Table) grow() {
	old := t.slots
	t.slots, t.shift = make([]slot, 2*len(old)), t.shift-1
	last := uint32(len(t.slots) - 1)
	for _, s := range old {
		if s.taken == 0 {
			continue
		}
		at := s.hash >> t.shift
		for t.slots[at].taken != 0 {
			at = (at + 1) & last
		}
		t.slots[at] = s
	}
}

// Delete forgets k.
func (t *Table) Delete(k *Key) {
	hole, _ := t.search(k)
	if t.slots[hole].taken == 0 {
		return
	}
	t.len--
	last := uint32(len(t.slots) - 1)
	for at := (hole + 1) & last; t.slots[at].taken != 0; at = (at + 1) & last {
		begin := t.slots[at].hash >> t.shift
		if (at-begin)&last >= (at-hole)&last { // it would be searched for across the hole
			t.slots[hole], hole = t.slots[at], at
		}
	}
	t.slots[hole] = slot{}
}
