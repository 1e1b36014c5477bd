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
	now := content{conn: conn, seq: m.Seq, sample: s.Sample, len: int32(m.Len), frame: m.Frame, from: m.From}
	at := &c.held[c.place(&now)]
	old := *at
	*at = now
	if old.conn == conn && old.from == now.from && old.seq == now.seq && old.len == now.len && old.sample != now.sample {
		return old.frame
	}
	return 0
}

func (c *contents) place(n *content) uint64 {
	h := (uint64(n.seq) ^ uint64(n.conn)<<33 ^ uint64(n.from)<<63) * 0x9e37_79b9_7f4a_7c15
	return h >> (64 - 12)
}
