package detect

import (
	"math"
	"math/bits"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// mostKept is how many keys a watch keeps. When there are more, the lighter half
// is forgotten: what is worth a finding is heavy, and comes back at once if it
// was forgotten too early. A count is then too low, never too high.
const mostKept = 1024

// kept is a map of at most mostKept entries, an open hash table over one list of
// them. A flood brings a new key with each connection, so what is forgotten gives
// its memory to what comes.
type kept[K comparable, V any, P keepable[V]] struct {
	slots   [2 * mostKept]slot
	entries []keptEntry[K, V] // in the order of their arrival: output does not depend on chance
}

// keepable is the pointer to a value that can be kept.
type keepable[V any] interface {
	*V
	weight() int // what it is worth keeping for
	clear()      // makes it the value of a new key
}

// slot is 0, or 1 + the place of an entry below some bits of its key's hash.
type slot uint32

const slotPlace = 2*mostKept - 1 // the bits of a slot that hold the place

type keptEntry[K comparable, V any] struct {
	hash  uint64
	key   K
	value V
}

// at returns the entry of a key, made when there is none. It is valid until the
// next call. Hashes are seeded by the caller: keys come from the network.
func (k *kept[K, V, P]) at(key K, hash uint64) *V {
	i, tag := k.first(hash)
	for ; k.slots[i] != 0; i = (i + 1) % len(k.slots) {
		if s := k.slots[i]; s&^slotPlace == tag {
			if e := &k.entries[s&slotPlace-1]; e.key == key {
				return &e.value
			}
		}
	}
	if len(k.entries) == mostKept {
		k.thin()
	}
	return &k.append(key, hash).value
}

// first returns where to look for a hash, and the bits of it that slots hold.
func (k *kept[K, V, P]) first(hash uint64) (i int, tag slot) {
	return int(hash % uint64(len(k.slots))), slot(hash>>32) &^ slotPlace
}

// append adds an entry for a key that has none, in memory of one that was
// forgotten when there is some.
func (k *kept[K, V, P]) append(key K, hash uint64) *keptEntry[K, V] {
	n := len(k.entries)
	if n < cap(k.entries) {
		k.entries = k.entries[:n+1]
	} else {
		k.entries = append(k.entries, keptEntry[K, V]{})
	}
	k.file(n, hash)
	e := &k.entries[n]
	e.key, e.hash = key, hash
	P(&e.value).clear()
	return e
}

// file enters the place of an entry into the hash table.
func (k *kept[K, V, P]) file(place int, hash uint64) {
	i, tag := k.first(hash)
	for k.slots[i] != 0 {
		i = (i + 1) % len(k.slots)
	}
	k.slots[i] = tag | slot(place+1)
}

// thin forgets the lighter half, of equals those that came last.
func (k *kept[K, V, P]) thin() {
	var weights, sorted [mostKept]int
	for i := range k.entries {
		weights[i] = P(&k.entries[i].value).weight()
	}
	sorted = weights
	slices.Sort(sorted[:])
	limit := sorted[mostKept/2-1] // the heaviest weight that is forgotten
	above, _ := slices.BinarySearch(sorted[:], limit+1)
	equals := above - mostKept/2 // how many of that weight may stay

	k.slots = [2 * mostKept]slot{}
	n := 0
	for i, w := range weights {
		if w == limit {
			equals--
		}
		if w < limit || w == limit && equals < 0 {
			continue
		}
		k.entries[n], k.entries[i] = k.entries[i], k.entries[n]
		k.file(n, k.entries[n].hash)
		n++
	}
	k.entries = k.entries[:n]
}

// each calls f for all entries in the order of their arrival.
func (k *kept[K, V, P]) each(f func(K, *V)) {
	for i := range k.entries {
		f(k.entries[i].key, &k.entries[i].value)
	}
}

// pair is a client's address and the server that it talks to.
type pair struct {
	client [16]byte
	server reassembly.Endpoint
}

// distinct estimates how many different things were added (linear counting in
// 2048 bits): within a few percent up to some thousands, and too low beyond. The
// bits of the first few are kept in a list: most have no more.
type distinct struct {
	few  few[uint16]
	many *[32]uint64 // nil until there are more
}

// addHost and addPort take in an address or a port, one kind for each distinct.
// Their hash (FNV-1a) is fixed, so that a capture gives the same report each time;
// who crafts collisions makes himself look smaller.
func (d *distinct) addHost(ip [16]byte) {
	h, rest := uint64(fnvBasis), ip[:]
	if [12]byte(ip[:12]) == ipv4Mapped {
		h, rest = fnvMapped, ip[12:]
	}
	d.hashed(fnv(h, rest), 0)
}

func (d *distinct) addPort(port uint16) { d.hashed(fnvNoHost, port) }

func (d *distinct) hashed(h uint64, port uint16) {
	h = (h ^ uint64(port)) * fnvPrime
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	d.set(uint16(h >> (64 - 11)))
}

const (
	fnvBasis = 14695981039346656037
	fnvPrime = 1099511628211
)

// ipv4Mapped is how IPv4 addresses begin (RFC 4291 §2.5.5.2): nearly all of them,
// so that the hash goes on from there.
var (
	ipv4Mapped = [12]byte{10: 0xff, 11: 0xff}
	fnvMapped  = fnv(fnvBasis, ipv4Mapped[:])
	fnvNoHost  = fnv(fnvBasis, make([]byte, 16))
)

// fnv takes bytes into an FNV-1a hash.
func fnv(h uint64, bytes []byte) uint64 {
	for _, b := range bytes {
		h = (h ^ uint64(b)) * fnvPrime
	}
	return h
}

func (d *distinct) set(bit uint16) {
	switch {
	case d.many != nil:
		d.many[bit/64] |= 1 << (bit % 64)
	case slices.Contains(d.few.list(), bit):
	case !d.few.full():
		d.few.add(bit)
	default:
		d.many = new([32]uint64)
		for _, b := range d.few.list() {
			d.set(b)
		}
		d.set(bit)
	}
}

// count returns the estimate.
func (d *distinct) count() int {
	const size = 32 * 64
	empty := size - len(d.few.list())
	if d.many != nil {
		empty = size
		for _, word := range d.many {
			empty -= bits.OnesCount64(word)
		}
	}
	return int(math.Round(-float64(size) * math.Log(float64(max(empty, 1))/float64(size))))
}

// evidence is how many frames a finding across connections names.
const evidence = 8

// few keeps the first few of many.
type few[T any] struct {
	n     uint8
	first [evidence]T
}

func (f *few[T]) full() bool { return f.n == evidence }

func (f *few[T]) add(x T) {
	if !f.full() {
		f.first[f.n] = x
		f.n++
	}
}

func (f *few[T]) list() []T { return f.first[:f.n] }
