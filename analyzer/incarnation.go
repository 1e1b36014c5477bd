package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// track gives s to the incarnation of f that it belongs to.
//
// A SYN with a new sequence number opens a new incarnation at once when the old
// one is closed, or never got an answer. Otherwise its answer decides: a SYN,ACK
// or a refusal that acknowledges it, or what its sender sends after that; or a
// plain ACK that does not, with which the old connection says that it lives
// (RFC 9293 §3.10.7.4, RFC 5961 §4). A SYN,ACK that answers no SYN captured, as
// where one direction is missing, waits in the same way.
func (a *Analyzer) track(f *flow, s *reassembly.Segment) error {
	if len(f.pending) > 0 {
		if again, err := a.settle(f, s); again || err != nil {
			return err
		}
	}
	switch {
	case f.foreignSYN(s):
		story := f.conn.Tell(s.Time)
		if f.crosses(&story, s) {
			break
		}
		if ended(&story, false) || f.abandoned(&story, s) {
			return a.reopen(f, s)
		}
		f.pending = append(f.pending, *s)
		return nil
	case f.foreignSYNACK(s):
		if story := f.conn.Tell(s.Time); ended(&story, true) {
			return a.reopen(f, s)
		}
		if !f.answersSYN(s) {
			f.pending = append(f.pending, *s)
			return nil
		}
	}
	return a.observe(f, s)
}

// foreignSYN reports whether s is a SYN without ACK that is not the one that its
// sender opened this incarnation with.
func (f *flow) foreignSYN(s *reassembly.Segment) bool {
	if s.Flags&(reassembly.SYN|reassembly.ACK|reassembly.RST|reassembly.FIN) != reassembly.SYN || f.conn.Empty() {
		return false
	}
	own := &f.conn.Halves[f.conn.SideOf(s.Src)]
	if own.Synced {
		return own.ISN() != s.Seq
	}
	return own.Sent
}

// foreignSYNACK reports whether s is a SYN,ACK with another number than its sender
// opened this incarnation with.
func (f *flow) foreignSYNACK(s *reassembly.Segment) bool {
	if !s.Flags.Has(reassembly.SYN|reassembly.ACK) || f.conn.Empty() {
		return false
	}
	side := f.conn.SideOf(s.Src)
	own, peer := &f.conn.Halves[side], &f.conn.Halves[side.Other()]
	if !own.Synced && peer.Synced && f.answersSYN(s) {
		return false // what came before it in its sender's name was forged
	}
	return own.Sent && own.ISN() != s.Seq
}

// answersSYN reports whether s acknowledges the SYN of the other side, captured or
// known by an earlier answer: each answer of a server that keeps no state has a
// number of its own.
func (f *flow) answersSYN(s *reassembly.Segment) bool {
	peer := &f.conn.Halves[f.conn.SideOf(s.Src).Other()]
	return s.Ack == peer.ISN()+1
}

// abandoned reports whether the sender of s had only sent SYNs that nobody
// answered: a new SYN from it means that it has given those up.
func (f *flow) abandoned(story *timeline.Story, s *reassembly.Segment) bool {
	side := f.conn.SideOf(s.Src)
	return story.Last(side) == tcpstate.SynSent && !f.conn.Halves[side.Other()].Sent
}

// crosses reports whether s meets a SYN of the other side that is not answered
// yet: a simultaneous open, whatever its sender may have sent before.
func (f *flow) crosses(story *timeline.Story, s *reassembly.Segment) bool {
	side := f.conn.SideOf(s.Src)
	own, peer := &f.conn.Halves[side], &f.conn.Halves[side.Other()]
	return !own.Synced && peer.Synced && story.Last(side.Other()) == tcpstate.SynSent
}

// settle lets s decide about the pending SYN or SYN,ACK. It reports whether s is
// used up.
func (a *Analyzer) settle(f *flow, s *reassembly.Segment) (used bool, err error) {
	first := &f.pending[0]
	switch {
	case s.Src == first.Src && s.Flags.Has(reassembly.SYN) && s.Seq == first.Seq:
		f.pending = append(f.pending, *s)
		return true, nil
	case opened(first, s):
		pending := f.pending
		f.pending = nil
		if err := a.reopen(f, &pending[0]); err != nil {
			return false, err
		}
		for i := range pending[1:] {
			if err := a.observe(f, &pending[1+i]); err != nil {
				return false, err
			}
		}
		return false, nil
	}
	return false, a.retain(f)
}

// opened reports whether s shows that a new incarnation began with first.
func opened(first, s *reassembly.Segment) bool {
	bareSYN := s.Flags&(reassembly.SYN|reassembly.ACK) == reassembly.SYN
	switch {
	case s.Src == first.Src:
		return follows(s, first)
	case !first.Flags.Has(reassembly.ACK):
		return acknowledgesSYN(s, first) || bareSYN
	case bareSYN:
		return s.Seq+1 == first.Ack // the capture has swapped the two
	}
	return s.Flags&(reassembly.SYN|reassembly.ACK|reassembly.RST) == reassembly.ACK && s.Ack == first.End()
}

// follows reports whether s goes on where the syn of the same sender ended: it was
// answered, and the capture has missed the answer.
func follows(s, syn *reassembly.Segment) bool {
	return s.Flags&(reassembly.SYN|reassembly.ACK|reassembly.RST) == reassembly.ACK && s.Seq == syn.End()
}

// acknowledgesSYN reports whether s is the SYN,ACK or the refusal of syn.
func acknowledgesSYN(s, syn *reassembly.Segment) bool {
	first := syn.Seq + 1
	return s.Flags.Has(reassembly.ACK) && s.Flags.Any(reassembly.SYN|reassembly.RST) &&
		!s.Ack.Before(first) && !s.Ack.After(first+reassembly.Seq(uint32(syn.Len)))
}

// retain leaves the pending SYN to the incarnation that it did not end.
func (a *Analyzer) retain(f *flow) error {
	pending := f.pending
	f.pending = nil
	for i := range pending {
		if err := a.observe(f, &pending[i]); err != nil {
			return err
		}
	}
	return nil
}

// giveUpWaiting decides about a pending SYN that nothing answered: it opened a new
// incarnation if the old one was over.
func (a *Analyzer) giveUpWaiting(f *flow) error {
	if len(f.pending) == 0 {
		return nil
	}
	story := f.conn.Tell(f.pending[0].Time)
	if !ended(&story, true) {
		return a.retain(f)
	}
	pending := f.pending
	f.pending = nil
	if err := a.reopen(f, &pending[0]); err != nil {
		return err
	}
	for i := range pending[1:] {
		if err := a.observe(f, &pending[1+i]); err != nil {
			return err
		}
	}
	return nil
}

// reopen reports the old incarnation and begins a new one with s.
func (a *Analyzer) reopen(f *flow, s *reassembly.Segment) error {
	if err := a.report(f, s.Time); err != nil {
		return err
	}
	old, story := f.conn, f.conn.Tell(s.Time)
	a.begin(f, s)
	f.conn.Follow(old, &story)
	return a.observe(f, s)
}
