// Package traffic makes captures to measure with. The same kind and size give the
// same bytes, on every machine.
//
//	kind -> conversations, as they begin -> packets in the order of time -> frames
//
// It is a sketch of traffic, not a model of it: what matters is how many connections
// are open at a time, how many packets each has, and what else has to be told of them.
package traffic

import (
	"container/heap"
	"fmt"
	"math/rand/v2"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// Kind is a sort of traffic.
type Kind struct {
	Name  string
	About string // what it holds
	Size  int    // packets that Generate is to make of it for a measurement
	begin func(*generator) *conversation
	rate  int // conversations that begin in a second
	most  int // conversations in all; 0 for no end
	each  int // packets that each has; not 0 where only those begin that have room for all of them
}

// Kinds returns every kind.
func Kinds() []Kind {
	return []Kind{
		{Name: "mixed", About: "web-like, with losses, resets and IPv6", Size: 1_000_000, begin: (*generator).mixed, rate: 1000},
		{Name: "short", About: "eight packets each, 20,000 new ones a second", Size: 2_000_000, begin: (*generator).short, rate: 20_000},
		{Name: "elephant", About: "full segments without end", Size: 1_000_000, begin: (*generator).elephant, rate: 10, most: 4},
		{Name: "synflood", About: "every source another one, one in five answered", Size: 1_200_000, begin: (*generator).synflood, rate: 200_000},
		{Name: "idle", About: "kept alive for four hours", Size: 1_800_000, begin: (*generator).idle, rate: 60, each: idlePackets},
	}
}

// Find returns the kind of a name.
func Find(name string) (Kind, error) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("there is no kind of traffic %q", name)
}

// Generate hands over the first frames of a capture, size in all, in the order of
// time. A frame is valid until out returns.
func (k Kind) Generate(size int, out func(*reassembly.Frame) error) error {
	g := &generator{rand: rand.New(rand.NewPCG(1, 2))}
	for i := range g.bytes {
		g.bytes[i] = byte(g.rand.Uint32())
	}
	if k.each > 0 {
		k.most = size / k.each
	}
	next := int64(0) // when the next conversation begins
	for n := 1; n <= size; n++ {
		for (k.most == 0 || g.begun < k.most) && (len(g.open) == 0 || next <= g.open[0].packets[0].at) {
			g.now = next
			g.begun++
			c := k.begin(g)
			heap.Push(&g.open, c)
			next += 1 + g.rand.Int64N(2*second/int64(k.rate))
		}
		if len(g.open) == 0 {
			return nil
		}
		if err := out(g.frame(n)); err != nil {
			return err
		}
	}
	return nil
}

// generator is a capture in the making.
type generator struct {
	rand  *rand.Rand
	now   int64 // microseconds since the capture began
	begun int   // conversations so far
	open  schedule
	bytes [1 << 16]byte // what payload is cut from
}

const second = 1_000_000 // in microseconds

// epoch is when every capture begins: 2026-01-01 00:00:00 UTC, in microseconds.
const epoch = 1_767_225_600 * second

// frame takes the earliest packet of all.
func (g *generator) frame(number int) *reassembly.Frame {
	c := g.open[0]
	p := &c.packets[0]
	data := c.frame(p, g.payload(p))
	at := p.at
	c.packets = c.packets[1:]
	if len(c.packets) == 0 && c.more != nil {
		c.more(c)
	}
	if len(c.packets) == 0 {
		heap.Pop(&g.open)
	} else {
		heap.Fix(&g.open, 0)
	}
	return &reassembly.Frame{Number: number, Time: (epoch + at) * 1000, LinkType: flowtest.LinkEthernet, Data: data, Length: len(data)}
}

// payload is the same for the same place in a stream: a repetition repeats it.
func (g *generator) payload(p *packet) []byte {
	from := int(p.seq) % (len(g.bytes) - 2048)
	return g.bytes[from : from+p.length]
}

// schedule is the open conversations, a heap by the time of their next packets.
type schedule []*conversation

func (s schedule) Len() int      { return len(s) }
func (s schedule) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s schedule) Less(i, j int) bool {
	a, b := s[i], s[j]
	if a.packets[0].at != b.packets[0].at {
		return a.packets[0].at < b.packets[0].at
	}
	return a.number < b.number
}
func (s *schedule) Push(c any) { *s = append(*s, c.(*conversation)) }
func (s *schedule) Pop() any {
	old := *s
	last := old[len(old)-1]
	*s = old[:len(old)-1]
	return last
}
