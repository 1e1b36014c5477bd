package packed_test

import (
	"math"
	"testing"
	"testing/quick"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly/packed"
)

type record struct {
	Frame    int
	Took     time.Duration
	At, Base int64
	Seq, Was uint32
	Port     uint16
	TTL      uint8
	A, B, C  bool
}

func (r *record) code(c *packed.Coder, base int64, was uint32) {
	c.Flags(&r.A, &r.B, &r.C)
	packed.Int(c, &r.Frame)
	packed.Int(c, &r.Took)
	packed.Delta(c, &r.At, base)
	packed.Delta32(c, &r.Seq, was)
	packed.Uint(c, &r.Port)
	packed.Uint(c, &r.TTL)
}

// TestRoundTrip: whatever is packed comes back, and both ends of the range do.
func TestRoundTrip(t *testing.T) {
	var c packed.Coder
	same := func(r record) bool {
		c.Write(nil)
		r.code(&c, r.Base, r.Was)
		got := record{Base: r.Base, Was: r.Was}
		c.Read(c.Bytes())
		got.code(&c, r.Base, r.Was)
		return got == r
	}
	for _, r := range []record{
		{},
		{Frame: math.MaxInt, Took: math.MinInt64, At: math.MaxInt64, Seq: math.MaxUint32, Port: math.MaxUint16, TTL: 255, A: true, C: true},
		{At: 5, Base: math.MinInt64, Seq: 1, Was: math.MaxUint32},
	} {
		if !same(r) {
			t.Errorf("%+v does not come back", r)
		}
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}

// TestSize: what is close to what was expected takes a byte.
func TestSize(t *testing.T) {
	r := record{Frame: -64, Took: 63, At: 1 << 60, Base: 1<<60 - 1, Seq: 2, Was: math.MaxUint32, Port: 127, TTL: 64}
	var c packed.Coder
	c.Write(nil)
	r.code(&c, r.Base, r.Was)
	if n := len(c.Bytes()); n != 7 {
		t.Errorf("%d bytes for seven numbers that were to be expected", n)
	}
}
