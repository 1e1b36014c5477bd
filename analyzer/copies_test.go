package analyzer

import (
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// packet is what the cases of TestIdentity change one value of.
var packet = reassembly.Segment{
	Src: reassembly.Endpoint{IP: [16]byte{1, 15: 2}, Port: 3}, Dst: reassembly.Endpoint{IP: [16]byte{4, 15: 5}, Port: 6},
	Seq: 7, Ack: 8, Flags: reassembly.ACK, Window: 9, Len: 10, IPID: 11, HasIPID: true, Sample: 12,
	Options: reassembly.Options{TSVal: 13, TSEcr: 14},
}

// A copy has taken another way to the capture, and nothing else is different.
func TestIdentity(t *testing.T) {
	tests := []struct {
		what string
		same bool
		with func(*reassembly.Segment)
	}{
		{"nothing", true, func(*reassembly.Segment) {}},
		{"the frame", true, func(s *reassembly.Segment) { s.Frame++ }},
		{"a little time", true, func(s *reassembly.Segment) { s.Time += 1e6 }},
		{"the TTL", true, func(s *reassembly.Segment) { s.TTL-- }},
		{"the link", true, func(s *reassembly.Segment) { s.View++ }},
		{"much time", false, func(s *reassembly.Segment) { s.Time += 1e9 }},
		{"source", false, func(s *reassembly.Segment) { s.Src.IP[0]++ }},
		{"source, far end", false, func(s *reassembly.Segment) { s.Src.IP[15]++ }},
		{"source port", false, func(s *reassembly.Segment) { s.Src.Port++ }},
		{"destination", false, func(s *reassembly.Segment) { s.Dst.IP[0]++ }},
		{"destination, far end", false, func(s *reassembly.Segment) { s.Dst.IP[15]++ }},
		{"destination port", false, func(s *reassembly.Segment) { s.Dst.Port++ }},
		{"direction", false, func(s *reassembly.Segment) { s.Src, s.Dst = s.Dst, s.Src }},
		{"sequence number", false, func(s *reassembly.Segment) { s.Seq++ }},
		{"acknowledgment", false, func(s *reassembly.Segment) { s.Ack++ }},
		{"flags", false, func(s *reassembly.Segment) { s.Flags |= reassembly.PSH }},
		{"window", false, func(s *reassembly.Segment) { s.Window++ }},
		{"length", false, func(s *reassembly.Segment) { s.Len++ }},
		{"IP identification", false, func(s *reassembly.Segment) { s.IPID++ }},
		{"time stamp", false, func(s *reassembly.Segment) { s.Options.TSVal++ }},
		{"echoed time stamp", false, func(s *reassembly.Segment) { s.Options.TSEcr++ }},
		{"payload", false, func(s *reassembly.Segment) { s.Sample++ }},
	}
	for _, tt := range tests {
		c, second := newCopies(false), packet
		tt.with(&second)
		// As if both had the same place: of the two, only the identity is asked for here.
		c.seen[slot(&second)] = sighting{c.identify(&packet), packet.Time, packet.View}
		if got := c.isCopy(&second, 0); got != tt.same {
			t.Errorf("%s is different: copy %v, want %v", tt.what, got, tt.same)
		}
	}
}

func BenchmarkCopies(b *testing.B) {
	c, s := newCopies(false), packet
	b.ReportAllocs()
	for b.Loop() {
		c.isCopy(&s, 0)
		s.Seq += 1460
		s.IPID++
	}
}
