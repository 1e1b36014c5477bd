package compare

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Tolerance says which differences of timings are none: those up to Percent of
// the first run's value, and those shorter than Least.
type Tolerance struct {
	Percent float64
	Least   time.Duration
}

// beyond reports whether two timings differ.
func (t Tolerance) beyond(before, after time.Duration) bool {
	change := (after - before).Abs()
	return change >= t.Least && float64(change) > float64(before)*t.Percent/100
}

// Difference is what changed between two runs.
type Difference struct {
	Before   string    `json:"before"` // the captures
	After    string    `json:"after"`
	Services []Service `json:"services"` // every one, in the order of their ports
}

// Service is one service in both runs.
type Service struct {
	Name    string   `json:"name"`
	Before  int      `json:"before"` // connections
	After   int      `json:"after"`
	Changes []Change `json:"changes"`
}

// Change is one thing that is not as it was. Counts are numbers, timings are
// medians; one that a run does not have is left out.
type Change struct {
	What          string         `json:"what"` // "outcome", "finding", "handshake_rtt", …
	Name          string         `json:"name,omitempty"`
	Before, After int            `json:"-"`
	Timing        bool           `json:"-"`
	Was, Is       *time.Duration `json:"-"`
}

// Changed reports whether anything changed.
func (d *Difference) Changed() bool { return slices.ContainsFunc(d.Services, Service.changed) }

func (s Service) changed() bool { return s.Before != s.After || len(s.Changes) > 0 }

// Compare tells what changed from one run to the other.
func Compare(before, after *Run, t Tolerance) *Difference {
	d := &Difference{Before: before.Name, After: after.Name, Services: []Service{}}
	ports := map[string]int{}
	for _, r := range []*Run{before, after} {
		for name, s := range r.services {
			ports[name] = max(ports[name], s.port)
		}
	}
	names := slices.SortedFunc(maps.Keys(ports), func(a, b string) int {
		return cmp.Or(cmp.Compare(ports[a], ports[b]), cmp.Compare(a, b))
	})
	for _, name := range names {
		d.Services = append(d.Services, compareService(name, before.services[name], after.services[name], t))
	}
	return d
}

// compareService compares a service; one of its two sums may be nil. What came or
// went whole is one change, not one in every count.
func compareService(name string, before, after *service, t Tolerance) Service {
	out := Service{Name: name, Changes: []Change{}}
	if before != nil {
		out.Before = before.connections
	}
	if after != nil {
		out.After = after.connections
	}
	if before == nil || after == nil {
		return out
	}
	for a := range numAspects {
		out.Changes = append(out.Changes, counts(a, before.counts[a], after.counts[a])...)
	}
	for k := range numTimings {
		was, had := median(before.timings[k])
		is, has := median(after.timings[k])
		if had && has && t.beyond(was, is) {
			out.Changes = append(out.Changes, Change{What: k.String(), Timing: true, Was: &was, Is: &is})
		}
	}
	return out
}

func counts(a aspect, before, after map[string]int) []Change {
	all := maps.Clone(before)
	maps.Copy(all, after)
	var out []Change
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if before[name] != after[name] {
			out = append(out, Change{What: a.String(), Name: name, Before: before[name], After: after[name]})
		}
	}
	return out
}
