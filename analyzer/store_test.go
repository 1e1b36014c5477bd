package analyzer

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestStore holds the store to a map: what is put there comes back until it is
// removed, whatever else comes and goes, and what was given back is used again.
func TestStore(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s store
	held := map[uint32][]byte{}
	for range 50_000 {
		if r.IntN(3) > 0 && len(held) < 1000 {
			b := make([]byte, 1+r.IntN(40+r.IntN(2000)))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			place := s.put(b)
			if _, taken := held[place]; taken {
				t.Fatalf("place %d was given twice", place)
			}
			held[place] = b
			continue
		}
		for place, b := range held {
			if !bytes.HasPrefix(s.slot(place), b) {
				t.Fatalf("place %d holds something else", place)
			}
			s.remove(place)
			delete(held, place)
			break
		}
	}
	kept := 0
	for _, b := range held {
		kept += len(b)
	}
	room := -s.unused
	for i := range s.chunks {
		room += len(s.chunks[i].bytes)
	}
	if spread := len(s.sizes) * maxChunk; room > 2*kept+spread {
		t.Errorf("%d bytes take %d", kept, room)
	}
}
