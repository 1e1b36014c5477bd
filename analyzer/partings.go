package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// partings remembers the established connections that were let go lately, so that what
// still comes of one is not taken for a connection whose beginning was missed.
type partings struct {
	recent, older map[reassembly.Key]parting
}

// parting is what is remembered of a connection.
type parting struct {
	id     int // 0 for none
	client reassembly.Endpoint
}

// mostPartings is after how many those before them are forgotten.
const mostPartings = 1 << 14

// remember takes in a connection that is let go.
func (p *partings) remember(id int, ends *[2]reassembly.Endpoint) {
	if p.recent == nil || len(p.recent) == mostPartings {
		p.older, p.recent = p.recent, make(map[reassembly.Key]parting)
	}
	key, _ := reassembly.KeyOf(ends[timeline.Client], ends[timeline.Server])
	p.recent[key] = parting{id, ends[timeline.Client]}
}

// take returns the connection of which s, the first segment of a new record, is the rest,
// and forgets it. A SYN begins another.
func (p *partings) take(s *reassembly.Segment) parting {
	if p.recent == nil {
		return parting{}
	}
	key, _ := reassembly.KeyOf(s.Src, s.Dst)
	known := p.recent[key]
	if known.id == 0 {
		known = p.older[key]
	}
	delete(p.recent, key)
	delete(p.older, key)
	if s.Flags.Has(reassembly.SYN) {
		return parting{}
	}
	return known
}

// opens is opens(s), but for the rest of a connection, of which the client is known.
func (p *parting) opens(s *reassembly.Segment) (from timeline.Side, guessed bool) {
	switch {
	case p.id == 0:
		return opens(s)
	case s.Src == p.client:
		return timeline.Client, false
	}
	return timeline.Server, false
}
