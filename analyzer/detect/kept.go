package detect

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// mostKept is how many keys a watch keeps. When there are more, the lighter half
// is forgotten: what is worth a finding is heavy, and comes back at once if it
// was forgotten too early. A count is then too low, never too high.
const mostKept = 1024

// kept is a map of at most mostKept entries.
type kept[K comparable, V any] struct {
	entries map[K]*keptEntry[V]
	next    int
	weight  func(*V) int
}

// keep returns an empty one; weight says what an entry is worth keeping for.
func keep[K comparable, V any](weight func(*V) int) kept[K, V] {
	return kept[K, V]{entries: make(map[K]*keptEntry[V]), weight: weight}
}

type keptEntry[V any] struct {
	value V
	order int // of arrival: ties are settled by it, so that output does not depend on chance
}

// at returns the entry of a key, made when there is none.
func (k *kept[K, V]) at(key K) *V {
	if e := k.entries[key]; e != nil {
		return &e.value
	}
	if len(k.entries) >= mostKept {
		k.thin()
	}
	e := &keptEntry[V]{order: k.next}
	k.next++
	k.entries[key] = e
	return &e.value
}

// thin forgets the lighter half.
func (k *kept[K, V]) thin() {
	all := k.ranked(k.weight)
	slices.SortFunc(all, func(a, b ranked[K]) int {
		return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(b.order, a.order))
	})
	for _, r := range all[:len(all)/2] {
		delete(k.entries, r.key)
	}
}

// ranked is a key with what it is sorted by: weighing takes longer than sorting.
type ranked[K comparable] struct {
	key           K
	weight, order int
}

func (k *kept[K, V]) ranked(weight func(*V) int) []ranked[K] {
	all := make([]ranked[K], 0, len(k.entries))
	for key, e := range k.entries {
		all = append(all, ranked[K]{key, weight(&e.value), e.order})
	}
	return all
}

// each calls f for all entries in the order of their arrival.
func (k *kept[K, V]) each(f func(K, *V)) {
	all := k.ranked(func(*V) int { return 0 })
	slices.SortFunc(all, func(a, b ranked[K]) int { return cmp.Compare(a.order, b.order) })
	for _, r := range all {
		f(r.key, &k.entries[r.key].value)
	}
}

// pair is a client's address and the server that it talks to.
type pair struct {
	client [16]byte
	server reassembly.Endpoint
}

// distinct estimates how many different things were added, in 256 bytes (linear
// counting): within a few percent up to some thousands, and too low beyond.
type distinct [32]uint64

// add takes in an address and a port. The hash is fixed, so that a capture gives
// the same report each time; who crafts collisions makes himself look smaller.
func (d *distinct) add(ip [16]byte, port uint16) {
	h := uint64(14695981039346656037)
	for _, b := range ip {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h = (h ^ uint64(port)) * 1099511628211
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	h >>= 64 - 11
	d[h/64] |= 1 << (h % 64)
}

// count returns the estimate.
func (d *distinct) count() int {
	const size = len(distinct{}) * 64
	empty := size
	for _, word := range d {
		empty -= bits.OnesCount64(word)
	}
	return int(math.Round(-float64(size) * math.Log(float64(max(empty, 1))/float64(size))))
}

// someFrames keeps the first few frames of many.
type someFrames struct{ list []int }

// evidence is how many frames a finding across connections names.
const evidence = 8

func (s *someFrames) add(frame int) {
	if len(s.list) < evidence {
		s.list = append(s.list, frame)
	}
}
