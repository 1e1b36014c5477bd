package netsim

import (
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// network carries segments past the tap.
type network struct {
	*sim
	drops       []Drop           // with what is left to do
	seen, there [2]time.Duration // when the latest segment of each side passes the tap, and arrives
}

func newNetwork(s *sim) network { return network{sim: s, drops: slices.Clone(s.plan.Drops)} }

// hostTime is how long a segment takes between a tap at a host and its TCP.
const hostTime = 20 * time.Microsecond

// send puts a segment on its way.
func (n *network) send(s *segment) {
	n.result.Packets = append(n.result.Packets, Packet{ID: s.id, Text: s.String(), Sent: n.now})
	place, lost := n.loss(s)
	n.travel(s, place, lost)
	if n.rng.Float64() < n.plan.Duplication {
		n.travel(s, 0, false)
	}
}

// travel takes one copy past the tap and to its receiver, unless it is lost at place.
func (n *network) travel(s *segment, place float64, lost bool) {
	tap := n.plan.Tap
	if s.from == Server {
		tap, place = 1-tap, 1-place
	}
	delay := float64(n.plan.Delay) * (1 + n.plan.Jitter*n.rng.Float64())
	n.leg(&n.seen[s.from], tap*delay, func() {
		if !lost || place >= tap {
			n.capture(s)
		}
		if !lost {
			n.leg(&n.there[s.from], (1-tap)*delay, func() { n.arrive(s) })
		}
	})
}

// leg does something when a part of the way is over. Segments overtake each other
// on the path only, never between a tap at a host and its TCP.
func (n *network) leg(last *time.Duration, delay float64, do func()) {
	at := n.now + time.Duration(delay) + time.Duration(n.rng.Int64N(int64(hostTime)))
	if delay == 0 || !n.plan.Overtaking || n.rng.Float64() < 0.5 {
		at = max(at, *last)
	}
	*last = max(*last, at)
	n.after(at-n.now, do)
}

// loss decides whether a segment is lost, and where: 0 at the client, 1 at the server.
func (n *network) loss(s *segment) (place float64, lost bool) {
	for i := range n.drops {
		d := &n.drops[i]
		if d.From != s.from || d.Match != s.kind() {
			continue
		}
		if d.Skip > 0 {
			d.Skip--
		} else if d.Count > 0 {
			d.Count--
			return d.Place, true
		}
	}
	if o := &n.plan.Outage; o.Broken[s.from] && n.now >= o.From && n.now < o.Until {
		return o.Place, true
	}
	return n.rng.Float64(), n.rng.Float64() < n.plan.Loss
}

// capture takes a frame, if the capture is running and attentive.
func (n *network) capture(s *segment) {
	p := &n.plan
	if n.now < p.From || p.Until > 0 && n.now > p.Until || n.rng.Float64() < p.CaptureLoss {
		return
	}
	data := s.frame()
	r := n.result
	r.Frames = append(r.Frames, reassembly.Frame{
		Number: len(r.Frames) + 1, Time: epoch + int64(n.now), LinkType: flowtest.LinkEthernet, Data: data, Length: len(data),
	})
	r.Packets[s.id-1].Frames = append(r.Packets[s.id-1].Frames, len(r.Frames))
}

func (n *network) arrive(s *segment) {
	to := n.ends[s.from.other()]
	if to.away {
		return
	}
	n.result.Packets[s.id-1].Arrived = append(n.result.Packets[s.id-1].Arrived, n.now)
	to.receive(s)
}
