package analyzer

import "encoding/binary"

// store keeps packed connections. Slots of one size share a chunk, and one that is
// given back is used again: the collector has nothing to follow in it, and many small
// slots cost no more than their bytes.
type store struct {
	chunks []chunk
	spare  []uint32 // chunks that are not in use
	sizes  [maxUnits + 1]slots
	unused int // bytes in slots that were given back
}

// A place is counted in units, and each chunk has the places of maxChunk bytes.
const (
	unit     = 16
	maxUnits = 64 // of a slot in a shared chunk; what is longer has a chunk to itself
	maxChunk = 1 << 16
	places   = maxChunk / unit
)

type chunk struct {
	bytes []byte
	units int // of a slot
}

// slots are those of one size.
type slots struct {
	free  uint32 // the first that was given back, and one more; each holds the next
	fresh uint32 // place after the last one that was ever used
	left  int    // how many there are from fresh on
}

// put keeps a copy of b, which is not empty, and returns its place.
func (s *store) put(b []byte) (place uint32) {
	units := (len(b) + unit - 1) / unit
	if units > maxUnits {
		return s.own(b)
	}
	of := &s.sizes[units]
	switch {
	case of.free > 0:
		place = of.free - 1
		of.free = binary.LittleEndian.Uint32(s.slot(place))
		s.unused -= units * unit
	default:
		if of.left == 0 {
			of.fresh, of.left = s.chunk(chunk{make([]byte, maxChunk), units}), places/units
		}
		place = of.fresh
		of.fresh += uint32(units)
		of.left--
	}
	copy(s.slot(place), b)
	return place
}

// own keeps b in a chunk of its own.
func (s *store) own(b []byte) (place uint32) {
	return s.chunk(chunk{append([]byte(nil), b...), len(b)/unit + 1})
}

// chunk takes up c and returns its first place.
func (s *store) chunk(c chunk) (place uint32) {
	if n := len(s.spare); n > 0 {
		i := s.spare[n-1]
		s.spare = s.spare[:n-1]
		s.chunks[i] = c
		return i * places
	}
	s.chunks = append(s.chunks, c)
	return uint32(len(s.chunks)-1) * places
}

// slot returns the bytes from a place on: what was put there, and perhaps more.
func (s *store) slot(place uint32) []byte {
	return s.chunks[place/places].bytes[place%places*unit:]
}

// remove gives the slot at place back.
func (s *store) remove(place uint32) {
	c := &s.chunks[place/places]
	if c.units > maxUnits {
		*c = chunk{}
		s.spare = append(s.spare, place/places)
		return
	}
	of := &s.sizes[c.units]
	binary.LittleEndian.PutUint32(s.slot(place), of.free)
	of.free = place + 1
	s.unused += c.units * unit
}
