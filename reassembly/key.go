package reassembly

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
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

// Seed makes the hash of a table its own: addresses and ports are chosen by strangers,
// who must not know where they end up.
type Seed [5]uint64

// NewSeed returns a Seed that nobody can guess.
func NewSeed() (s Seed) {
	for i := range s {
		s[i] = rand.Uint64() // of math/rand/v2: ChaCha8, seeded by the system
	}
	return s
}

// Hash returns a hash of k that nobody can aim at without the seed.
func (k *Key) Hash(seed *Seed) uint64 {
	half := func(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
	a := fold(half(k.A.IP[:8])^seed[0], half(k.A.IP[8:])^seed[1])
	b := fold(half(k.B.IP[:8])^seed[2], half(k.B.IP[8:])^seed[3])
	return fold(a^seed[4], b^uint64(k.A.Port)<<16^uint64(k.B.Port)^seed[0])
}

// fold multiplies x by y and adds the halves of the product without carry: every bit
// of both has its part in every bit of the result.
func fold(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}

// Compare orders endpoints by address, then by port.
func (e Endpoint) Compare(other Endpoint) int {
	if c := bytes.Compare(e.IP[:], other.IP[:]); c != 0 {
		return c
	}
	return cmp.Compare(e.Port, other.Port)
}
