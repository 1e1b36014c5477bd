package reassembly

import "math/bits"

// packet is what is left of a frame behind the headers read so far, and what
// those headers said.
type packet struct {
	frame *Frame
	data  []byte // captured bytes
	wire  int    // bytes on the wire, by the innermost length so far; more than len(data) when the frame was cut
	next  header // what data begins with

	src, dst  [16]byte // of the innermost IP header
	ttl       uint8
	hasIPID   bool
	ipid      uint16
	unsized   bool   // the IP header has no length: wire is what the frame has
	piece     piece  // of a packet, when the header read last says so
	pieces    int    // frames before this one that held the rest of it
	unkept    uint16 // captured bytes of fragments behind data
	direction Direction
	view      uint64
}

// skip drops the n bytes of a header that was read.
func (p *packet) skip(n int, next header) {
	p.data = p.data[n:]
	p.wire -= n
	p.next = next
}

// fixed drops a header of size bytes, of which nothing is needed.
func (p *packet) fixed(size int, next header) Verdict {
	if len(p.data) < size {
		return p.unread()
	}
	p.skip(size, next)
	return undecided
}

// trim ends the packet after n bytes, by the length field of a header. What lies
// behind is padding or a trailer. A length beyond the frame stands: some captures
// record less than the length on the wire.
func (p *packet) trim(n int) {
	p.wire = n
	p.data = p.data[:min(n, len(p.data))]
}

// short is the verdict on a header of n bytes that the captured bytes do not
// hold: cut when it was on the wire, otherwise what the caller makes of it.
func (p *packet) short(n int, otherwise Verdict) Verdict {
	if p.wire >= n {
		return CutBySnapLength
	}
	return otherwise
}

// see mixes v into the view: a folded multiplication, cheap and well spread.
func (p *packet) see(v uint64) {
	hi, lo := bits.Mul64(p.view^v, 0x9e3779b97f4a7c15)
	p.view = hi ^ lo
}

// sight returns the view as a Segment carries it.
func (p *packet) sight() uint32 { return uint32(p.view ^ p.view>>32) }
