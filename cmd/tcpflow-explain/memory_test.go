package main

import "testing"

// TestMemoryExcess: what is let go leaves an eighth of the bound free.
func TestMemoryExcess(t *testing.T) {
	m := memory{bound: 800}
	for bytes, left := range map[int]int{100: 100, 800: 800, 801: 700, 1600: 700, 80000: 700} {
		if got := float64(bytes) * (1 - m.excess(bytes)); int(got+0.5) != left {
			t.Errorf("of %d bytes %.1f stay, want %d", bytes, got, left)
		}
	}
}
