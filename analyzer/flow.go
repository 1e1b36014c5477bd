package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// flow is a 4-tuple with its present incarnation.
type flow struct {
	key     reassembly.Key
	id      int // of the incarnation
	conn    *timeline.Conn
	pending []reassembly.Segment // a SYN whose answer will tell whether it opens a new incarnation, and its repetitions
	lines   []timeline.Mark      // every segment, when segments are asked for
	watched bool                 // in the heap of flows whose silence may tell something
	waiting bool                 // in the queue of flows that may have closed
	letGo   bool                 // it is being forgotten while it is open
	spoken  spoken               // what the live view has said
	ways    [2][]string          // by timeline.Side: the interfaces that its packets pass
}

// opens returns who opened, by the first segment captured, and whether that is a
// guess: a SYN or a SYN,ACK tells, otherwise the lower port is taken for the server's.
func opens(s *reassembly.Segment) (from timeline.Side, guessed bool) {
	switch {
	case s.Flags.Has(reassembly.SYN | reassembly.ACK):
		return timeline.Server, false
	case s.Flags.Has(reassembly.SYN):
		return timeline.Client, false
	case s.Src.Port < s.Dst.Port:
		return timeline.Server, true
	}
	return timeline.Client, true
}

// ended reports whether both ends of the connection are closed or were never open.
func ended(s *timeline.Story, timeWaitCounts bool) bool {
	for _, side := range [...]timeline.Side{timeline.Client, timeline.Server} {
		if !s.Last(side).Over(timeWaitCounts) {
			return false
		}
	}
	return true
}
