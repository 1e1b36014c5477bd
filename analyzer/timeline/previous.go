package timeline

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Previous is what is left of the incarnation of the 4-tuple before this one, by
// the sides of this one.
type Previous struct {
	LastFrame int
	End       int64             // time of its last segment, nanoseconds since the Unix epoch
	States    [2]tcpstate.State // when this incarnation began; Unknown when never known
	Next      [2]reassembly.Seq // the highest sequence number after what each side sent
}

// Follow makes c the incarnation after old, whose story was told until c began.
func (c *Conn) Follow(old *Conn, story *Story) {
	p := &Previous{LastFrame: old.LastFrame, End: old.End}
	for side := range c.Ends {
		was := old.SideOf(c.Ends[side])
		p.States[side] = story.Last(was)
		p.Next[side] = old.Halves[was].ISN() + reassembly.Seq(uint32(old.Halves[was].Next))
	}
	c.Before = p
}
