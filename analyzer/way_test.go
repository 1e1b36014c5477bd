package analyzer

import (
	"slices"
	"strconv"
	"testing"
)

func TestWay(t *testing.T) {
	name := func(i uint32) string { return "if" + strconv.Itoa(int(i)) }
	for _, c := range []struct {
		seen []uint32
		want []string
	}{
		{[]uint32{3}, []string{"if3"}},
		{[]uint32{3, 2, 1}, []string{"if3", "if2", "if1"}},
		{[]uint32{3, 3, 2, 2, 3}, []string{"if3", "if2", "if3"}}, // in and out of a bridge, back by the first port
		{[]uint32{1, 2, 3, 4, 5, 6, 7, 8}, []string{"if1", "if2", "if3", "if4", "if5", "if6"}},
	} {
		var w way
		for _, i := range c.seen {
			w = w.then(i)
		}
		if got := w.names(name); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.seen, got, c.want)
		}
	}
}
