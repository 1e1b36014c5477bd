package analyzer

import (
	"math/rand/v2"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// TestPreludes: what many connections put into their preludes by turns comes back in
// order, of all that a connection asks of a segment, while others come and go.
func TestPreludes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := newPreludes()
	type kept struct {
		key  reassembly.Key
		flow flow
		want []reassembly.Segment
	}
	all := make([]*kept, 40)
	for range 20_000 {
		k := &all[r.IntN(len(all))]
		if *k == nil {
			*k = &kept{}
			(*k).key, _ = reassembly.KeyOf(endpoint(r), endpoint(r))
		}
		f := &(*k).flow
		if f.opening.count == maxPrelude || r.IntN(15) == 0 && len((*k).want) > 0 {
			i := 0
			p.each(f, &(*k).key, func(s *reassembly.Segment) {
				if *s != (*k).want[i] {
					t.Errorf("put in %+v\ntook out %+v", (*k).want[i], *s)
				}
				i++
			})
			flags, seq := f.opening.first()
			if first := &(*k).want[0]; i != len((*k).want) || flags != first.Flags || seq != first.Seq {
				t.Fatalf("%d segments instead of %d, the first %v %d", i, len((*k).want), flags, seq)
			}
			p.drop(f)
			*k = nil
			continue
		}
		s := anySegment(r, &(*k).key)
		p.add(f, &s)
		f.at = max(f.at, s.Time)
		(*k).want = append((*k).want, s)
	}
	if n := uint32(len(all)); p.small.used > n || p.large.used > 4*n {
		t.Errorf("%d small and %d large blocks for %d connections", p.small.used, p.large.used, n)
	}
}

func endpoint(r *rand.Rand) reassembly.Endpoint {
	return reassembly.Endpoint{IP: [16]byte{15: byte(r.Uint32())}, Port: uint16(r.Uint32())}
}

// anySegment returns a segment of k that a prelude can hold.
func anySegment(r *rand.Rand, k *reassembly.Key) reassembly.Segment {
	s := reassembly.Segment{
		Frame: r.IntN(1 << 40), Time: r.Int64() - 1<<62, Src: k.A, Dst: k.B, Seq: reassembly.Seq(r.Uint32()),
		Flags: reassembly.Flags(r.IntN(1 << 9)), Window: uint16(r.Uint32()), Len: r.IntN(1 << 17), TTL: uint8(r.Uint32()),
		HeaderCut: r.IntN(2) == 0, PayloadCut: r.IntN(2) == 0,
	}
	if r.IntN(2) == 0 {
		s.Src, s.Dst = k.B, k.A
	}
	if s.Flags.Has(reassembly.ACK) {
		s.Ack = reassembly.Seq(r.Uint32())
	}
	if r.IntN(2) == 0 {
		s.HasIPID, s.IPID = true, uint16(r.Uint32())
	}
	o := &s.Options
	if o.Has = reassembly.OptionSet(r.Uint32()); o.Has&reassembly.OptTimestamps != 0 {
		o.TSVal, o.TSEcr = r.Uint32(), r.Uint32()
	}
	if o.Has&^reassembly.OptTimestamps != 0 {
		o.WindowScale, o.MSS, o.CookieLength = uint8(r.Uint32()), uint16(r.Uint32()), uint8(r.Uint32())
	}
	return s
}
