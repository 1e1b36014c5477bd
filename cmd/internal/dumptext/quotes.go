package dumptext

import (
	"net/netip"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// quotes remembers the last segment that each host sent to each other one, so that an
// ICMP error without the segment that it quotes finds the connection that it is about.
type quotes struct {
	last map[path]quoted
}

// path is who sent to whom; where that does not matter, ports and addresses are zero.
type path struct {
	from, to reassembly.Endpoint
}

// quoted is what an ICMP error tells of a segment.
type quoted struct {
	src, dst reassembly.Endpoint
	seq      uint32
}

// sent takes in a segment.
func (q *quotes) sent(s *segment) {
	if q.last == nil {
		q.last = map[path]quoted{}
	}
	brief := quoted{s.src, s.dst, s.seq}
	from, to := reassembly.Endpoint{IP: s.src.IP}, reassembly.Endpoint{IP: s.dst.IP}
	q.last[path{s.src, s.dst}] = brief
	q.last[path{from, s.dst}] = brief
	q.last[path{from, to}] = brief
	q.last[path{from, reassembly.Endpoint{}}] = brief
}

// find returns the segment that an error to host is most likely about: the last one it
// sent to the port, or host, that the error names.
func (q *quotes) find(host, about netip.Addr, port uint16) (quoted, bool) {
	p := path{from: reassembly.Endpoint{IP: host.As16()}}
	if about.IsValid() {
		p.to = reassembly.Endpoint{IP: about.As16(), Port: port}
	}
	s, ok := q.last[p]
	return s, ok
}
