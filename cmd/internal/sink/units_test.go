package sink

import (
	"testing"
	"time"
)

func TestUnits(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{span(0), "0 s"},
		{span(800 * time.Nanosecond), "800 ns"},
		{span(41 * time.Microsecond), "41 µs"},
		{span(20942 * time.Microsecond), "20.9 ms"},
		{span(222 * time.Millisecond), "0.22 s"},
		{span(3 * time.Second), "3.00 s"},
		{span(12340 * time.Millisecond), "12.3 s"},
		{span(60*time.Second + 4*time.Millisecond), "60 s"},
		{span(15 * time.Minute), "15 min"},
		{span(26 * time.Hour), "26.0 h"},
		{span(-time.Second), "-1.00 s"},
		{size(0), "0 B"},
		{size(999), "999 B"},
		{size(1448), "1.4 kB"},
		{size(14480), "14 kB"},
		{size(999_600), "1.0 MB"},
		{size(2_500_000_000), "2.5 GB"},
		{number(7), "7"},
		{number(1234567), "1,234,567"},
		{count(1, "frame"), "1 frame"},
		{count(1500, "frame"), "1,500 frames"},
		{frameList(nil), "no frame"},
		{frameList([]int{13}), "frame 13"},
		{frameList([]int{13, 14}), "frames 13 and 14"},
		{frameList([]int{1, 2, 3}), "frames 1, 2 and 3"},
		{frameList([]int{1, 2, 3, 4, 5, 6, 7, 8, 9}), "frames 1, 2, 3, 4, 5, 6 and 3 more"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s, want %s", tt.got, tt.want)
		}
	}
}
