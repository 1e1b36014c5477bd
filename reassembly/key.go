package reassembly

import (
	"math/bits"
	"math/rand/v2"
)

// Key names the two endpoints of a connection, whichever of them sent: A is
// never greater than B. It is comparable and holds no pointers.
type Key struct{ A, B Endpoint }

// KeyOf returns the key of a segment and whether A sent it. Where an endpoint
// talks to itself (a simultaneous open with its own port), A sends everything.
func KeyOf(src, dst Endpoint) (k Key, fromA bool) {
	fromA = k.Join(&src, &dst)
	return k, fromA
}

// Join makes k what KeyOf returns. It goes field by field: an Endpoint copied as a
// whole waits until the writes of its fields have left the processor.
func (k *Key) Join(src, dst *Endpoint) (fromA bool) {
	fromA = !src.after(dst)
	if !fromA {
		src, dst = dst, src
	}
	k.A.IP, k.A.Port = src.IP, src.Port
	k.B.IP, k.B.Port = dst.IP, dst.Port
	return fromA
}

// Self reports whether both endpoints are the same.
func (k *Key) Self() bool { return k.A.Is(&k.B) }

// Is reports whether k and other are the same.
func (k *Key) Is(other *Key) bool { return k.A.Is(&other.A) && k.B.Is(&other.B) }

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
	a := fold(le.Uint64(k.A.IP[:])^seed[0], le.Uint64(k.A.IP[8:])^seed[1])
	b := fold(le.Uint64(k.B.IP[:])^seed[2], le.Uint64(k.B.IP[8:])^seed[3])
	return fold(a^seed[4], b^uint64(k.A.Port)<<16^uint64(k.B.Port)^seed[0])
}

// fold multiplies x by y and adds the halves of the product without carry: every bit
// of both has its part in every bit of the result.
func fold(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}

// Is reports whether e and other are the same. It goes field by field as Join does.
func (e *Endpoint) Is(other *Endpoint) bool { return e.Port == other.Port && e.IP == other.IP }

// after orders endpoints by address, then by port.
func (e *Endpoint) after(other *Endpoint) bool {
	a, b := be.Uint64(e.IP[:]), be.Uint64(other.IP[:])
	if a == b {
		a, b = be.Uint64(e.IP[8:]), be.Uint64(other.IP[8:])
	}
	if a == b {
		a, b = uint64(e.Port), uint64(other.Port)
	}
	return a > b
}
