package traffic

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

const (
	syn = reassembly.SYN
	ack = reassembly.ACK
	fin = reassembly.FIN
	rst = reassembly.RST
	psh = reassembly.PSH
)

// side is an endpoint.
type side int

const (
	client side = iota
	server
)

func (s side) peer() side { return 1 - s }

// conversation is a connection that is being written: packets are added as its two
// ends send them, and now moves on as they pass the point of capture.
type conversation struct {
	number  int
	ends    [2]netip.AddrPort
	vlan    uint16
	plain   bool // no options but the segment size
	now     int64
	answers [2]int64  // how soon an answer of a side passes the point of capture, microseconds
	sent    [2]uint32 // next sequence number
	heard   [2]uint32 // what a side acknowledges
	stamps  [2]uint32 // of the time stamps option (RFC 7323), of what a side sent last
	ids     [2]uint16 // IP identification
	packets []packet  // that are still to come
	more    func(*conversation)
}

// packet is one segment at the point of capture.
type packet struct {
	at       int64 // microseconds since the capture began
	from     side
	flags    reassembly.Flags
	seq, ack uint32
	window   uint16
	length   int
	sack     [2]uint32 // edges of a block, equal for none
	stamp    uint32
	echo     uint32
}

// say has a side send a segment, which arrives.
func (c *conversation) say(from side, flags reassembly.Flags, length int) *packet {
	c.packets = append(c.packets, packet{at: c.now, from: from, flags: flags, seq: c.sent[from], window: 502, length: length})
	p := &c.packets[len(c.packets)-1]
	c.stamps[from] = uint32(c.now/1000) + 1
	p.stamp, p.echo = c.stamps[from], c.stamps[from.peer()]
	if flags.Has(ack) {
		p.ack = c.heard[from]
	}
	c.sent[from] += uint32(length)
	if flags.Any(syn | fin) {
		c.sent[from]++
	}
	c.heard[from.peer()] = c.sent[from]
	return p
}

// reply waits for a side to answer what has just passed, and has it do so.
func (c *conversation) reply(from side, flags reassembly.Flags, length int) *packet {
	c.now += c.answers[from]
	return c.say(from, flags, length)
}

// handshake opens the connection.
func (c *conversation) handshake() {
	c.say(client, syn, 0)
	c.reply(server, syn|ack, 0)
	c.reply(client, ack, 0)
}

// segmentSize is the payload of a full segment.
const segmentSize = 1448

// burst sends full segments one after the other, each second one acknowledged.
// One of them may be lost: number lost, -1 for none; seen tells whether that was
// after the point of capture. now becomes the time of the last acknowledgment.
func (c *conversation) burst(from side, segments, last, lost int, seen bool) {
	const apart = 12 // microseconds between segments
	to, start := from.peer(), c.now
	var hole, repaired uint32
	for i := range segments {
		size := segmentSize
		if i == segments-1 {
			size = last
		}
		c.now = start + int64(i)*apart
		before := c.heard[to]
		c.say(from, ack, size)
		switch {
		case i == lost:
			hole, repaired = before, c.sent[from]
			c.heard[to] = hole
			if !seen {
				c.packets = c.packets[:len(c.packets)-1]
			}
		case repaired != 0:
			c.heard[to] = hole
			c.now += c.answers[to]
			c.say(to, ack, 0).sack = [2]uint32{repaired, c.sent[from]}
		case i%2 == 1 || i == segments-1:
			c.now += c.answers[to]
			c.say(to, ack, 0)
		}
	}
	c.now = max(c.now, start+int64(segments)*apart)
	if repaired != 0 {
		c.repeat(from, hole, repaired, segments-lost > 3)
	}
}

// repeat sends what was lost again, quickly or by the timer, and has it acknowledged.
func (c *conversation) repeat(from side, hole, end uint32, quickly bool) {
	if quickly {
		c.now += c.answers[from]
	} else {
		c.now += 200_000 + c.answers[from]
	}
	next := c.sent[from]
	p := c.say(from, ack, int(end-hole))
	p.seq = hole
	c.sent[from], c.heard[from.peer()] = next, next
	c.reply(from.peer(), ack, 0)
}

// sort puts the packets in the order of time: those of a burst and their
// acknowledgments overlap.
func (c *conversation) sort() *conversation {
	slices.SortStableFunc(c.packets, func(a, b packet) int { return int(a.at - b.at) })
	return c
}

// frame returns a packet on the wire.
func (c *conversation) frame(p *packet, payload []byte) []byte {
	to := p.from.peer()
	c.ids[p.from]++
	s := flowtest.Segment{
		Src: c.ends[p.from], Dst: c.ends[to],
		Seq: p.seq, Ack: p.ack, Flags: p.flags, Window: p.window,
		Options: c.options(p), Payload: payload, ID: c.ids[p.from], TTL: 64 - uint8(p.from)*7,
	}
	direction := reassembly.Outgoing
	if p.from == server {
		direction = reassembly.Incoming
	}
	return flowtest.Link{Type: flowtest.LinkEthernet, VLAN: c.vlan}.Frame(s.IP(), direction)
}

// options are those of Linux, with a clock of milliseconds.
func (c *conversation) options(p *packet) []byte {
	const mss, wscale, sackPermitted, sack, timestamps, nop = 2, 3, 4, 5, 8, 1
	if p.flags.Has(rst) {
		return nil
	}
	var b []byte
	if p.flags.Has(syn) {
		b = append(b, mss, 4, 1460>>8, 1460&0xff)
		if c.plain {
			return b
		}
		b = append(b, sackPermitted, 2)
	} else if c.plain {
		return nil
	} else {
		b = append(b, nop, nop)
	}
	b = append(b, timestamps, 10)
	b = binary.BigEndian.AppendUint32(b, p.stamp)
	b = binary.BigEndian.AppendUint32(b, p.echo)
	if p.flags.Has(syn) {
		return append(b, nop, wscale, 3, 7)
	}
	if p.sack[0] != p.sack[1] {
		b = append(b, nop, nop, sack, 10)
		b = binary.BigEndian.AppendUint32(b, p.sack[0])
		b = binary.BigEndian.AppendUint32(b, p.sack[1])
	}
	return b
}
