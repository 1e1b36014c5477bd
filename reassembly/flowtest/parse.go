package flowtest

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// maxTime is how far a script can go; relative times must not run past it.
const maxTime = time.Duration(1<<30) * time.Second

// connName is what a connection may be called.
var connName = regexp.MustCompile(`^[A-Za-z][\w-]*$`)

// parser turns lines into a script.
type parser struct {
	script   *Script
	now      time.Duration // of the last frame
	number   int           // of the line in hand, in its file
	conn     int           // the connection that the line in hand is about
	block    *repeat       // the one that is being read, nil outside
	rounds   map[roundKey]int
	repeated int // bytes that the repeats come to
}

// Parse reads a packets file. Errors begin with the name and the line number.
func Parse(name, text string) (*Script, error) { return parseFrom(name, 1, text) }

// parseFrom is Parse for a text whose first line is number first of its file.
func parseFrom(name string, first int, text string) (*Script, error) {
	p := parser{script: newScript(), rounds: map[roundKey]int{}}
	for i, raw := range strings.Split(text, "\n") {
		p.number = first + i
		w := splitWords(raw)
		if w.more() {
			p.line(&w)
		}
		if w.err == nil && len(w.rest) > 0 {
			w.fail("unknown word %q", w.rest[0])
		}
		if w.err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, p.number, w.err)
		}
	}
	if p.block != nil {
		return nil, fmt.Errorf("%s:%d: the repeat has no end", name, p.block.line)
	}
	return p.script, nil
}

func newScript() *Script {
	s := &Script{link: Link{Type: LinkEthernet, Index: 2}}
	s.addConn("", DefaultClient(), DefaultServer())
	return s
}

func (s *Script) addConn(name string, c, sv netip.AddrPort) {
	i := len(s.conns)
	s.conns = append(s.conns, conn{
		name: name, ends: [2]netip.AddrPort{c, sv},
		isn: [2]uint32{defaultISN(i, client), defaultISN(i, server)},
	})
}

// defaultISN keeps directions and connections well apart.
func defaultISN(conn int, from side) uint32 {
	return 1_000_000_000 + 2_000_000_000*uint32(from) + 10_000_019*uint32(conn)
}

func (p *parser) line(w *words) {
	p.conn = 0
	if name, ok := strings.CutSuffix(w.peek(), ":"); ok {
		w.next("connection")
		p.conn = p.find(w, name)
	}
	switch word := w.peek(); {
	case word == "repeat":
		p.begin(w)
	case word == "end":
		w.next("end")
		if w.peek() == "repeat" {
			p.finish(w)
			return
		}
		p.time(w)
		p.add(w, line{kind: kindUDP})
	case strings.IndexAny(word, "+0123456789") == 0:
		p.time(w)
		p.frame(w)
	case len(p.script.lines) > 0 || p.block != nil:
		w.fail("want a time, got %q (directives stand before the first frame)", word)
	default:
		p.directive(w)
	}
}

func (p *parser) find(w *words, name string) int {
	for i, c := range p.script.conns {
		if c.name == name && name != "" {
			return i
		}
	}
	w.fail("no connection is named %q", name)
	return 0
}

// time takes a time, absolute or after the last frame's.
func (p *parser) time(w *words) {
	word, relative := strings.CutPrefix(w.next("time"), "+")
	if w.err != nil {
		return
	}
	t, err := parseTime(word)
	if err != nil {
		w.fail("%w", err)
		return
	}
	if relative {
		t += p.now
	}
	if t > maxTime {
		w.fail("time %s is too far away", word)
	}
	p.now = t
}

func (p *parser) directive(w *words) {
	s := p.script
	switch word := w.next("directive"); word {
	case "client":
		s.conns[0].ends[client] = w.endpoint(word)
	case "server":
		s.conns[0].ends[server] = w.endpoint(word)
	case "conn":
		p.newConn(w)
	case "isn":
		from := w.side()
		s.conns[p.conn].isn[from] = uint32(w.number("ISN", math.MaxUint32))
	case "link":
		names := make([]string, len(linkNames))
		for i, l := range linkNames {
			names[i] = l.name
		}
		s.link.Type = linkNames[w.choice("link", names...)].value
	case "tap":
		s.tap = tap(w.choice("tap", tapNames[:]...))
	case "vlan":
		s.link.VLAN = uint16(w.number(word, 4094))
	case "snaplen":
		s.snaplen = int(w.number(word, 262144))
	case "options":
		w.choice("options", "none")
		s.bare = true
	default:
		w.fail("unknown word %q", word)
	}
}

func (p *parser) newConn(w *words) {
	name := w.next("name")
	c, s := w.endpoint("client"), w.endpoint("server")
	if w.err == nil && !connName.MatchString(name) {
		w.fail("%q is no name for a connection", name)
	}
	for _, have := range p.script.conns {
		if have.name == name {
			w.fail("there is a connection %q already", name)
		}
	}
	p.script.addConn(name, c, s)
}

// add appends a line at the current time.
func (p *parser) add(w *words, l line) {
	c := &p.script.conns[p.conn]
	if c.ends[client].Addr().Is4() != c.ends[server].Addr().Is4() {
		w.fail("%s and %s are of different families", c.ends[client], c.ends[server])
	}
	l.at, l.conn = p.now, p.conn
	if p.block != nil {
		p.hold(w, l)
		return
	}
	p.script.lines = append(p.script.lines, l)
}
