package flowtest

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// epoch is the capture time 0 of a script, in seconds since the Unix epoch: any
// fixed moment serves.
const epoch = 1_700_000_000

// builder makes the frames of a script, one after the other.
type builder struct {
	script *Script
	sent   []sent // by frame
	clocks []clock
	ids    [2]uint16 // the next IPv4 identification, by side
	frames []reassembly.Frame
}

// sent is what a frame holds, for when it is captured again.
type sent struct {
	ip        []byte
	direction reassembly.Direction
}

// Frames returns the capture that the script describes.
func (s *Script) Frames() []reassembly.Frame {
	b := builder{script: s, clocks: make([]clock, len(s.conns)), ids: [2]uint16{4001, 24001}}
	for i := range s.lines {
		b.add(&s.lines[i])
	}
	return b.frames
}

// add builds the frame of one line.
func (b *builder) add(l *line) {
	link := b.script.link
	if l.path.vlan != 0 {
		link.VLAN = l.path.vlan
	}
	if l.path.index != 0 {
		link.Index = l.path.index
	}
	var data []byte
	packet := b.packet(l)
	if l.path.direction != reassembly.DirectionUnknown {
		packet.direction = l.path.direction
	}
	if packet.ip == nil {
		data = append(link.header(etherARP, packet.direction), arpRequest()...)
	} else {
		data = link.Frame(packet.ip, packet.direction)
	}
	b.sent = append(b.sent, packet)
	f := reassembly.Frame{
		Number:   len(b.frames) + 1,
		Time:     epoch*int64(time.Second) + int64(l.at),
		LinkType: link.Type,
		Data:     data,
		Length:   len(data),
	}
	if n := b.script.snaplen; n > 0 && n < len(data) {
		f.Data = data[:n:n]
	}
	b.frames = append(b.frames, f)
}

// packet returns the IP packet of a line; none for ARP.
func (b *builder) packet(l *line) sent {
	ttl := l.path.ttl
	if ttl == 0 {
		ttl = defaultTTL
	}
	switch l.kind {
	case kindDup:
		packet := b.sent[l.dup-1]
		if l.path.ttl != 0 {
			packet.ip = withTTL(packet.ip, ttl)
		}
		return packet
	case kindICMP:
		to := b.script.conns[l.conn].ends[l.seg.from].Addr()
		quoted := b.segment(l, l.seg.opts, l.seg.id.or(0)).IP()
		return sent{l.icmp.packet(quoted, to, ttl), b.direction(l.seg.from.other())}
	case kindUDP:
		return sent{strangerUDP(ttl), b.direction(client)}
	case kindARP:
		return sent{nil, b.direction(client)}
	}
	c := &b.clocks[l.conn]
	opts := c.fill(l, b.options(&l.seg))
	s := b.segment(l, opts, b.id(&l.seg))
	s.TTL = ttl
	return sent{s.IP(), b.direction(l.seg.from)}
}

// segment puts absolute numbers and defaults in place of what a line left out.
func (b *builder) segment(l *line, opts []option, id uint16) Segment {
	s, c := &l.seg, &b.script.conns[l.conn]
	out := Segment{
		Src: c.ends[s.from], Dst: c.ends[s.from.other()],
		Seq:   c.isn[s.from] + uint32(s.seq),
		Flags: s.flags, Window: s.window.or(linuxWindow(s.flags)), Urgent: s.urgent,
		Options: appendOptions(nil, opts, c.isn[s.from.other()]),
		Payload: payload(s.seq, s.len, s.other),
		ID:      id,
	}
	if s.flags.Has(reassembly.ACK) {
		out.Ack = c.isn[s.from.other()] + uint32(s.ack)
	}
	return out
}

// options are those of the line, or what Linux would send.
func (b *builder) options(s *segment) []option {
	switch {
	case s.listed:
		return s.opts
	case b.script.bare || s.noSocket():
		return nil
	case s.flags.Has(reassembly.SYN):
		return linuxSYN()
	}
	return linuxLater()
}

// id is that of the line, or the next one of its sender.
func (b *builder) id(s *segment) uint16 {
	synAck := s.flags.Has(reassembly.SYN | reassembly.ACK)
	if s.id.given || synAck || s.noSocket() {
		return s.id.value
	}
	b.ids[s.from]++
	return b.ids[s.from] - 1
}

// noSocket reports whether a segment has the looks of the RST that a kernel
// without a socket sends: window 0.
func (s *segment) noSocket() bool {
	return s.flags.Has(reassembly.RST) && s.window.or(0) == 0
}

func linuxWindow(flags reassembly.Flags) uint16 {
	switch {
	case flags.Has(reassembly.RST):
		return 0
	case flags.Has(reassembly.SYN | reassembly.ACK):
		return 65160
	case flags.Has(reassembly.SYN):
		return 64240
	}
	return 63
}

// payload returns n bytes that depend on their place in the stream, so that a
// repetition repeats the bytes too; other asks for bytes that do not.
func payload(seq int64, n int, other bool) []byte {
	b := make([]byte, n)
	first := byte('a')
	if other {
		first = 'A'
	}
	for i := range b {
		b[i] = first + byte(uint64(seq+int64(i))%26)
	}
	return b
}

// direction is what the capturing host says of a frame sent by from.
func (b *builder) direction(from side) reassembly.Direction {
	switch {
	case b.script.tap == tapMiddle:
		return reassembly.Passing
	case (b.script.tap == tapServer) == (from == server):
		return reassembly.Outgoing
	}
	return reassembly.Incoming
}

// Two hosts that have nothing to do with any connection.
var (
	stranger      = netip.AddrFrom4([4]byte{192, 0, 2, 201})
	otherStranger = netip.AddrFrom4([4]byte{192, 0, 2, 202})
)

func strangerUDP(ttl uint8) []byte {
	const discard, headerLen = 9, 8
	b := binary.BigEndian.AppendUint16(nil, 40009)
	b = binary.BigEndian.AppendUint16(b, discard)
	b = binary.BigEndian.AppendUint16(b, headerLen)
	b = binary.BigEndian.AppendUint16(b, 0)
	binary.BigEndian.PutUint16(b[6:], transportSum(stranger, otherStranger, protoUDP, b))
	return ipPacket(stranger, otherStranger, protoUDP, ttl, 0, b)
}

func arpRequest() []byte {
	b := []byte{0, arpEthernet, etherIPv4 >> 8, etherIPv4 & 0xff, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9}
	b = append(b, stranger.AsSlice()...)
	b = append(b, 0, 0, 0, 0, 0, 0)
	return append(b, otherStranger.AsSlice()...)
}
