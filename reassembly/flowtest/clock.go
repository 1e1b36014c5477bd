package flowtest

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// clock keeps the timestamps of one connection: by RFC 7323 §4.3, and where Linux
// differs, as Linux does.
type clock struct {
	started [2]bool      // the side has acknowledged something
	closed  [2]bool      // the side has sent its FIN
	acked   [2]int64     // Last.ACK.sent
	recent  [2]uint32    // TS.Recent: what the side echoes
	coming  [2][]stamped // captured, and not yet known to have reached the side
}

// stamped is what a segment says to the clock of its receiver.
type stamped struct {
	seq, end int64
	syn      bool
	val      uint32
}

// fill returns opts with the automatic timestamps put in, for a segment that is
// sent now.
func (c *clock) fill(l *line, opts []option) []option {
	s, val := &l.seg, tsval(l)
	if s.flags.Has(reassembly.ACK) {
		c.receive(s.from, s.ack)
	}
	c.closed[s.from] = c.closed[s.from] || s.flags.Has(reassembly.FIN)
	out := append([]option(nil), opts...)
	for i := range out {
		if out[i].kind != optTimestamps {
			continue
		}
		if out[i].auto {
			out[i].val, out[i].ecr = val, 0
			if s.flags.Has(reassembly.ACK) {
				out[i].ecr = c.recent[s.from]
			}
		}
		if !s.lost {
			to := s.from.other()
			c.coming[to] = append(c.coming[to], stamped{s.seq, s.end(), s.flags.Has(reassembly.SYN), out[i].val})
		}
	}
	return out
}

// receive lets a side have what ack says that it had when it sent it.
func (c *clock) receive(at side, ack int64) {
	later := c.coming[at][:0]
	for _, seg := range c.coming[at] {
		switch {
		case seg.end > ack:
			later = append(later, seg)
		case c.updates(at, seg):
			c.recent[at] = seg.val
		}
	}
	c.coming[at] = later
	c.acked[at], c.started[at] = ack, true
}

// updates reports whether a side echoes a segment from now on: one that covers
// the last number acknowledged, so that a delayed ACK echoes the first of the
// segments that it is about. A SYN that comes again updates nothing in Linux's
// SYN_RCVD, nor does a FIN in its TIME_WAIT.
func (c *clock) updates(at side, seg stamped) bool {
	if !c.started[at] {
		return true
	}
	if int32(seg.val-c.recent[at]) < 0 {
		return false // PAWS: the segment is dropped
	}
	if again := seg.end > seg.seq && seg.end <= c.acked[at]; again && (seg.syn || (c.closed[client] && c.closed[server])) {
		return false
	}
	return seg.seq <= c.acked[at] && seg.end >= c.acked[at]
}

// tsval counts milliseconds from a start that differs by host.
func tsval(l *line) uint32 {
	start := [2]uint32{3_000_000_000, 1_000_000_000}[l.seg.from]
	return start + uint32(l.at/time.Millisecond)
}
