package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// maxHops is how many interfaces of a packet's way are remembered.
const maxHops = 6

// way is the interfaces on which a packet was seen, in order, by their indexes.
type way struct {
	hops  [maxHops]uint32
	count uint8
}

// then returns the way with one more interface. A packet that enters and leaves by
// the same one is there once.
func (w way) then(iface uint32) way {
	if int(w.count) == maxHops || w.count > 0 && w.hops[w.count-1] == iface {
		return w
	}
	w.hops[w.count] = iface
	w.count++
	return w
}

// names returns the way by the names of its interfaces.
func (w *way) names(name func(uint32) string) []string {
	names := make([]string, w.count)
	for i := range names {
		names[i] = name(w.hops[i])
	}
	return names
}

// pass keeps the way of s if it is the longest that its side's packets have taken.
func (a *Analyzer) pass(f *flow, s *reassembly.Segment) {
	if a.cfg.InterfaceName == nil {
		return
	}
	side, w := f.sender(s), a.copies.way(s)
	if int(w.count) > len(a.flows.aside(f).ways[side]) {
		a.flows.attend(f).ways[side] = w.names(a.cfg.InterfaceName)
	}
}
