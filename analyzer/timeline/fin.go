package timeline

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// goesBeyondFIN reports whether e sends data after fin as if it had never sent
// it, on its own number: the FIN was forged. Data from beyond that number is sent
// by somebody who knows of the FIN.
func (t *teller) goesBeyondFIN(e *endpoint, fin *Mark) bool {
	for _, s := range e.sends {
		if m := t.mark(s); m.Frame > fin.Frame && m.Notes&BeyondFIN != 0 && m.Seq < fin.End {
			return true
		}
	}
	return false
}

// overtook reports whether m, which acknowledges number, only passed e's own FIN
// on the way: the one captured after it acknowledges number too, and is not the
// copy of one that was sent before m.
func (t *teller) overtook(e *endpoint, m *Mark, number int64) bool {
	for _, s := range e.sends {
		o := t.mark(s)
		if !o.has(reassembly.FIN) || o.Frame < m.Frame {
			continue
		}
		again := o.Time-m.Time > reorderWindow
		if o.HasTS && m.HasTS {
			again = int32(o.TSVal-m.TSVal) > 0
		}
		return !again && o.ackNumber() >= number
	}
	return false
}

// unseenFIN feeds the FIN that e had sent when it sent m, whose number lies
// beyond it: the capture has only a later copy, or only its acknowledgment.
func (t *teller) unseenFIN(e *endpoint, m *Mark) {
	own := &t.Halves[e.side]
	if fin := max(own.FIN, own.Missed); fin > 0 && m.Seq >= fin && !e.sentFIN && m.Notes&BeyondFIN == 0 {
		e.sentFIN = e.step(tcpstate.SendFIN, 0, m.at(Inferred))
	}
}

// uncapturedFIN feeds the FIN that e had sent before the reset rst of a live socket,
// whose number lies one beyond the last byte that e sent or its peer acknowledged.
func (t *teller) uncapturedFIN(e *endpoint, rst *Mark) {
	own := &t.Halves[e.side]
	if rst.has(reassembly.ACK) && own.Synced && rst.Seq == own.Next+1 && !e.sentFIN {
		e.sentFIN = e.step(tcpstate.SendFIN, 0, rst.at(Inferred))
	}
}
