package reassembly

// Half follows the sequence numbers of one direction of a connection. It keeps
// offsets, not bytes. The zero value has seen nothing.
type Half struct {
	base   Seq    // what the relative number 0 stands for: the ISN, or the guess that stands in for it
	based  bool   // base is set
	Synced bool   // the SYN was captured: base is the ISN
	Sent   bool   // at least one segment of this direction was captured
	Next   int64  // relative number after the highest byte, SYN or FIN captured
	Edge   int64  // up to here everything was captured, or acknowledged by the peer without having been
	Acked  int64  // highest relative number that the peer acknowledged
	FIN    int64  // relative number after the FIN, 0 when none was captured
	Missed int64  // relative number after a FIN that the capture missed, as far as acknowledgments tell; 0 otherwise
	rivals bool   // it opened with several numbers: the first acknowledgment tells which one holds
	data   bool   // payload was captured: the place of the last byte is known
	island Ranges // what was captured beyond Edge
	unseen Ranges // what was acknowledged without having been captured
}

// Arrival classifies a segment against what was captured before it.
type Arrival uint8

// How the sequence range of a segment relates to the earlier ones.
const (
	InOrder  Arrival = iota // begins at Next
	Ahead                   // leaves a hole before it
	Filling                 // fills a hole, at least in part
	Repeated                // holds nothing new
	Belated                 // was acknowledged before it was captured
	Empty                   // occupies no sequence number
)

// Anchor fixes the relative numbers by the first segment of this direction: its
// SYN is 0; without a SYN the first byte is 1 (as Wireshark counts).
func (h *Half) Anchor(s *Segment) {
	switch {
	case s.Flags&(SYN|RST) == SYN && !h.Synced && (!h.Sent || s.Seq == h.base):
		h.base, h.based, h.Synced = s.Seq, true, true
	case !h.based:
		h.base, h.based = s.Seq-1, true
		h.Next, h.Edge = 1, 1
	}
}

// Restart forgets what was captured of this direction: it was forged, or of
// another incarnation, as the SYN,ACK that really answers the SYN shows.
func (h *Half) Restart() { *h = Half{} }

// Reanchor takes isn for the ISN as long as nobody acknowledged the former one and
// nothing but SYNs was sent: SYN cookies give each SYN,ACK of a connection a number
// of its own (RFC 4987 §3.6).
func (h *Half) Reanchor(isn Seq) {
	if h.Synced && h.base != isn && h.Next <= 1 && h.Acked == 0 {
		h.base, h.rivals = isn, true
	}
}

// AnchorAck fixes the relative numbers by the first acknowledgment of this
// direction when none of its own segments came before, or when those left a
// choice: it counts as 1.
func (h *Half) AnchorAck(ack Seq) {
	if h.rivals {
		h.base, h.rivals = ack-1, false
	}
	if !h.based {
		h.base, h.based = ack-1, true
		h.Next, h.Edge, h.Acked = 1, 1, 1
	}
}

// ISN returns the sequence number that relative number 0 stands for.
func (h *Half) ISN() Seq { return h.base }

// Rel returns the relative number of s, unwrapped to 64 bits.
func (h *Half) Rel(s Seq) int64 { return s.Unwrap(h.base, h.Next) }

// Add takes in the sequence range [from, to) of a captured segment.
func (h *Half) Add(from, to int64) Arrival {
	h.Sent = true
	if from >= to {
		return Empty
	}
	h.data = true
	if to > h.Missed {
		h.Missed = 0 // it went on: what was acknowledged was a byte, not a FIN
	}
	kind := InOrder
	if from > h.Next {
		kind = Ahead
	}
	if from < h.Next && h.fresh(from, to) == 0 {
		if h.unseen.Overlap(from, to) == 0 {
			return Repeated
		}
		h.unseen.DropBelow(to)
		return Belated
	}
	if from < h.Next {
		kind = Filling
	}
	if from <= h.Edge && h.island.Len() == 0 {
		h.Edge = max(h.Edge, to)
	} else {
		h.island.Add(from, to)
		h.settle()
	}
	h.Next = max(h.Next, to)
	return kind
}

// GoesOn reports whether seq is where everything captured of this direction ends: there
// is no hole before it and no FIN.
func (h *Half) GoesOn(seq Seq) bool {
	return h.Sent && seq == h.base+Seq(uint32(h.Next)) && h.Edge == h.Next && h.FIN|h.Missed == 0
}

// Extend is Add for size numbers, more than none, at the place that GoesOn is true of.
func (h *Half) Extend(size int64) {
	h.data = true
	h.Next += size
	h.Edge = h.Next
}

// Expects returns the relative number of ack, and whether the peer may be expected to
// send it at any time: it lies within what was captured, in which there is no FIN.
func (h *Half) Expects(ack Seq) (rel int64, ok bool) {
	rel = h.Rel(ack)
	return rel, rel <= h.Edge && h.FIN|h.Missed == 0
}

// MayEnd reports whether what comes before the relative number end can be a FIN: it is
// the last that was acknowledged, and nobody captured it as a byte.
func (h *Half) MayEnd(end int64) bool {
	return end == h.Next && h.unseen.Overlap(end-1, end) > 0
}

// fresh returns how many numbers of [from, to) were not captured before.
func (h *Half) fresh(from, to int64) int64 {
	from = max(from, h.Edge)
	if from >= to {
		return 0
	}
	return to - from - h.island.Overlap(from, to)
}

// settle moves Edge over the islands that it has reached.
func (h *Half) settle() {
	if h.island.Len() > 0 {
		h.Edge = h.island.Gap(h.Edge)
		h.island.DropBelow(h.Edge)
	}
}

// Acknowledge takes in an acknowledgment by the peer, and reports whether it
// covers numbers that were never captured. Those are not waited for any longer.
func (h *Half) Acknowledge(ack int64) (unseen bool) {
	h.Acked = max(h.Acked, ack)
	if ack <= h.Edge {
		return false
	}
	h.Missed = 0
	if h.FIN == 0 && ack == h.Next+1 && (h.Synced || h.data || !h.Sent) {
		h.Missed = ack // one beyond a last byte that is known: otherwise it may be that of a keep-alive
	}
	if h.Sent {
		h.unseen.Add(max(h.Edge, h.Next), ack)
	}
	h.Edge = ack
	h.settle()
	h.Next = max(h.Next, ack)
	return true
}

// Retract takes back what lies beyond the relative number next: an
// acknowledgment of it proved void, as did the segment that held it. acked is
// what was acknowledged before.
func (h *Half) Retract(next, acked int64) {
	h.Next, h.Edge, h.Acked = min(h.Next, next), min(h.Edge, next), min(h.Acked, acked)
	if h.FIN > next {
		h.FIN = 0
	}
	if h.Missed > next {
		h.Missed = 0
	}
	h.island.DropFrom(next)
	h.unseen.DropFrom(next)
}

// Complete reports whether everything up to the relative number to was captured
// or acknowledged.
func (h *Half) Complete(to int64) bool { return h.Edge >= to }
