package detect

import (
	"fmt"
	"hash/maphash"
	"math"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var idleLimit = &Rule{
	Code:     "idle-limit",
	Severity: NoteLevel,
	Title:    "connections end after the same quiet time",
	Text: `Many connections were closed, reset or forgotten after the same time without traffic: somebody has an idle limit. When a server closes just as
the client sends its next request the request is lost, and comes back as a reset: let the client's limit be the shorter one. When a box on the way
forgets connections, keep-alives at less than its limit keep them.`,
	Refs: []string{"RFC 9112 §9.5", "RFC 5382 §5"},
}

// What makes an idle limit: so many connections within one width of quiet time,
// and most of those that ended idle.
const (
	limitLeast   = 5
	limitDropped = 3 // that were forgotten, whatever their quiet times
	limitShare   = 0.6
	limitQuiet   = 5 * time.Second
	limitWidth   = 1.05 // quotient of the quiet times that count as the same
	mostTimes    = 64   // different quiet times that are kept for one end
)

type idleLimits struct {
	kept[idleEnd, idleTimes, *idleTimes]
}

// idleEnd is who ends idle connections: a server, a client's host (port 0), or
// what lies on the way to a server.
type idleEnd struct {
	kind CutKind
	side timeline.Side
	at   reassembly.Endpoint
}

type idleTimes struct {
	n     int
	least time.Duration
	first int64
	times map[int]*sameTime
	all   few[int]
}

// sameTime is the connections that ended after about the same quiet time.
type sameTime struct {
	n      int
	sum    time.Duration
	frames few[int]
}

func (t *idleTimes) weight() int { return t.n }
func (t *idleTimes) clear()      { *t = idleTimes{} }

func (l *idleLimits) add(f *Fact, h *hashes) {
	if f.Answered && !f.Completed {
		return // a handshake that was given up was never idle
	}
	if f.Cut.Kind == NotCut || f.Cut.Kind == CutClosed && f.Cut.Quiet < limitQuiet {
		return
	}
	end := idleEnd{kind: f.Cut.Kind, side: f.Cut.Side, at: f.Ends[f.Cut.Side]}
	switch {
	case f.Cut.Kind == CutDropped:
		end.side, end.at = timeline.Nobody, f.Ends[timeline.Server]
	case f.Cut.Side == timeline.Client:
		end.at.Port = 0
	}
	t := l.at(end, maphash.Comparable(h.seed, end))
	if t.n == 0 {
		t.first, t.least, t.times = f.Start, f.Cut.Quiet, map[int]*sameTime{}
	}
	t.n++
	t.least = min(t.least, f.Cut.Quiet)
	t.all.add(f.Cut.Frame)
	bucket := int(math.Log(f.Cut.Quiet.Seconds()) / math.Log(limitWidth))
	s := t.times[bucket]
	if s == nil {
		if len(t.times) >= mostTimes {
			return // so many different times are no limit
		}
		s = &sameTime{}
		t.times[bucket] = s
	}
	s.n++
	s.sum += f.Cut.Quiet
	s.frames.add(f.Cut.Frame)
}

// usual returns the most frequent quiet time: two neighbouring widths, for a
// limit may lie on the edge of one.
func (t *idleTimes) usual() (n int, quiet time.Duration, frames []int) {
	for bucket, s := range t.times {
		both, sum, list := s.n, s.sum, s.frames.list()
		if next := t.times[bucket+1]; next != nil {
			both, sum, list = both+next.n, sum+next.sum, append(list[:len(list):len(list)], next.frames.list()...)
		}
		if mean := sum / time.Duration(both); both > n || both == n && mean < quiet {
			n, quiet, frames = both, mean, list
		}
	}
	return n, quiet, frames
}

func (l *idleLimits) findings(int64) []Across {
	var out []Across
	l.each(func(end idleEnd, t *idleTimes) {
		n, quiet, frames := t.usual()
		switch {
		case end.kind == CutDropped && t.n >= limitDropped:
			out = append(out, t.dropped(end))
		case end.kind == CutClosed && n >= limitLeast && float64(n) >= limitShare*float64(t.n):
			out = append(out, t.closed(end, n, quiet, frames))
		}
	})
	return out
}

func (t *idleTimes) closed(end idleEnd, n int, quiet time.Duration, frames []int) Across {
	a := idleLimit.across(end.at, t.first, frames)
	name := end.at.String()
	if end.side == timeline.Client {
		name = end.at.Addr().String()
	}
	a.Summary = fmt.Sprintf("%s ended %s after %s without traffic: its idle limit", name, count(n, "connection"), Span(quiet))
	a.Explanation = fmt.Sprintf("Of the %s that %s ended after a pause, %d had been quiet for %s, give or take a twentieth.", count(t.n, "connection"), name, n, Span(quiet))
	a.Causes = []string{
		"a keep-alive or idle timeout of the application (keepalive_timeout, KeepAliveTimeout, an idle timeout of a connection pool)",
		"a load balancer or proxy that answers under this address",
	}
	a.Checks = []string{fmt.Sprintf("grep -riE 'keep.?alive|idle.?timeout' /etc   # on %s", end.at.Addr())}
	return a
}

func (t *idleTimes) dropped(end idleEnd) Across {
	a := idleLimit.across(end.at, t.first, t.all.list())
	a.Summary = fmt.Sprintf("%s to %s were found cut after a pause, the shortest of %s", count(t.n, "connection"), end.at, Span(t.least))
	a.Explanation = "Something on the way forgets idle connections, or the server's host loses them. Its limit is at most the shortest pause that was too long."
	a.Causes = []string{"the idle limit of a firewall, NAT or load balancer on the way"}
	a.Checks = []string{fmt.Sprintf("sysctl net.ipv4.tcp_keepalive_time   # on the clients: half of %s, with SO_KEEPALIVE on the sockets, would keep them", Span(t.least))}
	return a
}
