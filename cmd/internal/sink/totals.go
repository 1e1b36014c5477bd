package sink

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// totals are counts of connections under one heading.
type totals struct {
	heading string
	lines   []total
}

// total counts the connections of one name, and of these the ones in trouble.
type total struct {
	connections int
	name        string
	troubled    int
}

// byOutcome counts how connections began and ended, the commonest first.
func (t *tally) byOutcome() totals {
	order := slices.SortedFunc(maps.Keys(t.outcomes), func(a, b outcome) int {
		return cmp.Or(cmp.Compare(t.outcomes[b], t.outcomes[a]), cmp.Compare(a.String(), b.String()))
	})
	all := totals{heading: "How they went"}
	for _, o := range order {
		all.lines = append(all.lines, total{connections: t.outcomes[o], name: o.String()})
	}
	return all
}

// byServer counts where connections went to; only by port where servers are too many.
func (t *tally) byServer() totals {
	if t.services == nil {
		return totals{"By port of the server", services(t.ports, func(p uint16) string { return "port " + strconv.Itoa(int(p)) })}
	}
	return totals{"By server", services(t.services, reassembly.Endpoint.String)}
}

// mostServices is how many servers are named in the totals.
const mostServices = 10

func services[K comparable](m map[K]*service, name func(K) string) []total {
	order := slices.SortedFunc(maps.Keys(m), func(a, b K) int {
		return cmp.Or(cmp.Compare(m[b].troubled, m[a].troubled), cmp.Compare(m[b].connections, m[a].connections),
			cmp.Compare(name(a), name(b)))
	})
	var lines []total
	rest := 0
	for i, k := range order {
		if i < mostServices {
			lines = append(lines, total{m[k].connections, name(k), m[k].troubled})
		} else {
			rest += m[k].connections
		}
	}
	if rest > 0 {
		lines = append(lines, total{connections: rest, name: fmt.Sprintf("to %s others", number(len(order)-mostServices))})
	}
	return lines
}
