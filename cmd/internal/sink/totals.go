package sink

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// totals are counts of connections under one heading. Fields are exported for templates.
type totals struct {
	Heading string
	Lines   []total
}

// total counts the connections of one name, and of these the ones in trouble.
type total struct {
	Connections int
	Name        string
	Troubled    int
}

// byOutcome counts how connections began and ended, the commonest first.
func (t *tally) byOutcome() totals {
	order := slices.SortedFunc(maps.Keys(t.outcomes), func(a, b outcome) int {
		return cmp.Or(cmp.Compare(t.outcomes[b], t.outcomes[a]), cmp.Compare(a.String(), b.String()))
	})
	all := totals{Heading: "How they went"}
	for _, o := range order {
		all.Lines = append(all.Lines, total{Connections: t.outcomes[o], Name: o.String()})
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
		lines = append(lines, total{Connections: rest, Name: fmt.Sprintf("to %s others", number(len(order)-mostServices))})
	}
	return lines
}
