package dumptext

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// TestNumbers makes relative numbers absolute. A line is sender, flags and numbers of a
// segment between A and B, and the absolute numbers that must come out.
func TestNumbers(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
	}{
		{"from the handshake on", []string{
			"A [S], seq 1000: 1000 0",
			"B [S.], seq 5000, ack 1001: 5000 1001",
			"A [.], ack 1: 1001 5001",
			"A [P.], seq 1:101, ack 1: 1001 5001",
			"B [.], ack 101: 5001 1101",
			"A [F.], seq 101, ack 1: 1101 5001",
			"B [R], seq 5001: 5001 0",
		}},
		{"-S", []string{
			"A [S], seq 1000: 1000 0",
			"B [S.], seq 900005000, ack 1001: 900005000 1001",
			"A [.], ack 900005001: 1001 900005001",
			"A [P.], seq 1001:1101, ack 900005001: 1001 900005001",
			"B [.], ack 1101: 900005001 1101",
		}},
		{"-S, from the middle of a connection", []string{
			"A [.], ack 900005001: 700001001 900005001",
			"B [P.], seq 900005001:900005011, ack 700001001: 900005001 700001001",
			"A [.], ack 900005011: 700001001 900005011",
		}},
		{"from the middle of a connection", []string{
			"A [P.], seq 700001001:700001101, ack 900005001: 700001001 900005001",
			"B [.], ack 100: 900005001 700001101",
			"B [P.], seq 1:11, ack 100: 900005001 700001101",
			"A [.], ack 11: 700001101 900005011",
		}},
		{"an excerpt: what numbers count from is missing", []string{
			"B [P.], seq 501:511, ack 101: 501 101",
			"A [.], ack 511: 101 511",
			"A [P.], seq 101:201, ack 511: 101 511",
			"B [R], seq 3900005000: 511 0", // absolute, and so of no use
		}},
		{"a new connection on the same ports", []string{
			"A [S], seq 1000: 1000 0",
			"B [S.], seq 900005000, ack 1001: 900005000 1001",
			"A [.], ack 1: 1001 900005001",
			"A [S], seq 2000: 2000 0",
			"B [S.], seq 800005000, ack 2001: 800005000 2001",
			"A [.], ack 1: 2001 800005001",
		}},
		{"refused", []string{
			"A [S], seq 700001000: 700001000 0",
			"B [R.], seq 0, ack 700001001: 0 700001001",
			"A [S], seq 700001000: 700001000 0",
			"B [R.], seq 0, ack 1: 0 700001001",
		}},
		{"past zero", []string{
			"A [S], seq 4294967290: 4294967290 0",
			"B [S.], seq 900005000, ack 4294967291: 900005000 4294967291",
			"A [P.], seq 1:11, ack 1: 4294967291 900005001",
			"B [.], ack 11: 900005001 5",
			"A [.], seq 4294967295, ack 1: 4294967289 900005001", // one before the first
		}},
		{"a probe that nothing called for", []string{
			"A [S], seq 1000: 1000 0",
			"B [S.], seq 5000, ack 1001: 5000 1001",
			"A [.], ack 1: 1001 5001",
			"A [.], ack 1: 1000 5001",
			"B [.], ack 1: 5001 1001",
			"A [.], ack 1: 1000 5001",
		}},
	}
	for _, tt := range tests {
		var text strings.Builder
		var want []string
		for i, line := range tt.lines {
			printed, numbers, _ := strings.Cut(line, ": ")
			from, flags, _ := strings.Cut(printed, " ")
			src, dst := "10.0.0.1.1111", "10.0.0.2.80"
			if from == "B" {
				src, dst = dst, src
			}
			fmt.Fprintf(&text, "10:00:%02d.000000 IP %s > %s: Flags %s, win 63\n", i, src, dst, flags)
			want = append(want, numbers)
		}
		var got []string
		for _, v := range decode(t, reader(t, text.String())) {
			seg := v.(reassembly.Segment)
			got = append(got, fmt.Sprintf("%d %d", seg.Seq, seg.Ack))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestSACK moves the blocks to where the acknowledged numbers are.
func TestSACK(t *testing.T) {
	const text = `10:00:00.000000 IP 10.0.0.1.1111 > 10.0.0.2.80: Flags [S.], seq 7000, ack 1001, win 63, length 0
10:00:01.000000 IP 10.0.0.2.80 > 10.0.0.1.1111: Flags [.], ack 1, win 63, options [nop,nop,sack 2 {101:201}{301:401}], length 0`
	segments := decode(t, reader(t, text))
	got := segments[1].(reassembly.Segment).Options
	want := reassembly.Options{Has: reassembly.OptSACK, Blocks: 2, SACK: [4]reassembly.Block{{Left: 7101, Right: 7201}, {Left: 7301, Right: 7401}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}
