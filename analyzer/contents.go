package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// contents remembers what the last segments of all connections held, so that one
// that is sent again can be compared with its first copy. It forgets by place: a
// comparison may be missed, but none is ever wrong.
type contents struct {
	held [1 << 12]content
}

type content struct {
	conn   int // ID of the connection, 0 for none
	sample uint64
	seq    reassembly.Seq
	len    int32
	frame  int
	src    reassembly.Endpoint
}

// differs keeps what s held, and returns the frame in which the same range held
// something else, 0 for none. Keep-alives may carry any byte.
func (c *contents) differs(conn int, s *reassembly.Segment) int {
	if s.Sample == 0 || s.Len < 2 {
		return 0
	}
	at := &c.held[place(conn, s)]
	frame := 0
	if at.seq == s.Seq && at.conn == conn && at.src == s.Src && int(at.len) == s.Len && at.sample != s.Sample {
		frame = at.frame
	}
	at.conn, at.seq, at.sample, at.len, at.frame, at.src = conn, s.Seq, s.Sample, int32(s.Len), s.Frame, s.Src
	return frame
}

// place is where a range is remembered.
func place(conn int, s *reassembly.Segment) uint64 {
	h := (uint64(s.Seq) ^ uint64(conn)<<33 ^ uint64(s.Src.Port)<<17) * 0x9e37_79b9_7f4a_7c15
	return h >> (64 - 12)
}
