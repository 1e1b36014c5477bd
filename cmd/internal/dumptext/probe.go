package dumptext

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// probeWait is the least time between a segment and a probe of the same sender:
// Linux's least retransmission timeout.
const probeWait = 200 * int64(time.Millisecond)

// spoken is what one side of a connection sent last, and whether it has a reason to
// send a bare ACK after that.
type spoken struct {
	at     int64 // nanoseconds since the Unix epoch
	ack    uint32
	window uint16
	valid  bool
	owes   bool // the other side has sent what has to be acknowledged
}

// isProbe reports whether a bare ACK, whose sequence number was not printed, is a
// keep-alive or window probe: nothing called for it, and it says again what its sender
// had said before. Hosts send such an ACK only to be answered, with the number before
// the next one (RFC 9293 §3.8.4, §3.8.6.1).
func (c *conn) isProbe(seg *segment, side int) bool {
	last := &c.spoken[side]
	for _, o := range seg.options {
		if o[0] == optSACK {
			return false
		}
	}
	return last.valid && !last.owes && seg.ack == last.ack && seg.window == last.window && seg.at-last.at >= probeWait
}

// speak notes that side has sent seg.
func (c *conn) speak(seg *segment, side int, probe bool) {
	calls := probe || seg.length > 0 || seg.flags.Any(reassembly.SYN|reassembly.FIN|reassembly.RST)
	c.spoken[side] = spoken{
		at: seg.at, ack: seg.ack, window: seg.window,
		valid: seg.flags.Has(reassembly.ACK) && !seg.flags.Has(reassembly.SYN),
	}
	if calls {
		c.spoken[1-side].owes = true
	}
}
