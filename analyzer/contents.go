package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
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
	seq    int64
	sample uint64
	len    int32
	frame  int
	from   timeline.Side
}

// differs keeps what m held, and returns the frame in which the same range held
// something else, 0 for none. Keep-alives may carry any byte.
func (c *contents) differs(conn int, m *timeline.Mark, s *reassembly.Segment) int {
	if s.Sample == 0 || m.Len < 2 {
		return 0
	}
	at := &c.held[place(conn, m)]
	frame := 0
	if at.seq == m.Seq && at.conn == conn && at.from == m.From && int64(at.len) == m.Len && at.sample != s.Sample {
		frame = at.frame
	}
	at.conn, at.seq, at.sample, at.len, at.frame, at.from = conn, m.Seq, s.Sample, int32(m.Len), m.Frame, m.From
	return frame
}

// place is where a range is remembered.
func place(conn int, m *timeline.Mark) uint64 {
	h := (uint64(m.Seq) ^ uint64(conn)<<33 ^ uint64(m.From)<<63) * 0x9e37_79b9_7f4a_7c15
	return h >> (64 - 12)
}
