package detect

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var ghostConnections = &Rule{
	Code:     "ghost-connections",
	Severity: Error,
	Title:    "a client comes back while its old connections live on at the server",
	Text: `One client opened connection after connection to the same server, and the server still holds the earlier ones: ESTABLISHED, because no FIN or
reset ever came, or CLOSE_WAIT, because its application does not close. The client lost them: it was switched off, lost its network, or its NAT
forgot them. Each takes a socket, a descriptor and perhaps a thread at the server, which notices only when it sends, or by keep-alives.`,
	Refs: []string{"RFC 9293 §3.5.1", "RFC 9293 §3.8.4"},
}

// Ghosts are so many earlier connections. One that is merely silent counts when
// it has been so for long enough, and fell silent before the next began.
const (
	ghostsLeast = 3
	ghostQuiet  = 5 * time.Minute
	mostGhosts  = 64 // connections that are kept for one client
)

type ghosts struct {
	kept[pair, visitor, *visitor]
}

// visitor is a client of one server: its connections that the server still has,
// and when the last of all began.
type visitor struct {
	left   []leftOpen
	latest int64
	n      int
}

type leftOpen struct {
	start, end int64
	frame      int
	state      tcpstate.State // of the server
	gone       bool           // the client does not have it any more
}

func (v *visitor) weight() int { return len(v.left) }
func (v *visitor) clear()      { *v = visitor{left: v.left[:0]} }

func (g *ghosts) add(f *Fact, h *hashes) {
	if f.Probe != ProbeSYN || f.Opener != timeline.Client {
		return
	}
	v := g.at(pair{f.Ends[timeline.Client].IP, f.Ends[timeline.Server]}, h.pair)
	v.n++
	v.latest = max(v.latest, f.Start)
	state := f.Last[timeline.Server]
	if state != tcpstate.Established && state != tcpstate.CloseWait || len(v.left) >= mostGhosts {
		return
	}
	v.left = append(v.left, leftOpen{f.Start, f.End, f.FirstFrame, state, f.Gone})
}

// ghosts returns the connections that the client has left behind.
func (v *visitor) ghosts(until int64) []leftOpen {
	slices.SortFunc(v.left, func(a, b leftOpen) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.frame, b.frame)) })
	var out []leftOpen
	for i, c := range v.left {
		next := v.latest
		if i+1 < len(v.left) {
			next = v.left[i+1].start
		}
		silent := c.end <= next && until-c.end >= int64(ghostQuiet)
		if c.start < v.latest && (c.gone || silent) {
			out = append(out, c)
		}
	}
	return out
}

func (g *ghosts) findings(until int64) []Across {
	var out []Across
	g.each(func(p pair, v *visitor) {
		if left := v.ghosts(until); len(left) >= ghostsLeast {
			out = append(out, v.describe(p, left, until))
		}
	})
	return out
}

func (v *visitor) describe(p pair, left []leftOpen, until int64) Across {
	var frames few[int]
	waiting := 0
	for _, c := range left {
		frames.add(c.frame)
		if c.state == tcpstate.CloseWait {
			waiting++
		}
	}
	a := ghostConnections.across(p.server, left[0].start, frames.list())
	client := reassembly.Endpoint{IP: p.client}.Addr()
	a.Summary = fmt.Sprintf("%s still holds %s of %s, which has come back since: %d ESTABLISHED, %d CLOSE_WAIT", p.server, count(len(left), "connection"), client, len(left)-waiting, waiting)
	a.Explanation = fmt.Sprintf("%s opened %s in all. The oldest that the server still has fell silent %s before the end of the capture. Neither FIN nor RST of the client closed them.",
		client, count(v.n, "connection"), since(left[0].end, until))
	a.Causes = []string{
		fmt.Sprintf("%s was switched off or lost its network and came back with a new port, again and again", client),
		"its NAT or firewall forgets idle connections",
		fmt.Sprintf("an application on %s opens connections and forgets them", client),
	}
	if waiting > len(left)/2 {
		a.Causes = append([]string{"the server's application does not close what the client has closed"}, a.Causes...)
	}
	a.Checks = []string{
		fmt.Sprintf("ss -tanpo 'sport = :%d and dst %s'   # on %s", p.server.Port, client, p.server.Addr()),
		"sysctl net.ipv4.tcp_keepalive_time   # with SO_KEEPALIVE on the server's sockets: finds them out",
	}
	return a
}
