package reassembly

import (
	"slices"
	"sort"
)

// Ranges is a set of unwrapped sequence offsets, held as half-open intervals
// [from, to). The zero Ranges is empty and ready.
//
// It keeps at most maxIntervals of them. An interval more closes the lowest gap:
// its offsets count as contained from then on. That is the hole that has stayed
// open longest, and what still comes to fill it is a retransmission indeed.
type Ranges struct {
	spans []span // sorted; neither overlapping nor touching
}

// span is one interval, never empty.
type span struct{ from, to int64 }

const maxIntervals = 256

// Add puts [from, to) into the set and returns how many of its offsets are new.
func (r *Ranges) Add(from, to int64) int64 {
	if from >= to {
		return 0
	}
	if n := len(r.spans); n > 0 && r.spans[n-1].from <= from && from <= r.spans[n-1].to {
		last := &r.spans[n-1] // the usual case: data in order
		added := max(to-last.to, 0)
		last.to = max(last.to, to)
		return added
	}
	added := to - from - r.Overlap(from, to)
	// All that touches the new interval becomes one with it.
	first := r.search(from - 1)
	last := first
	joined := span{from, to}
	for ; last < len(r.spans) && r.spans[last].from <= to; last++ {
		joined.from = min(joined.from, r.spans[last].from)
		joined.to = max(joined.to, r.spans[last].to)
	}
	r.spans = slices.Replace(r.spans, first, last, joined)
	if len(r.spans) > maxIntervals {
		r.spans[1].from = r.spans[0].from
		r.spans = slices.Delete(r.spans, 0, 1)
	}
	return added
}

// search returns the index of the first span that ends after offset.
func (r *Ranges) search(offset int64) int {
	return sort.Search(len(r.spans), func(i int) bool { return r.spans[i].to > offset })
}

// Contains reports whether all of [from, to) is in the set.
func (r *Ranges) Contains(from, to int64) bool { return from >= to || r.Gap(from) >= to }

// Overlap returns how many offsets of [from, to) are in the set.
func (r *Ranges) Overlap(from, to int64) int64 {
	if from >= to {
		return 0
	}
	var n int64
	for _, s := range r.spans[r.search(from):] {
		if s.from >= to {
			break
		}
		n += min(s.to, to) - max(s.from, from)
	}
	return n
}

// Gap returns the first offset at or after offset that is not in the set.
func (r *Ranges) Gap(offset int64) int64 {
	if i := r.search(offset); i < len(r.spans) && r.spans[i].from <= offset {
		return r.spans[i].to
	}
	return offset
}

// DropBelow takes all offsets below limit out of the set.
func (r *Ranges) DropBelow(limit int64) {
	i := r.search(limit)
	r.spans = slices.Delete(r.spans, 0, i)
	if len(r.spans) > 0 {
		r.spans[0].from = max(r.spans[0].from, limit)
	}
}

// DropFrom takes all offsets from limit on out of the set.
func (r *Ranges) DropFrom(limit int64) {
	i := r.search(limit)
	if i < len(r.spans) && r.spans[i].from < limit {
		r.spans[i].to = limit
		i++
	}
	r.spans = r.spans[:i]
}

// Len returns the number of intervals.
func (r *Ranges) Len() int { return len(r.spans) }
