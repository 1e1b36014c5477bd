package reassembly

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// TestKeys: a key that is held comes back and is like no other, whether its addresses
// are IPv4, IPv6 or one of each, until it is dropped; and its place is used again.
func TestKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	any4 := func() Endpoint { return endpointV4(uint32(r.IntN(2)), uint16(r.IntN(2))) }
	any6 := func() Endpoint {
		e := any4()
		e.IP[r.IntN(12)] ^= byte(1 + r.IntN(2))
		return e
	}
	var ks Keys
	held := map[HeldKey]Key{}
	for range 20_000 {
		a, b := any4(), any4()
		if r.IntN(2) == 0 {
			a = any6()
		}
		if r.IntN(2) == 0 {
			b = any6()
		}
		k, _ := KeyOf(a, b)
		for h, was := range held {
			if got := ks.Get(&h); got != was {
				t.Fatalf("%v became %v", was, got)
			}
			if ks.Is(&h, &k) != (was == k) {
				t.Fatalf("%v is taken for %v, or not for itself", was, k)
			}
		}
		h := ks.Hold(&k)
		held[h] = k
		if len(held) > 30 {
			for h := range held {
				ks.Drop(&h)
				delete(held, h)
				break
			}
		}
	}
	if len(ks.long) > 31 {
		t.Errorf("%d places for 31 keys", len(ks.long))
	}
	if size := unsafe.Sizeof(HeldKey{}); size > unsafe.Sizeof(Key{})/2 {
		t.Errorf("%d bytes", size)
	}
}
