package analyzer

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
	"unsafe"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// interest ranks open connections by what it would cost to forget them.
type interest uint8

// From the least: those that are over lose nothing but late segments.
const (
	over interest = iota
	neverEstablished
	idle // and healthy
	healthy
	troubled // findings were told, or one side has closed
)

// idleAfter is the silence after which a connection counts as idle.
const idleAfter = int64(10 * time.Second)

// ShareLetGo is which part of the connections goes at once, so that ranking them all
// costs little for each.
const ShareLetGo = 1. / 8

// LetGo forgets a share of the connections that are open, the least interesting of
// them: idle and healthy ones first. They are reported as far as they are known, and
// counted in Summary.LetGo.
func (a *Analyzer) LetGo(share float64) error {
	return a.letGo(max(1, int(share*float64(a.flows.open()))))
}

// Unused returns how many bytes are held for connections to come, though those they
// were made for are gone: letting more go gives back no memory, but room.
func (a *Analyzer) Unused() int {
	return a.conns.store.unused + a.conns.preludes.unused() + len(a.flows.free)*int(unsafe.Sizeof(flow{}))
}

// letGo forgets the n least interesting connections.
func (a *Analyzer) letGo(n int) error {
	type candidate struct {
		handle uint32
		rank   interest
		end    int64
	}
	all := make([]candidate, 0, a.flows.open())
	_ = a.flows.each(func(f *flow) error {
		all = append(all, candidate{f.handle, a.interest(f), f.at})
		return nil
	})
	slices.SortFunc(all, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.end, y.end), cmp.Compare(x.handle, y.handle))
	})
	for _, c := range all[:min(n, len(all))] {
		f := a.flows.at(c.handle)
		if c.rank != over {
			a.sum.LetGo++
			f.marks |= letGo
		}
		if c.rank > neverEstablished {
			a.partings.remember(f.id, &a.conns.of(f).Ends)
		}
		if err := a.finish(f, a.now); err != nil {
			return err
		}
	}
	a.forgetDeadlines()
	return nil
}

// forgetDeadlines takes out the times at which to look at connections that are gone.
func (a *Analyzer) forgetDeadlines() {
	gone := func(handle uint32, id int) bool {
		f := a.flows.at(handle)
		return f.id != id || f.marks.has(finished)
	}
	a.closing = slices.DeleteFunc(a.closing, func(d deadline) bool { return gone(d.handle, d.id) })
	a.wakes = slices.DeleteFunc(a.wakes, func(w wake) bool { return gone(w.handle, w.id) })
	heap.Init(&a.wakes)
}

// interest ranks f by the states and findings that were told of it.
func (a *Analyzer) interest(f *flow) interest {
	said := &a.flows.aside(f).spoken
	last := said.lastStates()
	client, server := last[timeline.Client], last[timeline.Server]
	open := client == tcpstate.Established && server == tcpstate.Established
	switch {
	case client.Over(true) && server.Over(true):
		return over
	case len(said.codes) > 0:
		return troubled
	case client == tcpstate.SynSent || server == tcpstate.SynReceived:
		return neverEstablished
	case open && a.now-f.at > idleAfter:
		return idle
	case open:
		return healthy
	}
	return troubled
}

// lastStates returns the states that were told last.
func (s *spoken) lastStates() (last [2]tcpstate.State) {
	for side, states := range s.states {
		last[side] = tcpstate.Unknown
		if n := len(states); n > 0 {
			last[side] = states[n-1].State
		}
	}
	return last
}
