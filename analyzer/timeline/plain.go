package timeline

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// ObservePlain takes in what nearly all segments of a long connection are: data in
// order and within the window, or an acknowledgment of more than the last one. It
// reports whether s is one; if not, nothing was done. What becomes of c is what Observe
// would have made of it, for a fraction of the time.
func (c *Conn) ObservePlain(s *reassembly.Segment, from Side) bool {
	if !c.plain || !ordinary(s) || s.Time < c.End || s.Time-c.End >= int64(time.Second) {
		return false
	}
	own, peer := &c.Halves[from], &c.Halves[from.Other()]
	ack, expected := peer.Expects(s.Ack)
	if !expected || !own.GoesOn(s.Seq) {
		return false
	}
	m := Mark{
		From: from, Flags: s.Flags, Count: 1, LastFrame: s.Frame, Time: s.Time, LastTime: s.Time,
		Seq: own.Next, End: own.Next + int64(s.Len), Ack: ack, LastAck: ack,
		Len: int64(s.Len), Window: int64(s.Window) << c.side[from].scale,
		TSVal: s.Options.TSVal, TSEcr: s.Options.TSEcr, HasTS: s.Options.Has&reassembly.OptTimestamps != 0,
		IPID: s.IPID, HasIPID: s.HasIPID,
	}
	run := c.history.run(from)
	if run == nil || !c.asExpected(&m) {
		return false
	}
	c.End, c.LastFrame = s.Time, s.Frame
	if m.Len > 0 {
		own.Extend(m.Len)
	} else {
		m.Bare = 1
	}
	peer.Acknowledge(ack)
	st := &c.side[from]
	st.lastAck, st.window, st.ackSeen, st.probing = ack, m.Window, true, false
	st.stamp(&m)
	st.echo.take(&m)
	st.opensWindow(&m)
	m.Frame = s.Frame
	c.count(&m)
	run.extend(&m)
	return true
}

// ordinary reports whether s is of the kind that data flows in.
func ordinary(s *reassembly.Segment) bool {
	return s.Flags&(reassembly.SYN|reassembly.FIN|reassembly.RST|reassembly.ACK) == reassembly.ACK &&
		s.Options.Blocks == 0 && !s.HeaderCut && !s.PayloadCut
}

// asExpected reports whether m, in order as it is, leads to no remark: its receiver
// takes it, both windows are open and it does not fill the other's, and it does not
// repeat the last acknowledgment.
func (c *Conn) asExpected(m *Mark) bool {
	st, peer := &c.side[m.From], &c.side[m.From.Other()]
	switch {
	case m.Window == 0, peer.ackSeen && peer.window == 0,
		st.ackSeen && m.Ack == st.lastAck && m.Len == 0,
		peer.ackSeen && peer.scaled && (m.Seq > peer.reach || m.Len > 0 && m.End == peer.lastAck+peer.window):
		return false
	}
	return !peer.echo.outdates(m)
}

// run returns the mark at the tail that plain segments of side join, nil for none.
func (h *history) run(side Side) *Mark {
	for i := len(h.marks) - h.runs; i < len(h.marks); i++ {
		if t := &h.marks[i]; t.From == side && t.kind() == 0 && t.control() == 0 {
			return t
		}
	}
	return nil
}
