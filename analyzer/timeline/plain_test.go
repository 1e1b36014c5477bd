package timeline

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// TestObservePlain: what ObservePlain makes of a segment is what Observe would have
// made of it, in conversations with all that may be odd about a segment.
func TestObservePlain(t *testing.T) {
	plain, all := 0, 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		var quick, slow Conn
		for i, s := range conversation(r, 120) {
			if i == 0 {
				quick.Begin(&s, Client)
				slow.Begin(&s, Client)
			}
			from := slow.SideOf(&s.Src)
			if all++; quick.ObservePlain(&s, from) {
				plain++
			} else {
				quick.Observe(&s, from)
			}
			slow.Observe(&s, from)
			if !reflect.DeepEqual(quick, slow) {
				t.Fatalf("seed %d, segment %d, %+v:\nquick %+v\nslow  %+v", seed, i, s, quick, slow)
			}
		}
	}
	if plain < all/4 || plain > all*3/4 {
		t.Errorf("%d of %d segments were plain: this compares next to nothing", plain, all)
	}
}

// conversation returns n segments of a connection in which most is ordinary and
// everything may be odd now and then.
func conversation(r *rand.Rand, n int) []reassembly.Segment {
	ends := [2]reassembly.Endpoint{{Port: 1}, {Port: 2}}
	var window [2]reassembly.Seq
	next, acked, stamp := [2]reassembly.Seq{reassembly.Seq(r.Uint32()), reassembly.Seq(r.Uint32())}, [2]reassembly.Seq{}, [2]uint32{1000, 9000}
	odd := func(chance int) bool { return r.IntN(chance) == 0 }
	scaled, now := reassembly.OptionSet(0), int64(1e18)
	if odd(2) {
		scaled = reassembly.OptWindowScale
	}
	var out []reassembly.Segment
	for i := range n {
		from := r.IntN(2)
		s := reassembly.Segment{Frame: i + 1, Flags: reassembly.ACK, Window: uint16(500 + r.IntN(3)), HasIPID: true, IPID: uint16(i), TTL: 64}
		if i < 2 {
			from, s.Flags = i, []reassembly.Flags{reassembly.SYN, reassembly.SYN | reassembly.ACK}[i]
			s.Options = reassembly.Options{Has: scaled, WindowScale: 7}
		}
		now += r.Int64N(5e6)
		switch {
		case odd(60):
			now += 3e9
		case odd(60):
			now -= 4e6
		}
		s.Time, s.Src, s.Dst = now, ends[from], ends[1-from]
		s.Seq, s.Ack = next[from], next[1-from]
		if i >= 2 && odd(2) {
			s.Len = r.IntN([]int{2, 1400}[r.IntN(2)])
		}
		if room := int32(acked[1-from] + window[1-from] - s.Seq); i >= 2 && room > 0 && odd(20) {
			s.Len = int(room)
		}
		if odd(3) {
			s.Ack = acked[from]
		}
		if i < 2 || odd(2) {
			s.Options.Has |= reassembly.OptTimestamps
			stamp[from] += uint32(r.IntN(5))
			s.Options.TSVal, s.Options.TSEcr = stamp[from], stamp[1-from]-uint32(r.IntN(8))
		}
		if i >= 2 {
			disturb(r, &s)
		}
		if i >= n*9/10 && odd(20) {
			s.Flags |= reassembly.FIN
		}
		if reach := s.End(); reach.After(next[from]) && !odd(40) { // or the capture never saw it
			next[from] = reach
		}
		if i >= 2 && odd(60) {
			continue // the capture missed it
		}
		acked[from], window[from] = s.Ack, reassembly.Seq(s.Window)<<7
		out = append(out, s)
	}
	return out
}

// disturb makes s odd now and then.
func disturb(r *rand.Rand, s *reassembly.Segment) {
	switch r.IntN(300) {
	case 0, 1, 2:
		s.Seq -= reassembly.Seq(r.Uint32N(3000))
	case 3, 4:
		s.Seq += reassembly.Seq(r.Uint32N(3000))
	case 5, 6:
		s.Ack += reassembly.Seq(r.Uint32N(3000))
	case 7:
		s.Ack -= reassembly.Seq(r.Uint32N(3000))
	case 8, 18, 19, 20, 21, 22:
		s.Window = 0
	case 9:
		s.Flags |= reassembly.PSH | reassembly.URG
	case 10:
		s.Seq, s.Len = s.Seq-1, 1
	case 11:
		s.Options.Has |= reassembly.OptSACK
		s.Options.Blocks = 1
		at := s.Ack + 1000 - reassembly.Seq(r.Uint32N(2000))
		s.Options.SACK[0] = reassembly.Block{Left: at, Right: at + 100}
	case 12:
		s.HeaderCut = true
	case 13:
		s.PayloadCut = true
	case 14:
		s.Options.TSVal -= 5000
	case 15:
		s.Flags = reassembly.SYN
	case 16:
		s.Flags &^= reassembly.ACK
	case 17:
		s.Window = uint16(r.Uint32())
	}
	if r.IntN(3000) == 0 {
		s.Flags |= reassembly.RST
	}
}
