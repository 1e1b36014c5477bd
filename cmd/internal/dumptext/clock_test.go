package dumptext

import (
	"testing"
	"time"
)

// TestClock reads printed times in order; want is what has passed since midnight of
// the first day.
func TestClock(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name string
		in   []string
		want []time.Duration
	}{
		{"a day", []string{"10:00:00.000001", "21:30:00.000000"}, []time.Duration{10*time.Hour + time.Microsecond, 21*time.Hour + 30*time.Minute}},
		{"past midnight", []string{"23:59:59.500000", "00:00:00.500000"}, []time.Duration{day - 500*time.Millisecond, day + 500*time.Millisecond}},
		{"late, from before midnight", []string{"23:59:59.500000", "00:00:00.500000", "23:59:59.900000"},
			[]time.Duration{day - 500*time.Millisecond, day + 500*time.Millisecond, day - 100*time.Millisecond}},
		{"out of order", []string{"10:00:00.500000", "10:00:00.400000"}, []time.Duration{10*time.Hour + 500*time.Millisecond, 10*time.Hour + 400*time.Millisecond}},
		{"-ttt", []string{"00:00:00.000000", "00:00:01.000000", "00:00:00.000007"}, []time.Duration{0, time.Second, time.Second + 7*time.Microsecond}},
		{"-ttttt", []string{"00:00:00.000000", "00:00:01.000000", "00:00:01.000007"}, []time.Duration{0, time.Second, time.Second + 7*time.Microsecond}},
		{"-t", []string{"", "", ""}, []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond}},
		{"-tt", []string{"946684801.000000", "946684800.500000", "946684802.000000"}, []time.Duration{time.Second, 500 * time.Millisecond, 2 * time.Second}},
		{"-tttt", []string{"2000-01-01 00:00:01.000000", "2000-01-02 00:00:00.000000"}, []time.Duration{time.Second, day}},
	}
	for _, tt := range tests {
		var packets []*packet
		for _, text := range tt.in {
			s := scanner(text + " ")
			st, _ := s.stamp()
			packets = append(packets, &packet{assembled: assembled{head: head{at: st}}})
		}
		c := clock{deltas: printsDeltas(packets)}
		for i, p := range packets {
			if got := time.Duration(c.read(p.at) - firstDay); got != tt.want[i] {
				t.Errorf("%s: %q is %v, want %v", tt.name, tt.in[i], got, tt.want[i])
			}
		}
	}
}
