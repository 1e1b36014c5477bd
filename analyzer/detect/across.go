package detect

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Across is a finding that belongs to no single connection.
type Across struct {
	Finding
	Target reassembly.Endpoint // whom it is about; port 0 when it is a whole host
}

// Watcher looks for what only many connections together show. It is given a Fact
// for each finished connection and keeps counts, never connections: its memory
// is bounded whatever the traffic (see kept).
type Watcher struct {
	watches []watch
	crowds  int    // how many of them, the first, find what only grows
	hashes  hashes // of the present fact
}

// watch is one such detector.
type watch interface {
	add(*Fact, *hashes)
	findings(until int64) []Across
}

// hashes are those of the keys under which a Fact is kept, made once for all
// watches.
type hashes struct {
	seed   maphash.Seed // of this Watcher
	opener uint64       // of the address that sent the first segment
	server uint64       // of the server's address and port
	pair   uint64       // of the client's address, and the server's address and port
}

// take makes the hashes of f.
func (h *hashes) take(f *Fact) {
	h.opener = maphash.Comparable(h.seed, f.Ends[f.Opener].IP)
	h.server = maphash.Comparable(h.seed, f.Ends[timeline.Server])
	client := h.opener
	if f.Opener != timeline.Client {
		client = maphash.Comparable(h.seed, f.Ends[timeline.Client].IP)
	}
	h.pair = bits.RotateLeft64(client, 32) ^ h.server
}

// NewWatcher returns a Watcher that has seen nothing.
func NewWatcher() *Watcher {
	return &Watcher{
		hashes:  hashes{seed: maphash.MakeSeed()},
		crowds:  2,
		watches: []watch{&synFloods{}, &portScans{}, &exhaustions{}, &idleLimits{}, &ghosts{}, &stalls{}},
	}
}

// Add takes in what a finished connection tells.
func (w *Watcher) Add(f *Fact) {
	w.hashes.take(f)
	for _, each := range w.watches {
		each.add(f, &w.hashes)
	}
}

// Findings returns what was found, gravest first. until is when the capture
// ended, in nanoseconds since the Unix epoch.
func (w *Watcher) Findings(until int64) []Across { return findings(w.watches, until) }

// Ongoing returns the floods and scans so far: what can be told before the end.
func (w *Watcher) Ongoing(now int64) []Across { return findings(w.watches[:w.crowds], now) }

func findings(watches []watch, until int64) []Across {
	var all []Across
	for _, each := range watches {
		all = append(all, each.findings(until)...)
	}
	slices.SortStableFunc(all, func(a, b Across) int { return int(b.Severity) - int(a.Severity) })
	return all
}

// across returns a finding of a rule about target, to be completed.
func (r *Rule) across(target reassembly.Endpoint, first int64, frames []int) Across {
	a := Across{Finding: Finding{Endpoint: timeline.Nobody, Time: first, Frames: slices.Clone(frames)}, Target: target}
	r.complete(&a.Finding)
	return a
}
