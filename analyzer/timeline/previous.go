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

// Leave returns what is left of c, whose story was told until the next incarnation
// began, for one in which client has that part.
func (c *Conn) Leave(story *Story, client reassembly.Endpoint) *Previous {
	p := &Previous{LastFrame: c.LastFrame, End: c.End}
	was := c.SideOf(&client)
	for side := range p.States {
		p.States[side] = story.Last(was)
		p.Next[side] = c.Halves[was].ISN() + reassembly.Seq(uint32(c.Halves[was].Next))
		was = was.Other()
	}
	return p
}
