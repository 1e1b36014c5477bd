package netsim

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// segment is one TCP segment. Its numbers are relative to the ISN of their direction.
type segment struct {
	id       int // from 1, in the order of sending
	from     Side
	flags    reassembly.Flags
	seq, ack int64
	len      int64
	ipid     uint16
	window   uint16
	stamped  bool
	val, ecr uint32
	sack     bool       // permits selective acknowledgments
	blocks   [][2]int64 // of the other direction; a duplicate first (RFC 2883)
}

func (s *segment) has(f reassembly.Flags) bool { return s.flags.Has(f) }

// end is the number after the segment: payload, SYN and FIN count.
func (s *segment) end() int64 {
	end := s.seq + s.len
	if s.has(reassembly.SYN) {
		end++
	}
	if s.has(reassembly.FIN) {
		end++
	}
	return end
}

func (s *segment) kind() Kind {
	switch {
	case s.has(reassembly.RST):
		return KindRST
	case s.has(reassembly.SYN | reassembly.ACK):
		return KindSYNACK
	case s.has(reassembly.SYN):
		return KindSYN
	case s.has(reassembly.FIN):
		return KindFIN
	case s.len > 0:
		return KindData
	}
	return KindACK
}

// isn returns the initial sequence numbers; the client's data soon wraps.
func isn(s Side) uint32 { return [...]uint32{1<<32 - 3000, 1 << 31}[s] }

// frame returns the segment as it looks at the tap.
func (s *segment) frame() []byte {
	ends := [2]struct{ flowtest.Segment }{}
	ends[Client].Src, ends[Client].Dst = flowtest.DefaultClient(), flowtest.DefaultServer()
	ends[Server].Src, ends[Server].Dst = flowtest.DefaultServer(), flowtest.DefaultClient()
	out := ends[s.from].Segment
	out.Seq, out.Flags, out.Window, out.ID = isn(s.from)+uint32(s.seq), s.flags, s.window, s.ipid
	if s.has(reassembly.ACK) {
		out.Ack = isn(s.from.other()) + uint32(s.ack)
	}
	out.Options = s.options()
	out.Payload = make([]byte, s.len)
	return out.Ethernet()
}

// options returns those of Linux: MSS on a SYN, SACK and timestamps.
func (s *segment) options() []byte {
	var b []byte
	if s.has(reassembly.SYN) {
		b = append(b, 2, 4, 5, 0xb4)
	}
	if s.has(reassembly.SYN) && s.sack {
		b = append(b, 1, 1, 4, 2)
	}
	if n := len(s.blocks); n > 0 {
		b = append(b, 1, 1, 5, byte(2+8*n))
		for _, block := range s.blocks {
			b = binary.BigEndian.AppendUint32(b, isn(s.from.other())+uint32(block[0]))
			b = binary.BigEndian.AppendUint32(b, isn(s.from.other())+uint32(block[1]))
		}
	}
	if s.stamped {
		b = append(b, 1, 1, 8, 10)
		b = binary.BigEndian.AppendUint32(b, s.val)
		b = binary.BigEndian.AppendUint32(b, s.ecr)
	}
	return b
}

// String returns the segment in the notation of flowtest: "C> P. 1:101(100) ack 1".
func (s *segment) String() string {
	flags := ""
	for _, f := range [...]struct {
		bit    reassembly.Flags
		letter string
	}{{reassembly.SYN, "S"}, {reassembly.FIN, "F"}, {reassembly.RST, "R"}, {reassembly.PSH, "P"}, {reassembly.ACK, "."}} {
		if s.has(f.bit) {
			flags += f.letter
		}
	}
	text := fmt.Sprintf("%s> %s %d:%d(%d)", [...]string{"C", "S"}[s.from], flags, s.seq, s.seq+s.len, s.len)
	if s.has(reassembly.ACK) {
		text += fmt.Sprintf(" ack %d", s.ack)
	}
	for _, block := range s.blocks {
		text += fmt.Sprintf(" sack %d:%d", block[0], block[1])
	}
	return text
}

// Packet is what became of one segment.
type Packet struct {
	ID      int
	Text    string // in the notation of package flowtest
	Sent    time.Duration
	Frames  []int           // in which it was captured
	Arrived []time.Duration // at its receiver; none when it was lost
}

// String returns the packet on one line.
func (p *Packet) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%10.6f  #%-3d %-40s", p.Sent.Seconds(), p.ID, p.Text)
	fmt.Fprintf(&b, " frames %v", p.Frames)
	if len(p.Arrived) == 0 {
		b.WriteString(" lost")
	}
	for _, at := range p.Arrived {
		fmt.Fprintf(&b, " arrived %.6f", at.Seconds())
	}
	return b.String()
}
