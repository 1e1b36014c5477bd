package flowtest

import (
	"net/netip"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Script is a parsed packets file.
type Script struct {
	link    Link
	tap     tap
	snaplen int  // 0: frames are whole
	bare    bool // segments that name no options have none
	conns   []conn
	lines   []line   // frame by frame, repeats played out
	repeats []repeat // in the order of their frames
}

// tap is where a cooked capture was taken: it decides what the header says of
// the direction.
type tap uint8

const (
	tapClient tap = iota
	tapServer
	tapMiddle
)

var tapNames = [...]string{"client", "server", "middle"}

// side is who sent a frame.
type side uint8

const (
	client side = iota
	server
)

func (s side) other() side    { return 1 - s }
func (s side) String() string { return [...]string{"C", "S"}[s] }

// conn is one connection of a script; the first has no name.
type conn struct {
	name string
	ends [2]netip.AddrPort // by side
	isn  [2]uint32         // by side
	made bool              // by a repeat: no directive stands for it
}

type kind uint8

const (
	kindSegment kind = iota
	kindDup
	kindICMP
	kindUDP
	kindARP
)

// line is one frame.
type line struct {
	at   time.Duration
	kind kind
	conn int // index into Script.conns
	path path
	seg  segment   // of an ICMP error: what it quotes
	dup  int       // number of the frame that is captured again
	icmp icmpError // who sent it and why
}

// path is what a frame met on its way; zero fields stand for the default.
type path struct {
	ttl       uint8
	vlan      uint16
	index     uint32
	direction reassembly.Direction
}

// segment is a segment in relative numbers.
type segment struct {
	from   side
	flags  reassembly.Flags
	seq    int64
	len    int
	ack    int64
	window optional
	urgent uint16
	id     optional
	lost   bool
	other  bool // holds other bytes than its place in the stream has elsewhere
	opts   []option
	listed bool // the line names its options, if only none
}

// end returns the sequence number after the segment.
func (s *segment) end() int64 {
	end := s.seq + int64(s.len)
	if s.flags.Has(reassembly.SYN) {
		end++
	}
	if s.flags.Has(reassembly.FIN) {
		end++
	}
	return end
}

// optional is a 16-bit header field that a line may leave to its default.
type optional struct {
	value uint16
	given bool
}

func (o optional) or(value uint16) uint16 {
	if o.given {
		return o.value
	}
	return value
}

// flagLetters are packetdrill's, in the order in which they are written.
var flagLetters = [...]struct {
	letter byte
	flag   reassembly.Flags
}{
	{'S', reassembly.SYN}, {'F', reassembly.FIN}, {'R', reassembly.RST}, {'P', reassembly.PSH},
	{'U', reassembly.URG}, {'E', reassembly.ECE}, {'W', reassembly.CWR}, {'A', reassembly.AE},
	{'.', reassembly.ACK},
}
