package analyzer

import (
	"encoding/binary"
	"hash/maphash"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// copies remembers the last packets, so that one that the capture holds twice
// (`-i any`, a mirror port, both ends of a tunnel) is counted once. A repetition
// by the sender has another IP identification, and takes longer.
type copies struct {
	seed  maphash.Seed
	seen  [1 << 12]sighting
	bytes [identitySize]byte
}

type sighting struct {
	hash uint64
	time int64
	view uint32
	way  way // by which it has come so far
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
	h := c.identify(s)
	at := &c.seen[slot(s)]
	old := *at
	*at = sighting{hash: h, time: s.Time, view: s.View}
	again := repeats(&old, at, s)
	if again {
		at.way = old.way
	}
	at.way = at.way.then(iface)
	return again
}

// way returns the interfaces on which s, which isCopy has just seen, was seen so far.
func (c *copies) way(s *reassembly.Segment) way { return c.seen[slot(s)].way }

// repeats reports whether the sighting of s is one more of the same packet.
func repeats(old, now *sighting, s *reassembly.Segment) bool {
	if old.hash != now.hash {
		return false
	}
	apart := max(s.Time-old.time, old.time-s.Time)
	if s.HasIPID && s.IPID != 0 {
		return apart <= numberedCopy
	}
	occupies := s.Len > 0 || s.Flags.Any(reassembly.SYN|reassembly.FIN)
	return apart <= unnumberedCopy && (old.view != s.View || occupies)
}

// slot is where a packet is remembered. It depends on the packet alone, so that
// a capture gives the same report each time.
func slot(s *reassembly.Segment) uint64 {
	const slots = 12 // bits
	h := (uint64(s.Seq)<<32 | uint64(s.Ack)) ^ uint64(s.Src.Port)<<48 ^ uint64(s.Dst.Port)<<16 ^ uint64(s.IPID)
	return h * 0x9e3779b97f4a7c15 >> (64 - slots)
}

const identitySize = 2*(16+2) + 4 + 4 + 2 + 2 + 2 + 4 + 4 + 4 + 8

// identify hashes everything that a copy of a packet shares with it. The TTL may
// fall and link addresses may change on the way.
func (c *copies) identify(s *reassembly.Segment) uint64 {
	b := append(c.bytes[:0], s.Src.IP[:]...)
	b = append(b, s.Dst.IP[:]...)
	for _, v := range [...]uint16{s.Src.Port, s.Dst.Port, uint16(s.Flags), s.Window, s.IPID} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	for _, v := range [...]uint32{uint32(s.Seq), uint32(s.Ack), uint32(s.Len), s.Options.TSVal, s.Options.TSEcr} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = binary.LittleEndian.AppendUint64(b, s.Sample)
	return maphash.Bytes(c.seed, b)
}
