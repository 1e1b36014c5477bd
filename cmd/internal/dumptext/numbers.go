package dumptext

import "github.com/tcpflow-explain/tcpflow-explain/reassembly"

// numbers makes sequence numbers absolute again, as tcpdump made them relative: the
// first segment with an ACK of a connection, and every SYN-ACK, is printed as it is.
// From then on its sequence number, and its acknowledgment number less one, are what
// numbers count from. Segments without an ACK (the SYN, some resets) are always
// printed as they are; with -S all are.
type numbers struct {
	conns    map[reassembly.Key]*conn
	relative bool // numbers of some connection were seen to be relative: no -S
	literal  bool // those of another were seen not to be
}

// conn is what is known of a connection, by side: 0 is the side of Key.A.
type conn struct {
	based   bool      // base is known
	literal bool      // numbers do not count from base: -S, or the text is an excerpt
	small   bool      // base looks like relative numbers: surely an excerpt
	base    [2]uint32 // what relative numbers count from
	next    [2]uint32 // the number that the side would send next
	known   [2]bool   // next is valid
	guessed [2]bool   // base is: no number was printed
	spoken  [2]spoken
}

// restart forgets all connections, as another run of tcpdump has.
func (n *numbers) restart() { *n = numbers{conns: map[reassembly.Key]*conn{}} }

// conn returns the connection of seg and the side that sent it.
func (n *numbers) conn(seg *segment) (c *conn, side int) {
	key, fromA := reassembly.KeyOf(seg.src, seg.dst)
	c = n.conns[key]
	if c == nil {
		c = &conn{}
		n.conns[key] = c
	}
	if !fromA {
		side = 1
	}
	return c, side
}

// resolve makes the numbers of seg absolute; ahead are the packets that follow.
func (n *numbers) resolve(seg *segment, ahead []*packet) {
	c, side := n.conn(seg)
	other := 1 - side
	hasAck, syn := seg.flags.Has(reassembly.ACK), seg.flags.Has(reassembly.SYN)
	begins := hasAck && (syn || !c.based)
	switch {
	case begins:
		n.begin(c, seg, side, ahead)
	case !hasAck && !syn && c.known[side] && c.literal && n.excerpt(c):
		seg.seq = c.next[side] // the absolute one means nothing among numbers that are relative to what is missing
	case hasAck && !c.literal:
		seg.seq += c.base[side]
		seg.ack += c.base[other]
	}
	probe := false
	if !seg.hasSeq {
		seg.seq = c.next[side]
		if probe = !seg.quoted && c.isProbe(seg, side); probe {
			seg.seq--
		}
	}
	c.advance(seg, side)
	if !seg.quoted {
		c.speak(seg, side, probe)
	}
	if begins {
		c.literal = n.isLiteral(c, seg, ahead)
	}
	if hasAck && !c.literal {
		for _, o := range seg.options {
			o.shift(c.base[other])
		}
	}
}

// excerpt reports whether the literal numbers of c are relative ones, to numbers that
// were printed before the text begins.
func (n *numbers) excerpt(c *conn) bool { return c.small || n.relative }

// begin takes the first segment with an ACK, from which tcpdump counts.
func (n *numbers) begin(c *conn, seg *segment, side int, ahead []*packet) {
	other := 1 - side
	c.based, c.guessed = true, [2]bool{}
	if !seg.hasSeq && !c.known[side] {
		c.next[side], c.guessed[side] = n.position(seg, ahead), true
	}
	if !seg.hasSeq {
		seg.seq, seg.hasSeq = c.next[side], true
	}
	c.base[side], c.base[other] = seg.seq, seg.ack-1
	const small = 1 << 20 // an initial number is below in one of 4,096 cases
	c.small = c.base[side] < small && seg.ack < small
}

// isLiteral reports whether the numbers of a connection that begins with seg go on
// where they began, rather than counting from there.
func (n *numbers) isLiteral(c *conn, seg *segment, ahead []*packet) bool {
	for _, p := range ahead {
		if p.kind != tcpSegment || !sameConn(seg, &p.seg) || !p.seg.flags.Has(reassembly.ACK) {
			continue
		}
		if p.seg.flags.Has(reassembly.SYN) {
			break
		}
		if literal, relative := c.distances(n, &p.seg); literal != relative {
			n.literal, n.relative = n.literal || literal < relative, n.relative || literal > relative
			return literal < relative
		}
	}
	return n.literal && !n.relative
}

// distances returns how far the numbers of seg are from those that are expected next,
// if they are literal and if they are relative.
func (c *conn) distances(n *numbers, seg *segment) (literal, relative uint64) {
	_, side := n.conn(seg)
	add := func(number uint32, side int) {
		if c.known[side] && !c.guessed[side] {
			literal += distance(number, c.next[side])
			relative += distance(c.base[side]+number, c.next[side])
		}
	}
	if seg.hasSeq {
		add(seg.seq, side)
	}
	add(seg.ack, 1-side)
	return literal, relative
}

func distance(a, b uint32) uint64 {
	d := int64(int32(a - b))
	return uint64(max(d, -d))
}

// position returns the number that the sender of seg stands at, by what follows: its
// own next one, or what the other side acknowledges. Relative numbers may count from
// anywhere, and then the zero that they count from will do.
func (n *numbers) position(seg *segment, ahead []*packet) uint32 {
	for _, p := range ahead {
		switch later := &p.seg; {
		case p.kind != tcpSegment || !sameConn(seg, later):
		case later.src == seg.src && later.hasSeq && later.flags.Has(reassembly.ACK):
			return later.seq
		case later.src == seg.dst && later.flags.Has(reassembly.ACK):
			return later.ack
		}
	}
	return 0
}

func sameConn(a, b *segment) bool {
	return a.src == b.src && a.dst == b.dst || a.src == b.dst && a.dst == b.src
}

// advance notes what comes after seg. A SYN on a connection that exists moves nothing
// before it is answered: it may be a stray one.
func (c *conn) advance(seg *segment, side int) {
	end := seg.seq + uint32(seg.length)
	if seg.flags.Any(reassembly.SYN | reassembly.FIN) {
		end++
	}
	switch syn, hasAck := seg.flags.Has(reassembly.SYN), seg.flags.Has(reassembly.ACK); {
	case seg.flags.Has(reassembly.RST), syn && !hasAck && c.based:
	case syn:
		c.next[side], c.known[side] = end, true
		if hasAck {
			c.next[1-side], c.known[1-side] = seg.ack, true
		}
	default:
		c.reach(side, end)
		if hasAck {
			c.reach(1-side, seg.ack)
		}
	}
}

// reach moves next forward.
func (c *conn) reach(side int, to uint32) {
	if !c.known[side] || int32(to-c.next[side]) > 0 {
		c.next[side], c.known[side] = to, true
	}
}
