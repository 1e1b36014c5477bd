package reassembly

import "testing"

func TestFlagsString(t *testing.T) {
	for f, want := range map[Flags]string{
		0: "none", SYN: "SYN", SYN | ACK: "SYN,ACK", PSH | ACK: "PSH,ACK", FIN | ACK: "FIN,ACK", RST | ACK: "RST,ACK",
		SYN | ECE | CWR | AE: "SYN,ECE,CWR,AE",
	} {
		if got := f.String(); got != want {
			t.Errorf("%#x is %q, want %q", uint16(f), got, want)
		}
	}
}

func TestSegmentEnd(t *testing.T) {
	for _, tt := range []struct {
		seg  Segment
		want Seq
	}{
		{Segment{Seq: 10, Flags: ACK}, 10},
		{Segment{Seq: 10, Len: 5, Flags: ACK}, 15},
		{Segment{Seq: 10, Flags: SYN}, 11},
		{Segment{Seq: 10, Len: 5, Flags: FIN | ACK}, 16},
		{Segment{Seq: 0xffffffff, Len: 2, Flags: SYN | FIN}, 3},
	} {
		if got := tt.seg.End(); got != tt.want {
			t.Errorf("%v with %d bytes at %d ends at %d, want %d", tt.seg.Flags, tt.seg.Len, tt.seg.Seq, got, tt.want)
		}
	}
}
