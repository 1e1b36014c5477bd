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
	if a.conns.goesOn(f, s) {
		return a.observe(f, s)
	}
	if f.marks.has(attended) && len(a.flows.aside(f).pending) > 0 {
		var used bool
		var err error
		if f, used, err = a.settle(f, s); used || err != nil {
			return err
		}
	}
	conn := a.conns.of(f)
	switch {
	case foreignSYN(conn, s):
		story := a.teller.Tell(conn, s.Time)
		if crosses(conn, story, s) {
			break
		}
		if ended(story, false) || abandoned(conn, story, s) {
			_, err := a.reopen(f, s)
			return err
		}
		a.hold(f, s)
		return nil
	case foreignSYNACK(conn, s):
		if !answersSYN(conn, s) || ended(a.teller.Tell(conn, s.Time), true) {
			a.hold(f, s)
			return nil
		}
	}
	return a.observe(f, s)
}

// hold leaves it to later segments to say to which incarnation s belongs.
func (a *Analyzer) hold(f *flow, s *reassembly.Segment) {
	rest := a.flows.attend(f)
	rest.pending = append(rest.pending, *s)
}

// foreignSYN reports whether s is a SYN without ACK that is not the one that its
// sender opened this incarnation with.
func foreignSYN(c *timeline.Conn, s *reassembly.Segment) bool {
	if s.Flags&(reassembly.SYN|reassembly.ACK|reassembly.RST|reassembly.FIN) != reassembly.SYN {
		return false
	}
	own := &c.Halves[c.SideOf(&s.Src)]
	if own.Synced {
		return own.ISN() != s.Seq
	}
	return own.Sent
}

// foreignSYNACK reports whether s is a SYN,ACK with another number than its sender
// opened this incarnation with.
func foreignSYNACK(c *timeline.Conn, s *reassembly.Segment) bool {
	if !s.Flags.Has(reassembly.SYN | reassembly.ACK) {
		return false
	}
	side := c.SideOf(&s.Src)
	own, peer := &c.Halves[side], &c.Halves[side.Other()]
	if !own.Synced && peer.Synced && answersSYN(c, s) {
		return false // what came before it in its sender's name was forged
	}
	return own.Sent && own.ISN() != s.Seq
}

// answersSYN reports whether s acknowledges the SYN of the other side, captured or
// known by an earlier answer: each answer of a server that keeps no state has a
// number of its own.
func answersSYN(c *timeline.Conn, s *reassembly.Segment) bool {
	peer := &c.Halves[c.SideOf(&s.Src).Other()]
	return s.Ack == peer.ISN()+1
}

// abandoned reports whether the sender of s had only sent SYNs that nobody
// answered: a new SYN from it means that it has given those up.
func abandoned(c *timeline.Conn, story *timeline.Story, s *reassembly.Segment) bool {
	side := c.SideOf(&s.Src)
	return story.Last(side) == tcpstate.SynSent && !c.Halves[side.Other()].Sent
}

// crosses reports whether s meets a SYN of the other side that is not answered
// yet: a simultaneous open, whatever its sender may have sent before.
func crosses(c *timeline.Conn, story *timeline.Story, s *reassembly.Segment) bool {
	side := c.SideOf(&s.Src)
	own, peer := &c.Halves[side], &c.Halves[side.Other()]
	return !own.Synced && peer.Synced && story.Last(side.Other()) == tcpstate.SynSent
}

// settle lets s decide about the pending SYN or SYN,ACK of f. It returns the
// incarnation that is the present one then, and whether s is used up.
func (a *Analyzer) settle(f *flow, s *reassembly.Segment) (now *flow, used bool, err error) {
	rest := a.flows.aside(f)
	first := &rest.pending[0]
	switch {
	case s.Src == first.Src && s.Flags.Has(reassembly.SYN) && s.Seq == first.Seq:
		rest.pending = append(rest.pending, *s)
		return f, true, nil
	case opened(first, s):
		now, err = a.reopenPending(f)
		return now, false, err
	}
	return f, false, a.retain(f)
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
	rest := a.flows.aside(f)
	pending := rest.pending
	rest.pending = nil
	return a.observeAll(f, pending)
}

func (a *Analyzer) observeAll(f *flow, all []reassembly.Segment) error {
	for i := range all {
		if err := a.observe(f, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// giveUpWaiting decides about a pending SYN that nothing answered: it opened a new
// incarnation if the old one was over. It returns the present one.
func (a *Analyzer) giveUpWaiting(f *flow) (*flow, error) {
	rest := a.flows.aside(f)
	if len(rest.pending) == 0 {
		return f, nil
	}
	if !ended(a.teller.Tell(a.conns.of(f), rest.pending[0].Time), true) {
		return f, a.retain(f)
	}
	return a.reopenPending(f)
}

// reopenPending begins a new incarnation with what was pending.
func (a *Analyzer) reopenPending(f *flow) (*flow, error) {
	rest := a.flows.aside(f)
	pending := rest.pending
	rest.pending = nil
	f, err := a.reopen(f, &pending[0])
	if err != nil {
		return f, err
	}
	return f, a.observeAll(f, pending[1:])
}

// reopen finishes the old incarnation and begins a new one with s.
func (a *Analyzer) reopen(old *flow, s *reassembly.Segment) (*flow, error) {
	conn := a.conns.of(old)
	client := s.Src
	if from, _ := opens(s); from == timeline.Server {
		client = s.Dst
	}
	before := conn.Leave(a.teller.Tell(conn, s.Time), client)
	if err := a.finish(old, s.Time); err != nil {
		return nil, err
	}
	f := a.begin(s, before)
	return f, a.observe(f, s)
}
