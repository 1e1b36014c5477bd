package detect

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// met counts how often a key was.
type met struct{ times int }

func (m *met) weight() int { return m.times }
func (m *met) clear()      { *m = met{} }

// plainKept does what kept promises in the plainest way.
type plainKept []struct{ key, times int }

func (p *plainKept) meet(key int) {
	for i := range *p {
		if (*p)[i].key == key {
			(*p)[i].times++
			return
		}
	}
	if len(*p) == mostKept {
		p.thin()
	}
	*p = append(*p, struct{ key, times int }{key, 1})
}

func (p *plainKept) thin() {
	order := make([]int, len(*p)) // heaviest first, the earlier of equals first
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare((*p)[b].times, (*p)[a].times) })
	left := order[:mostKept/2]
	slices.Sort(left)
	var out plainKept
	for _, i := range left {
		out = append(out, (*p)[i])
	}
	*p = out
}

// TestKeptIsAMapThatForgets meets few keys often and many once, with hashes that
// collide.
func TestKeptIsAMapThatForgets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var k kept[int, met, *met]
	var plain plainKept
	for range 20 * mostKept {
		key := random.IntN(200)
		if random.IntN(3) > 0 {
			key = random.IntN(1 << 20)
		}
		k.at(key, uint64(key%5000)<<32|uint64(key%300)).times++
		plain.meet(key)
	}
	i := 0
	k.each(func(key int, m *met) {
		if want := plain[i]; key != want.key || m.times != want.times {
			t.Fatalf("entry %d is %d, met %d times; want %+v", i, key, m.times, want)
		}
		i++
	})
	if i != len(plain) {
		t.Errorf("%d entries are kept, want %d", i, len(plain))
	}
}

// TestDistinctCounts goes on where the list of the first few ends.
func TestDistinctCounts(t *testing.T) {
	var d distinct
	for n := 1; n <= 40; n++ {
		d.addPort(uint16(n))
		d.addPort(uint16(n))
		if got := d.count(); got < n-1 || got > n+1 {
			t.Errorf("%d ports are counted as %d", n, got)
		}
	}
}
