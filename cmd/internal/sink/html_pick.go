package sink

import (
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// picks are the connections that a page shows: the first few of each kind, then the
// worst. However many there are, no more are kept.
type picks struct {
	whole, rows int // how many are shown step by step, and in the table
	best        []*pick
}

// pick is a connection of the table.
type pick struct {
	entry
	crowded    bool  // as many of its kind came before as are worth telling
	start, end int64 // nanoseconds since the Unix epoch
	bytes      [2]int64
	whole      *analyzer.Connection // nil of those that have a row only
}

// crowded reports whether enough of the kind of e came before it. The tally must have
// counted e.
func (t *tally) crowded(e *entry) bool {
	k := t.kinds[e.kind()]
	return k == nil || k.connections > likeThese
}

// add takes c in if it is among those to show so far.
func (p *picks) add(c *analyzer.Connection, e *entry, crowded bool) {
	candidate := &pick{entry: *e, crowded: crowded, start: c.Start, end: c.End}
	at, _ := slices.BinarySearchFunc(p.best, candidate, comparePicks)
	if at >= p.rows {
		return
	}
	for side := range timeline.Nobody {
		candidate.bytes[side] = c.Counters[side].Bytes
	}
	p.best = slices.Insert(p.best, at, candidate)
	p.best = p.best[:min(len(p.best), p.rows)]
	if at < p.whole {
		candidate.whole = c.Clone()
	}
	if len(p.best) > p.whole {
		p.best[p.whole].whole = nil
	}
}

func comparePicks(a, b *pick) int {
	if a.crowded != b.crowded {
		if b.crowded {
			return -1
		}
		return 1
	}
	return compareEntries(&a.entry, &b.entry)
}

// worstFirst returns what was picked, in the order of the report.
func (p *picks) worstFirst() []*pick {
	return slices.SortedFunc(slices.Values(p.best), func(a, b *pick) int {
		return compareEntries(&a.entry, &b.entry)
	})
}
