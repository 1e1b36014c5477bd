package analyzer

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// copies remembers the last packets, so that one that the capture holds twice
// (`-i any`, a mirror port, both ends of a tunnel) is counted once. A repetition
// by the sender has another IP identification, and takes longer.
type copies struct {
	keys [10]uint64 // of identify
	seen [1 << slotBits]sighting
	ways *[1 << slotBits]way // by which these packets have come so far; nil when nobody asks
}

const slotBits = 12

type sighting struct {
	identity uint64
	time     int64
	view     uint32
}

// newCopies returns copies that remember ways, too, if asked to.
func newCopies(ways bool) *copies {
	c := new(copies)
	for i := range c.keys {
		c.keys[i] = rand.Uint64()
	}
	if ways {
		c.ways = new([1 << slotBits]way)
	}
	return c
}

// How far apart two sightings of one packet may be. Where nothing numbers the
// packets (IPv6, or an identification of 0) only the time tells, and a bare ACK
// seen twice in one place may be two.
const (
	numberedCopy   = int64(50 * time.Millisecond)
	unnumberedCopy = int64(5 * time.Millisecond)
)

// isCopy reports whether s, seen on an interface, was seen just before, and
// remembers it.
func (c *copies) isCopy(s *reassembly.Segment, iface uint32) bool {
	at, now := slot(s), c.identify(s)
	seen := &c.seen[at]
	again := seen.identity == now && seen.repeats(s)
	seen.identity, seen.time, seen.view = now, s.Time, s.View
	if c.ways != nil {
		if !again {
			c.ways[at] = way{}
		}
		c.ways[at] = c.ways[at].then(iface)
	}
	return again
}

// way returns the interfaces on which s, which isCopy has just seen, was seen so far.
func (c *copies) way(s *reassembly.Segment) way { return c.ways[slot(s)] }

// repeats reports whether s, of the same identity, is one more sighting of the packet.
func (seen *sighting) repeats(s *reassembly.Segment) bool {
	apart := max(s.Time-seen.time, seen.time-s.Time)
	if s.HasIPID && s.IPID != 0 {
		return apart <= numberedCopy
	}
	occupies := s.Len > 0 || s.Flags.Any(reassembly.SYN|reassembly.FIN)
	return apart <= unnumberedCopy && (seen.view != s.View || occupies)
}

// slot is where a packet is remembered. It depends on the packet alone, so that
// a capture gives the same report each time.
func slot(s *reassembly.Segment) uint64 {
	h := words(s.Seq, s.Ack) ^ uint64(s.Src.Port)<<48 ^ uint64(s.Dst.Port)<<16 ^ uint64(s.IPID)
	return h * 0x9e3779b97f4a7c15 >> (64 - slotBits)
}

// identify hashes everything that a copy of a packet shares with it. The TTL may
// fall and link addresses may change on the way. Nobody outside knows the keys: a
// packet that is taken for another one is not looked at.
func (c *copies) identify(s *reassembly.Segment) uint64 {
	k, half := &c.keys, binary.LittleEndian.Uint64
	h := fold(half(s.Src.IP[:8])^k[0], half(s.Src.IP[8:])^k[1])
	h += fold(half(s.Dst.IP[:8])^k[2], half(s.Dst.IP[8:])^k[3])
	h += fold(words(s.Seq, s.Ack)^k[4], words(s.Options.TSVal, s.Options.TSEcr)^k[5])
	h += fold(uint64(s.Src.Port)<<48^uint64(s.Dst.Port)<<32^uint64(s.Window)<<16^uint64(s.IPID)^k[6], s.Sample^k[7])
	h += fold(uint64(s.Len)<<16^uint64(s.Flags)^k[8], k[9])
	return h
}

// fold multiplies x by y and adds the halves of the product without carry.
func fold(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}

func words[T ~uint32](high, low T) uint64 { return uint64(high)<<32 | uint64(low) }
