package timeline

import (
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/packed"
)

// Code packs or unpacks c, all but Ends: a connection waits in a tenth of the
// memory in which it is followed. Unpacking goes on using the memory of the
// history that c had.
//
// Most numbers follow from one before them: an acknowledgment repeats a sequence
// number, a frame comes soon after the last. What is packed is how far they differ.
func (c *Conn) Code(p *packed.Coder) {
	if p.Reading() {
		*c = Conn{Ends: c.Ends, history: history{marks: c.history.marks[:0]}}
	}
	remarked := c.Cut|c.Sliced|c.CopyFrame|c.Backward|c.BackFrame != 0
	resumed, conflict, followed, rest := c.Resumed != Resumption{}, c.Conflict != Conflict{}, c.Before != nil, c.Earlier != 0
	p.Flags(&c.Guessed, &c.plain, &c.reset, &resumed, &remarked, &conflict, &followed, &rest)
	packed.Uint(p, &c.Start)
	packed.Delta(p, &c.End, c.Start)
	packed.Uint(p, &c.FirstFrame)
	packed.Delta(p, &c.LastFrame, c.FirstFrame)
	packed.Uint(p, &c.Big)
	for side := range c.Ends {
		c.Counters[side].code(p, c.Start, c.FirstFrame)
		c.Halves[side].Code(p)
		c.Opts[side].Code(p)
		c.finReady[side].code(p, c.Start)
	}
	for side := range c.side {
		c.side[side].code(p, &c.Opts[side], &c.Opts[1-side], c.Start)
	}
	if resumed {
		c.Resumed.code(p)
	}
	if remarked {
		for _, n := range [...]*int{&c.Cut, &c.Sliced, &c.CopyFrame, &c.Backward, &c.BackFrame} {
			packed.Uint(p, n)
		}
	}
	if conflict {
		c.Conflict.code(p)
	}
	if followed {
		c.codeBefore(p)
	}
	if rest {
		packed.Uint(p, &c.Earlier)
	}
	c.history.code(p, c.Start, c.FirstFrame)
}

func (n *Counters) code(p *packed.Coder, start int64, frame int) {
	sent, bytes, bare := n.Packets > 0, n.Bytes|n.DataTime|int64(n.FirstData) != 0, n.FirstBare != 0
	troubled := n.RetransmittedPackets|n.OutOfOrder|n.DuplicateAcks|n.ZeroWindows|n.KeepAlives|n.Copies|n.WindowFulls|n.FullFrame|n.DSACKs != 0 ||
		n.RetransmittedBytes != 0
	p.Flags(&sent, &bytes, &bare, &troubled)
	if sent {
		packed.Uint(p, &n.Packets)
	}
	if bytes {
		packed.Int(p, &n.Bytes)
		packed.Delta(p, &n.DataTime, start)
		packed.Delta(p, &n.FirstData, frame)
	}
	if bare {
		packed.Delta(p, &n.FirstBare, frame)
	}
	if !troubled {
		return
	}
	packed.Int(p, &n.RetransmittedBytes)
	for _, v := range [...]*int{
		&n.RetransmittedPackets, &n.OutOfOrder, &n.DuplicateAcks, &n.ZeroWindows, &n.KeepAlives, &n.Copies,
		&n.WindowFulls, &n.FullFrame, &n.DSACKs,
	} {
		packed.Uint(p, v)
	}
}

func (s *sideState) code(p *packed.Coder, own, peer *reassembly.Options, start int64) {
	echoed, leaped := s.echo != echo{}, s.leap != leap{}
	p.Flags(&s.ackSeen, &s.synack, &s.scaled, &s.stamped, &s.probing, &echoed, &leaped)
	packed.Int(p, &s.window)
	packed.Int(p, &s.lastAck)
	packed.Uint(p, &s.scale)
	packed.Delta32(p, &s.tsval, own.TSVal)
	packed.Uint(p, &s.id)
	packed.Delta(p, &s.reach, s.lastAck)
	packed.Int(p, &s.beyond)
	if echoed {
		s.echo.code(p, peer, start)
	}
	if leaped {
		s.leap.code(p)
	}
}

func (e *echo) code(p *packed.Coder, peer *reassembly.Options, start int64) {
	p.Flags(&e.known)
	packed.Delta32(p, &e.newest, peer.TSVal)
	packed.Delta32(p, &e.settled, e.newest)
	packed.Delta(p, &e.since, start)
}

func (l *leap) code(p *packed.Coder) {
	packed.Int(p, &l.from)
	packed.Int(p, &l.to)
	packed.Int(p, &l.acked)
	packed.Uint(p, &l.frame)
}

func (i *instant) code(p *packed.Coder, start int64) {
	packed.Uint(p, &i.frame)
	if i.frame > 0 {
		packed.Delta(p, &i.time, start)
	}
}

func (r *Resumption) code(p *packed.Coder) {
	packed.Uint(p, &r.From)
	packed.Uint(p, &r.Frame)
	packed.Int(p, &r.Time)
	packed.Int(p, &r.After)
}

func (c *Conflict) code(p *packed.Coder) {
	packed.Uint(p, &c.From)
	packed.Uint(p, &c.First)
	packed.Uint(p, &c.Second)
	packed.Int(p, &c.Seq)
	packed.Int(p, &c.Len)
	packed.Uint(p, &c.Count)
}

// codeBefore codes what is left of the incarnation before.
func (c *Conn) codeBefore(p *packed.Coder) {
	if p.Reading() {
		c.Before = &Previous{}
	}
	packed.Uint(p, &c.Before.LastFrame)
	packed.Int(p, &c.Before.End)
	for side := range c.Before.States {
		packed.Uint(p, &c.Before.States[side])
		packed.Uint(p, &c.Before.Next[side])
	}
}

func (h *history) code(p *packed.Coder, start int64, frame int) {
	n := len(h.marks)
	packed.Uint(p, &n)
	packed.Uint(p, &h.runs)
	if p.Reading() {
		h.expect(n)
	}
	before := expected{time: start, frame: frame}
	for i := range h.marks {
		h.marks[i].code(p, &before)
	}
}

// expect makes room for n marks.
func (h *history) expect(n int) {
	if n > cap(h.marks) {
		h.marks = make([]Mark, n)
	}
	h.marks = h.marks[:n]
	clear(h.marks)
}

// expected is what the marks so far let the next one be expected to be.
type expected struct {
	time  int64
	frame int
	side  [2]struct {
		end, window  int64
		tsval, tsecr uint32
		id           uint16
		ttl          uint8
	}
}

func (m *Mark) code(p *packed.Coder, x *expected) {
	fromServer, run := m.From == Server, m.Count != 1 || m.LastFrame != m.Frame || m.LastTime != m.Time || m.LastAck != m.Ack
	remarked, icmp := m.Notes != 0 || m.Fate != 0, m.ICMP != nil
	data, selected := m.Len != 0, m.SACKed != 0
	p.Flags(&fromServer, &m.HasTS, &m.HasIPID, &data, &remarked, &run, &selected, &icmp)
	if fromServer {
		m.From = Server
	}
	packed.Uint(p, &m.Flags)
	packed.Delta(p, &m.Frame, x.frame)
	packed.Delta(p, &m.Time, x.time)
	own, peer := &x.side[m.From], &x.side[m.From.Other()]
	packed.Delta(p, &m.Seq, own.end)
	if data {
		packed.Int(p, &m.Len)
	}
	packed.Delta(p, &m.End, m.Seq+m.Len)
	packed.Delta(p, &m.Ack, peer.end)
	packed.Delta(p, &m.Window, own.window)
	packed.Uint(p, &m.Bare)
	if remarked {
		packed.Uint(p, &m.Notes)
		packed.Uint(p, &m.Fate)
	}
	if selected {
		packed.Delta(p, &m.SACKed, peer.end)
	}
	if m.HasTS {
		packed.Delta32(p, &m.TSVal, own.tsval)
		packed.Delta32(p, &m.TSEcr, peer.tsval)
	}
	if m.HasIPID {
		id := int(m.IPID)
		packed.Delta(p, &id, int(own.id))
		m.IPID = uint16(id)
	}
	ttl := int(m.TTL)
	packed.Delta(p, &ttl, int(own.ttl))
	m.TTL = uint8(ttl)
	m.codeRun(p, run)
	if icmp {
		m.codeICMP(p)
	}
	x.frame, x.time = m.LastFrame, m.LastTime
	own.end, own.window, own.tsval, own.id, own.ttl = m.End, m.Window, m.TSVal, m.IPID, m.TTL
}

// codeRun codes what a run of segments adds to its first one.
func (m *Mark) codeRun(p *packed.Coder, run bool) {
	if !run {
		m.Count, m.LastFrame, m.LastTime, m.LastAck = 1, m.Frame, m.Time, m.Ack
		return
	}
	packed.Uint(p, &m.Count)
	packed.Delta(p, &m.LastFrame, m.Frame)
	packed.Delta(p, &m.LastTime, m.Time)
	packed.Delta(p, &m.LastAck, m.Ack)
}

func (m *Mark) codeICMP(p *packed.Coder) {
	if p.Reading() {
		m.ICMP = &ICMPNote{}
	}
	n := m.ICMP
	p.Flags(&n.V6)
	packed.Uint(p, &n.Type)
	packed.Uint(p, &n.Code)
	packed.Int(p, &n.Seq)
	for i := range n.Router {
		packed.Uint(p, &n.Router[i])
	}
}
