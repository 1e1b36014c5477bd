package reassembly

import (
	"bytes"
	"cmp"
	"hash/maphash"
)

// Key names the two endpoints of a connection, whichever of them sent: A is
// never greater than B. It is comparable and holds no pointers.
type Key struct{ A, B Endpoint }

// KeyOf returns the key of a segment and whether A sent it. Where an endpoint
// talks to itself (a simultaneous open with its own port), A sends everything.
func KeyOf(src, dst Endpoint) (k Key, fromA bool) {
	if src.Compare(dst) <= 0 {
		return Key{src, dst}, true
	}
	return Key{dst, src}, false
}

// Self reports whether both endpoints are the same.
func (k Key) Self() bool { return k.A == k.B }

// Hash returns a hash of k that nobody can aim at without the seed: addresses and
// ports are chosen by strangers.
func (k Key) Hash(seed maphash.Seed) uint64 { return maphash.Comparable(seed, k) }

// Compare orders endpoints by address, then by port.
func (e Endpoint) Compare(other Endpoint) int {
	if c := bytes.Compare(e.IP[:], other.IP[:]); c != 0 {
		return c
	}
	return cmp.Compare(e.Port, other.Port)
}
