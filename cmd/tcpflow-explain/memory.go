package main

import (
	runtimemetrics "runtime/metrics"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// memory keeps the heap within a bound by letting connections go.
type memory struct {
	bound  int // bytes
	cycles uint64
}

// keep lets connections go when the heap may grow beyond the bound until the next
// collection. Only a collection shows what was gained by that, so each one is followed
// by at most one such step.
func (m *memory) keep(a *analyzer.Analyzer) error {
	heap := []runtimemetrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/goal:bytes"}}
	runtimemetrics.Read(heap)
	cycles, goal := heap[0].Value.Uint64(), int(heap[1].Value.Uint64())
	if cycles == m.cycles {
		return nil
	}
	m.cycles = cycles
	if share := m.excess(goal - a.Unused()); share > 0 {
		return a.LetGo(share)
	}
	return nil
}

// excess returns which share of the connections takes so many bytes back to somewhat
// below the bound, 0 when they are within it.
func (m *memory) excess(bytes int) float64 {
	if bytes <= m.bound {
		return 0
	}
	return 1 - (1-analyzer.ShareLetGo)*float64(m.bound)/float64(bytes)
}
