package reassembly_test

import (
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// syn returns a half whose SYN had the sequence number isn.
func syn(isn reassembly.Seq) *reassembly.Half {
	var h reassembly.Half
	h.Anchor(&reassembly.Segment{Seq: isn, Flags: reassembly.SYN})
	h.Add(0, 1)
	return &h
}

func TestHalfArrivals(t *testing.T) {
	type step struct {
		from, to int64
		want     reassembly.Arrival
	}
	for name, steps := range map[string][]step{
		"in order":             {{1, 101, reassembly.InOrder}, {101, 201, reassembly.InOrder}},
		"sent again":           {{1, 101, reassembly.InOrder}, {1, 101, reassembly.Repeated}, {1, 51, reassembly.Repeated}},
		"hole filled":          {{101, 201, reassembly.Ahead}, {1, 101, reassembly.Filling}, {201, 301, reassembly.InOrder}},
		"hole filled in part":  {{101, 201, reassembly.Ahead}, {1, 51, reassembly.Filling}, {51, 101, reassembly.Filling}, {1, 201, reassembly.Repeated}},
		"again and more":       {{1, 101, reassembly.InOrder}, {1, 201, reassembly.Filling}},
		"beyond two holes":     {{101, 201, reassembly.Ahead}, {301, 401, reassembly.Ahead}, {1, 101, reassembly.Filling}, {201, 301, reassembly.Filling}},
		"nothing":              {{1, 1, reassembly.Empty}, {5, 5, reassembly.Empty}},
		"again inside an isle": {{101, 201, reassembly.Ahead}, {120, 150, reassembly.Repeated}},
	} {
		t.Run(name, func(t *testing.T) {
			h := syn(1000)
			for i, s := range steps {
				if got := h.Add(s.from, s.to); got != s.want {
					t.Errorf("step %d: [%d,%d) is %v, want %v", i, s.from, s.to, got, s.want)
				}
			}
		})
	}
}

func TestHalfNumbers(t *testing.T) {
	for name, tt := range map[string]struct {
		first reassembly.Segment
		seq   reassembly.Seq
		want  int64
	}{
		"the SYN is 0":                         {reassembly.Segment{Seq: 7, Flags: reassembly.SYN}, 7, 0},
		"without a SYN the first byte is 1":    {reassembly.Segment{Seq: 7, Flags: reassembly.ACK, Len: 5}, 7, 1},
		"beyond the wrap":                      {reassembly.Segment{Seq: 0xffff_fffe, Flags: reassembly.SYN}, 3, 5},
		"older than the first":                 {reassembly.Segment{Seq: 100, Flags: reassembly.ACK}, 90, -9},
		"a SYN,ACK is 0 too":                   {reassembly.Segment{Seq: 42, Flags: reassembly.SYN | reassembly.ACK}, 43, 1},
		"just below the wrap after mid-stream": {reassembly.Segment{Seq: 0, Flags: reassembly.ACK}, 0xffff_ffff, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var h reassembly.Half
			h.Anchor(&tt.first)
			if got := h.Rel(tt.seq); got != tt.want {
				t.Errorf("%d is %d, want %d", tt.seq, got, tt.want)
			}
		})
	}
}

func TestHalfGoesOnPast32Bits(t *testing.T) {
	h := syn(5)
	at := int64(1)
	for range 5 {
		const step = 1 << 30
		h.Add(at, at+step)
		at += step
		if got := h.Rel(reassembly.Seq(uint32(5 + at))); got != at {
			t.Fatalf("after %d bytes the next number is %d", at, got)
		}
	}
}

func TestAcknowledgedButNeverCaptured(t *testing.T) {
	h := syn(0)
	h.Add(1, 101)
	if h.Acknowledge(101) {
		t.Error("an acknowledgment of what was captured counts as a hole of the capture")
	}
	if !h.Acknowledge(301) {
		t.Error("an acknowledgment of what was never captured does not count as a hole of the capture")
	}
	if got := h.Add(101, 301); got != reassembly.Belated {
		t.Errorf("what comes after its acknowledgment is %v, want %v", got, reassembly.Belated)
	}
	if got := h.Add(101, 301); got != reassembly.Repeated {
		t.Errorf("what comes a second time is %v, want %v", got, reassembly.Repeated)
	}
}

func TestMissedFIN(t *testing.T) {
	h := syn(0)
	h.Add(1, 101)
	h.Acknowledge(102)
	if h.Missed != 102 {
		t.Errorf("one beyond the last byte: a FIN missed at %d, want 102", h.Missed)
	}
	h.Add(102, 110)
	if h.Missed != 0 {
		t.Error("a direction that goes on has sent no FIN")
	}
}

func TestKeepAliveIsNoMissedFIN(t *testing.T) {
	var h reassembly.Half
	h.Anchor(&reassembly.Segment{Seq: 99, Flags: reassembly.ACK}) // one below the next byte, as a keep-alive is
	h.Add(1, 1)
	h.Acknowledge(2)
	if h.Missed != 0 {
		t.Error("the answer to a keep-alive was taken for the ACK of a FIN")
	}
}

// FuzzHalf compares the classification with a set of all numbers captured.
func FuzzHalf(f *testing.F) {
	f.Add([]byte{0, 10, 10, 10, 5, 3, 30, 4})
	f.Add([]byte{20, 5, 0, 20, 25, 200, 0, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		h := syn(4_294_967_290)
		seen := map[int64]bool{0: true}
		next := int64(1)
		for ; len(data) >= 2; data = data[2:] {
			from := 1 + int64(data[0])
			to := from + int64(data[1])
			fresh := int64(0)
			for n := from; n < to; n++ {
				if !seen[n] {
					fresh++
				}
				seen[n] = true
			}
			want := reassembly.InOrder
			switch {
			case from == to:
				want = reassembly.Empty
			case from > next:
				want = reassembly.Ahead
			case fresh == 0:
				want = reassembly.Repeated
			case from < next:
				want = reassembly.Filling
			}
			if got := h.Add(from, to); got != want {
				t.Fatalf("[%d,%d) is %v, want %v", from, to, got, want)
			}
			if to > from {
				next = max(next, to)
			}
			edge := int64(0)
			for seen[edge] {
				edge++
			}
			if h.Edge != edge {
				t.Fatalf("captured without a hole up to %d, want %d", h.Edge, edge)
			}
		}
	})
}

// TestHalfRivals has a direction open with three numbers, as SYN cookies do: the
// one that the peer acknowledges holds, the last one until then.
func TestHalfRivals(t *testing.T) {
	for _, accepted := range []reassembly.Seq{1000, 5000, 9000} {
		h := syn(1000)
		h.Reanchor(5000)
		h.Reanchor(9000)
		if h.ISN() != 9000 {
			t.Errorf("ISN %d before any acknowledgment, want the last one", h.ISN())
		}
		h.AnchorAck(accepted + 1)
		h.Acknowledge(1)
		h.Reanchor(7000)
		if h.ISN() != accepted || h.Rel(accepted+1) != 1 {
			t.Errorf("ISN %d, %d was acknowledged", h.ISN(), accepted)
		}
	}
	sent := syn(1000)
	sent.Add(1, 101)
	sent.Reanchor(5000)
	if sent.ISN() != 1000 {
		t.Errorf("ISN %d after data, want 1000", sent.ISN())
	}
}

// TestHalfRetract has data up to 101, a hole, and data from 151 on with a FIN at its
// end, of which what comes before 51 was acknowledged. Then the hole is filled.
func TestHalfRetract(t *testing.T) {
	for _, c := range []struct {
		next, acked                            int64
		wantNext, wantEdge, wantAcked, wantFIN int64
		filled                                 int64 // the edge after that
	}{
		{203, 300, 202, 101, 51, 202, 202},
		{202, 51, 202, 101, 51, 202, 202},
		{201, 51, 201, 101, 51, 0, 201},
		{171, 51, 171, 101, 51, 0, 171},
		{101, 1, 101, 101, 1, 0, 151},
		{61, 1, 61, 61, 1, 0, 61},
	} {
		h := syn(0)
		h.Add(1, 101)
		h.Acknowledge(51)
		h.Add(151, 202)
		h.FIN = 202
		h.Retract(c.next, c.acked)
		if h.Next != c.wantNext || h.Edge != c.wantEdge || h.Acked != c.wantAcked || h.FIN != c.wantFIN {
			t.Errorf("back to %d: next %d, edge %d, acknowledged %d, FIN %d", c.next, h.Next, h.Edge, h.Acked, h.FIN)
		}
		if h.Add(101, 151); h.Edge != c.filled {
			t.Errorf("back to %d: captured without a hole up to %d, want %d", c.next, h.Edge, c.filled)
		}
	}
}

// TestHalfRetractMissed takes back the acknowledgment of what may be a FIN, or nothing
// of it, before that proves to be a byte.
func TestHalfRetractMissed(t *testing.T) {
	for _, c := range []struct {
		next, missed int64
		arrival      reassembly.Arrival
	}{
		{101, 0, reassembly.InOrder},
		{102, 102, reassembly.Belated},
	} {
		h := syn(0)
		h.Add(1, 101)
		h.Acknowledge(102)
		h.Retract(c.next, 1)
		if h.Missed != c.missed || h.Next != c.next {
			t.Errorf("back to %d: a FIN missed at %d, next %d", c.next, h.Missed, h.Next)
		}
		if got := h.Add(101, 102); got != c.arrival || h.MayEnd(102) {
			t.Errorf("back to %d: the byte is %v, want %v; it may be a FIN: %v", c.next, got, c.arrival, h.MayEnd(102))
		}
	}
}
