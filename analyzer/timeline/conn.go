package timeline

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Conn is one incarnation of a 4-tuple while it is being followed: counters of
// both directions, and the history from which Tell makes its story.
type Conn struct {
	Ends       [2]reassembly.Endpoint // by Side
	Guessed    bool                   // who is client and who server is a guess
	Start, End int64                  // times of the first and the last segment, nanoseconds since the Unix epoch
	FirstFrame int
	LastFrame  int
	Counters   [2]Counters
	Halves     [2]reassembly.Half
	Opts       [2]reassembly.Options // of each side's SYN or SYN,ACK
	Cut        int                   // frames that the snap length cut in the TCP header
	Sliced     int                   // frames with less payload captured than sent
	Big        int                   // largest payload of one segment, bytes
	CopyFrame  int                   // first frame that was a copy, 0 for none
	Backward   int                   // frames stamped earlier than one before them
	BackFrame  int                   // first of those, 0 for none
	Resumed    Resumption            // the last time that something new was sent after a quiet time
	Before     *Previous             // the incarnation before this one; nil when none was captured
	Earlier    int                   // ID under which this connection was let go, of which this is the rest; 0 for none

	Conflict Conflict // the same bytes sent twice, and not the same

	history  history
	side     [2]sideState
	finReady [2]instant // when all of a direction up to its FIN had been captured
	plain    bool       // nothing but the flow of data has happened lately: see noteworthy
	reset    bool       // a RST was captured
}

// Resumption is the first segment after a quiet time, of both sides, of a second or more.
type Resumption struct {
	From  Side
	Frame int           // 0 for none
	Time  int64         // nanoseconds since the Unix epoch
	After time.Duration // how long it had been quiet
}

// Conflict is a sequence range that was sent twice with different bytes.
type Conflict struct {
	From          Side
	First, Second int // frames of the first pair
	Seq, Len      int64
	Count         int // how many such pairs; 0 for none
}

// ObserveConflict counts a pair of segments of from that fill the same range with
// different bytes.
func (c *Conn) ObserveConflict(from Side, first int, again *Mark) {
	if c.Conflict.Count == 0 {
		c.Conflict = Conflict{From: from, First: first, Second: again.Frame, Seq: again.Seq, Len: again.Len}
	}
	c.Conflict.Count++
}

// instant is a frame and its time.
type instant struct {
	frame int
	time  int64
}

// sideState is what one direction showed last.
type sideState struct {
	window  int64 // of its last segment, bytes
	lastAck int64
	ackSeen bool
	probing bool // its last segment was a keep-alive or a window probe
	synack  bool // it has sent a SYN,ACK: the next one is a repetition, the first after a bare SYN is none
	scale   uint8
	scaled  bool // the window scale is known and in use
	stamped bool // tsval is set
	tsval   uint32
	id      uint16 // IP identification, 0 for none
	reach   int64  // the right edge of its window: how far the other side may send
	beyond  int64  // where the last segment ended that lay outside the other side's window
	echo    echo   // of the other side's time stamps
	leap    leap   // an acknowledgment beyond what was captured of it
}

// NewConn begins to follow the connection that first belongs to; from is the
// side that sent it.
func NewConn(first *reassembly.Segment, from Side) *Conn {
	c := &Conn{}
	c.Begin(first, from)
	return c
}

// Begin is NewConn in the memory of a Conn that is not needed any more.
func (c *Conn) Begin(first *reassembly.Segment, from Side) {
	*c = Conn{Start: first.Time, End: first.Time, FirstFrame: first.Frame, history: history{marks: c.history.marks[:0]}}
	c.Ends[from], c.Ends[from.Other()] = first.Src, first.Dst
}

// SideOf returns which side sent a segment from src.
func (c *Conn) SideOf(src *reassembly.Endpoint) Side {
	if src.Is(&c.Ends[Client]) {
		return Client
	}
	return Server
}

// Empty reports whether nothing was observed yet.
func (c *Conn) Empty() bool { return c.Lines() == 0 }

// Closed reports whether nothing more is to be expected: a reset passed, or both sides
// have acknowledged the other's FIN. It says nothing about states.
func (c *Conn) Closed() bool {
	cl, sv := &c.Halves[Client], &c.Halves[Server]
	return c.reset || cl.FIN > 0 && sv.FIN > 0 && cl.Acked >= cl.FIN && sv.Acked >= sv.FIN
}

// Lines returns how many marks the history holds: it grows with all but plain data.
func (c *Conn) Lines() int { return len(c.history.marks) }

// Scale returns the window scale of side, and whether it is known and in use.
func (c *Conn) Scale(side Side) (shift uint8, known bool) {
	return c.side[side].scale, c.side[side].scaled
}

// ObserveCopy counts a frame that holds a packet already observed, and returns
// the mark that describes it. It takes no part in the history.
func (c *Conn) ObserveCopy(s *reassembly.Segment, from Side) (m Mark) {
	c.touch(s)
	c.Counters[from].Copies++
	if c.CopyFrame == 0 {
		c.CopyFrame = s.Frame
	}
	c.mark(&m, s, from)
	m.Notes = Copy
	return m
}

func (c *Conn) touch(s *reassembly.Segment) {
	if s.Time < c.End {
		if c.Backward++; c.BackFrame == 0 {
			c.BackFrame = s.Frame
		}
	}
	c.End, c.LastFrame = max(c.End, s.Time), s.Frame
	if s.HeaderCut {
		c.Cut++
	}
	if s.PayloadCut {
		c.Sliced++
	}
}

// Observe takes in a segment that from sent, and returns the mark that describes
// it. The mark joins the history, alone or folded into a run.
func (c *Conn) Observe(s *reassembly.Segment, from Side) (m Mark) {
	quiet := time.Duration(s.Time - c.End)
	c.touch(s)
	own, peer := &c.Halves[from], &c.Halves[from.Other()]
	if own.Sent && !own.Synced && peer.Synced {
		switch {
		case answersSYN(s, peer):
			c.disown(from)
		case s.Flags&(reassembly.SYN|reassembly.ACK) == reassembly.SYN:
			own.Restart() // it may have refused the peer's SYN itself
		}
	}
	if s.Flags.Has(reassembly.SYN|reassembly.ACK) && own.Sent && s.Ack == peer.ISN()+1 {
		own.Reanchor(s.Seq)
	}
	own.Anchor(s)
	if s.Flags.Has(reassembly.ACK) {
		peer.AnchorAck(s.Ack)
	}
	if s.Flags&(reassembly.SYN|reassembly.RST) == reassembly.SYN && own.Rel(s.Seq) == 0 {
		c.negotiate(s, from)
	}
	c.mark(&m, s, from)
	noteworthy := c.judge(&m)
	if quiet >= time.Second && m.Notes&(Retransmission|KeepAlive|WindowProbe) == 0 {
		c.Resumed = Resumption{From: from, Frame: m.Frame, Time: m.Time, After: quiet}
	}
	c.count(&m)
	c.history.add(&m, !noteworthy)
	return m
}

// disown forgets what was sent in the name of from, whose SYN,ACK comes only now: it
// was forged, or of another incarnation, and its numbers mean nothing here.
func (c *Conn) disown(from Side) {
	c.Halves[from].Restart()
	c.side[from], c.finReady[from] = sideState{}, instant{}
	for i := range c.history.marks {
		if m := &c.history.marks[i]; m.From == from && m.ICMP == nil {
			m.Notes = m.Notes&^(Retransmission|OutOfOrder|KeepAlive) | Stray
		}
	}
}

// answersSYN reports whether s is the SYN,ACK of the SYN of the peer's direction.
func answersSYN(s *reassembly.Segment, peer *reassembly.Half) bool {
	return s.Flags.Has(reassembly.SYN|reassembly.ACK) && peer.Synced && s.Ack == peer.ISN()+1
}

// ObserveICMP takes in an ICMP error about a segment that from sent.
func (c *Conn) ObserveICMP(e *reassembly.ICMPError, from Side) Mark {
	c.End, c.LastFrame = max(c.End, e.Time), e.Frame
	m := Mark{
		From: from, Count: 1, Frame: e.Frame, LastFrame: e.Frame, Time: e.Time, LastTime: e.Time,
		ICMP: &ICMPNote{Router: e.From, V6: e.V6, Type: e.Type, Code: e.Code, Seq: c.Halves[from].Rel(e.Seq)},
	}
	c.history.add(&m, false)
	return m
}

// negotiate keeps the options of a SYN; the window scale holds once both sides
// have offered it (RFC 7323 §2.2).
func (c *Conn) negotiate(s *reassembly.Segment, from Side) {
	c.Opts[from] = s.Options
	both := c.Opts[Client].Has & c.Opts[Server].Has
	if both&reassembly.OptWindowScale != 0 {
		for side := range c.side {
			c.side[side].scale, c.side[side].scaled = c.Opts[side].WindowScale, true
		}
	}
}

// mark makes m, which is zero, describe s in relative numbers. It fills m in place: a
// struct of this size is slow to copy while it is new.
func (c *Conn) mark(m *Mark, s *reassembly.Segment, from Side) {
	m.From, m.Flags, m.Count = from, s.Flags, 1
	m.Frame, m.LastFrame = s.Frame, s.Frame
	m.Time, m.LastTime = s.Time, s.Time
	m.Seq = c.Halves[from].Rel(s.Seq)
	m.End = m.Seq + int64(s.End()-s.Seq)
	m.Len, m.Window = int64(s.Len), int64(s.Window)
	m.IPID, m.HasIPID, m.TTL = s.IPID, s.HasIPID, s.TTL
	m.TSVal, m.TSEcr, m.HasTS = s.Options.TSVal, s.Options.TSEcr, s.Options.Has&reassembly.OptTimestamps != 0
	if m.Len == 0 && m.control() == 0 {
		m.Bare = 1
	}
	if s.Flags.Has(reassembly.RST) {
		m.End = m.Seq // a reset occupies nothing, whatever text it carries
	}
	if s.Flags.Has(reassembly.ACK) {
		m.Ack = c.Halves[from.Other()].Rel(s.Ack)
		m.LastAck = m.Ack
	}
	if !s.Flags.Has(reassembly.SYN) {
		m.Window <<= c.side[from].scale
	}
	if s.Options.Blocks > 0 && c.Halves[from.Other()].Rel(s.Options.SACK[0].Right) <= m.Ack {
		c.Counters[from].DSACKs++
	}
	for i := range s.Options.Blocks {
		m.SACKed = max(m.SACKed, c.Halves[from.Other()].Rel(s.Options.SACK[i].Right))
	}
}

func (c *Conn) count(m *Mark) {
	n := &c.Counters[m.From]
	if n.Bytes == 0 && m.Len > 0 {
		n.DataTime = m.Time
	}
	switch {
	case n.FirstData == 0 && m.Len > 0 && m.control() == 0:
		n.FirstData = m.Frame
	case n.FirstBare == 0 && m.Bare > 0 && m.has(reassembly.ACK):
		n.FirstBare = m.Frame
	}
	n.Packets++
	n.Bytes += m.Len
	c.Big = max(c.Big, int(m.Len))
	switch {
	case m.Notes&Retransmission != 0:
		n.RetransmittedPackets++
		n.RetransmittedBytes += m.Len
	case m.Notes&OutOfOrder != 0:
		n.OutOfOrder++
	case m.Notes&KeepAlive != 0:
		n.KeepAlives++
	}
	if m.Notes&DuplicateAck != 0 {
		n.DuplicateAcks++
	}
	if m.Notes&ZeroWindow != 0 {
		n.ZeroWindows++
	}
}
