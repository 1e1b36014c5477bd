package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

func newSummary() Summary {
	return Summary{Skipped: map[string]int{}, Findings: map[string]int{}}
}

// summarise adds a finished connection to the totals.
func (a *Analyzer) summarise(c *Connection) {
	for side := range timeline.Nobody {
		if len(c.States[side]) > 0 {
			a.byState[side][c.Last(side)]++
		}
	}
	for i := range c.Findings {
		if f := &c.Findings[i]; f.Severity != detect.Capture {
			a.sum.Findings[f.Code]++
		}
	}
	a.vantage.add(c)
}

// stateCounts counts connections by the last state of one side.
type stateCounts [tcpstate.TimeWait + 1]int

// named returns the counts that are not 0, by the names of the states.
func (n *stateCounts) named() map[string]int {
	named := map[string]int{}
	for state, count := range n {
		if count > 0 {
			named[tcpstate.State(state).String()] = count
		}
	}
	return named
}

// vantage tells where the capture was taken from how soon each side answers: an
// endpoint close to the point of capture answers at once.
type vantage struct{ client, server, middle int }

// closer is how many times faster the near endpoint must answer than the far one.
const closer = 8

func (v *vantage) add(c *Connection) {
	client, server := c.Reply[timeline.Client], c.Reply[timeline.Server]
	switch {
	case client <= 0 || server <= 0:
	case client*closer < server:
		v.client++
	case server*closer < client:
		v.server++
	default:
		v.middle++
	}
}

// String says where the capture was taken, "" when nothing tells.
func (v *vantage) String() string {
	total := v.client + v.server + v.middle
	switch {
	case total == 0:
		return ""
	case v.client*4 > total*3:
		return "near the client"
	case v.server*4 > total*3:
		return "near the server"
	}
	return ""
}
