package sink

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Bounds of what a tally keeps, whatever the capture holds.
const (
	listed      = 20   // connections that get a line
	examples    = 3    // findings of one code that are told with their numbers
	maxServices = 4096 // server addresses with ports, before only ports are counted
	maxTargets  = 64   // of these, per code
)

// tally is what the text keeps of all connections: totals, the worst few and
// some examples. It grows with the variety of a capture, not with its length.
type tally struct {
	connections int
	outcomes    map[outcome]int
	ports       map[uint16]*service
	services    map[reassembly.Endpoint]*service // nil once there were too many
	worst       []entry                          // worst first, at most listed
	kinds       map[string]*alike                // by severity and codes, at most mostKinds
	findings    map[string]*group
}

// service counts the connections of one server.
type service struct{ connections, troubled int }

// entry is a connection's line in the list.
type entry struct {
	id         int
	ends       [2]reassembly.Endpoint
	guessed    bool
	verdict    string
	codes      []string // of findings
	conditions []string // of the capture
	worst      detect.Severity
	findings   int
}

// alike is the connections that have the same findings: one of them tells as much
// as all.
type alike struct {
	connections int
	examples    []entry // the first few
}

// Of how many kinds examples are kept, and how many of each.
const (
	mostKinds = 256
	likeThese = 3
)

// group is the findings of one code, over all connections.
type group struct {
	code        string
	severity    detect.Severity
	connections int
	lastID      int // connection counted last
	firstFrame  int
	servers     map[reassembly.Endpoint]int // connections to each; nil once they are more than maxTargets
	sources     map[[16]byte]int            // connections from each address; nil likewise
	examples    []example
}

type example struct {
	connection int
	finding    detect.Finding
}

func newTally() tally {
	return tally{
		outcomes: map[outcome]int{},
		ports:    map[uint16]*service{},
		services: map[reassembly.Endpoint]*service{},
		findings: map[string]*group{},
	}
}

// add counts one connection.
func (t *tally) add(c *analyzer.Connection) {
	t.connections++
	t.outcomes[outcome{c.Handshake, c.Teardown}]++
	t.serve(c)
	for i := range c.Findings {
		t.find(c, &c.Findings[i])
	}
	t.rank(c)
}

func (t *tally) serve(c *analyzer.Connection) {
	end := c.Ends[timeline.Server]
	bump(t.ports, end.Port, c)
	if t.services == nil {
		return
	}
	if bump(t.services, end, c); len(t.services) > maxServices {
		t.services = nil // a scan: its ports still tell
	}
}

func bump[K comparable](m map[K]*service, key K, c *analyzer.Connection) {
	s := m[key]
	if s == nil {
		s = new(service)
		m[key] = s
	}
	s.connections++
	if c.Worst() >= detect.Warning {
		s.troubled++
	}
}

func (t *tally) find(c *analyzer.Connection, f *detect.Finding) {
	g := t.findings[f.Code]
	if g == nil {
		g = &group{code: f.Code, firstFrame: firstFrame(f), servers: map[reassembly.Endpoint]int{}, sources: map[[16]byte]int{}}
		t.findings[f.Code] = g
	}
	g.severity = max(g.severity, f.Severity)
	g.firstFrame = min(g.firstFrame, firstFrame(f))
	if g.lastID != c.ID {
		g.lastID = c.ID
		g.connections++
		bumpAtMost(&g.servers, c.Ends[timeline.Server])
		bumpAtMost(&g.sources, c.Ends[timeline.Client].IP)
	}
	if len(g.examples) < examples {
		g.examples = append(g.examples, example{c.ID, f.Clone()})
	}
}

// bumpAtMost counts a connection to or from somebody, until those are too many.
func bumpAtMost[K comparable](m *map[K]int, whom K) {
	if *m == nil {
		return
	}
	if (*m)[whom]++; len(*m) > maxTargets {
		*m = nil
	}
}

// explainedBy returns the finding over many connections that all those of g come
// from: a flood's half-open handshakes say nothing that the flood does not. nil for none.
func (g *group) explainedBy(all []detect.Across) *detect.Across {
	for i := range all {
		a := &all[i]
		if detect.Explains(a.Code, g.code) && (g.servers[a.Target] == g.connections || a.Target.Port == 0 && g.sources[a.Target.IP] == g.connections) {
			return a
		}
	}
	return nil
}

// where is "in #3, frames 13 and 14", or "on 214 connections to 10.0.0.5:443, first in
// frame 88". Servers are left out where none has most of the connections.
func (g *group) where(known Frames) string {
	if g.connections == 1 {
		first := &g.examples[0]
		return fmt.Sprintf("in #%d, %s", first.connection, evidence(known, first.finding.Frames))
	}
	text := "on " + count(g.connections, "connection")
	for server, n := range g.servers {
		switch {
		case n == g.connections:
			text += " to " + server.String()
		case n*2 > g.connections:
			text += fmt.Sprintf(", %s of them to %s", number(n), server)
		}
	}
	return text + ", first in frame " + strconv.Itoa(g.firstFrame)
}

func firstFrame(f *detect.Finding) int {
	if len(f.Frames) == 0 {
		return 0
	}
	return f.Frames[0]
}

// rank puts a connection into the list if it is among the worst so far, and among
// its kind.
func (t *tally) rank(c *analyzer.Connection) {
	e := entryOf(c)
	t.group(&e)
	at, _ := slices.BinarySearchFunc(t.worst, &e, func(have entry, e *entry) int { return compareEntries(&have, e) })
	if at < listed {
		t.worst = slices.Insert(t.worst, at, e)
		t.worst = t.worst[:min(len(t.worst), listed)]
	}
}

// group counts e among the connections with the same findings.
func (t *tally) group(e *entry) {
	key := e.kind()
	k := t.kinds[key]
	if k == nil {
		if len(t.kinds) == mostKinds {
			return
		}
		if t.kinds == nil {
			t.kinds = map[string]*alike{}
		}
		k = &alike{}
		t.kinds[key] = k
	}
	k.connections++
	if len(k.examples) < likeThese {
		k.examples = append(k.examples, *e)
	}
}

// kind is what alike connections share.
func (e *entry) kind() string { return e.worst.String() + " " + strings.Join(e.codes, " ") }

// worstKinds returns the kinds of connections, the worst first and the commoner
// first among equals.
func (t *tally) worstKinds() []*alike {
	return slices.SortedFunc(maps.Values(t.kinds), func(a, b *alike) int {
		x, y := &a.examples[0], &b.examples[0]
		return cmp.Or(cmp.Compare(y.worst, x.worst), cmp.Compare(y.findings, x.findings),
			cmp.Compare(b.connections, a.connections), cmp.Compare(x.id, y.id))
	})
}

// entryOf is the list's line of one connection.
func entryOf(c *analyzer.Connection) entry {
	e := entry{id: c.ID, worst: c.Worst(), findings: len(c.Findings)}
	e.ends, e.guessed, e.verdict = c.Ends, c.Guessed, c.Verdict
	e.conditions = slices.Clone(c.Conditions)
	for i := range c.Findings {
		if f := &c.Findings[i]; f.Severity > detect.Capture && !slices.Contains(e.codes, f.Code) {
			e.codes = append(e.codes, f.Code)
		}
	}
	return e
}

// compareEntries orders the gravest first, then those with more findings, then
// as they come in the capture.
func compareEntries(a, b *entry) int {
	return cmp.Or(cmp.Compare(b.worst, a.worst), cmp.Compare(b.findings, a.findings), cmp.Compare(a.id, b.id))
}

// full reports whether a group is explained at length: notes and conditions of the
// capture over many connections are not, unless asked for.
func (t *tally) full(g *group, verbose bool) bool {
	return g.severity >= detect.Warning || verbose || t.connections <= listed && g.severity > detect.Capture
}

// groups returns the findings, gravest and most frequent first.
func (t *tally) groups() []*group {
	return slices.SortedFunc(maps.Values(t.findings), func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(b.connections, a.connections), cmp.Compare(a.code, b.code))
	})
}
