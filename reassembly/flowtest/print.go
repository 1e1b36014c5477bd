package flowtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// String returns the script in the notation: directives that differ from the
// defaults, then the lines with absolute times. Parse reads it back.
func (s *Script) String() string {
	var b strings.Builder
	s.writeDirectives(&b)
	repeats := s.repeats
	for i := 0; i < len(s.lines); {
		if len(repeats) > 0 && repeats[0].first == i {
			repeats[0].write(&b, s)
			i += repeats[0].frames()
			repeats = repeats[1:]
			continue
		}
		s.writeLine(&b, &s.lines[i])
		i++
	}
	return b.String()
}

func (s *Script) writeLine(b *strings.Builder, l *line) {
	if name := s.conns[l.conn].name; name != "" {
		fmt.Fprintf(b, "%s: ", name)
	}
	fmt.Fprintf(b, "%s %s\n", formatTime(l.at), l)
}

func (s *Script) writeDirectives(b *strings.Builder) {
	def := newScript()
	if s.link.Type != def.link.Type {
		for _, l := range linkNames {
			if l.value == s.link.Type {
				fmt.Fprintf(b, "link %s\n", l.name)
			}
		}
	}
	if s.tap != tapClient {
		fmt.Fprintf(b, "tap %s\n", tapNames[s.tap])
	}
	if s.link.VLAN != 0 {
		fmt.Fprintf(b, "vlan %d\n", s.link.VLAN)
	}
	if s.snaplen != 0 {
		fmt.Fprintf(b, "snaplen %d\n", s.snaplen)
	}
	if s.bare {
		b.WriteString("options none\n")
	}
	for i, c := range s.conns {
		if !c.made {
			c.write(b, i)
		}
	}
}

func (c *conn) write(b *strings.Builder, index int) {
	prefix := ""
	if index == 0 {
		fmt.Fprintf(b, "client %s\nserver %s\n", c.ends[client], c.ends[server])
	} else {
		fmt.Fprintf(b, "conn %s %s %s\n", c.name, c.ends[client], c.ends[server])
		prefix = c.name + ": "
	}
	for _, from := range [...]side{client, server} {
		if c.isn[from] != defaultISN(index, from) {
			fmt.Fprintf(b, "%sisn %s %d\n", prefix, from, c.isn[from])
		}
	}
}

// String returns the line without its time and connection.
func (l *line) String() string {
	switch l.kind {
	case kindDup:
		return fmt.Sprintf("dup %d%s", l.dup, l.path)
	case kindICMP:
		return fmt.Sprintf("icmp %s %s%s", l.icmp, &l.seg, l.path)
	case kindUDP:
		return "udp" + l.path.String()
	case kindARP:
		return "arp" + l.path.String()
	}
	return l.seg.String() + l.path.String()
}

func (p path) String() string {
	var b strings.Builder
	if p.ttl != 0 {
		fmt.Fprintf(&b, " ttl %d", p.ttl)
	}
	if p.vlan != 0 {
		fmt.Fprintf(&b, " vlan %d", p.vlan)
	}
	if p.index != 0 {
		fmt.Fprintf(&b, " if %d", p.index)
	}
	switch p.direction {
	case reassembly.Incoming:
		b.WriteString(" in")
	case reassembly.Outgoing:
		b.WriteString(" out")
	}
	return b.String()
}

func (s *segment) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s> %s %d:%d(%d)", s.from, formatFlags(s.flags), s.seq, s.seq+int64(s.len), s.len)
	if s.flags.Has(reassembly.ACK) {
		fmt.Fprintf(&b, " ack %d", s.ack)
	}
	if s.window.given {
		fmt.Fprintf(&b, " win %d", s.window.value)
	}
	if s.urgent != 0 {
		fmt.Fprintf(&b, " urg %d", s.urgent)
	}
	if s.listed {
		items := make([]string, len(s.opts))
		for i, o := range s.opts {
			items[i] = o.String()
		}
		fmt.Fprintf(&b, " <%s>", strings.Join(items, ","))
	}
	if s.id.given {
		fmt.Fprintf(&b, " id %d", s.id.value)
	}
	if s.other {
		b.WriteString(" other")
	}
	if s.lost {
		b.WriteString(" lost")
	}
	return b.String()
}

func formatFlags(flags reassembly.Flags) string {
	var b strings.Builder
	for _, f := range flagLetters {
		if flags.Has(f.flag) {
			b.WriteByte(f.letter)
		}
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

// formatTime writes seconds with as many digits as they need.
func formatTime(d time.Duration) string {
	text := fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
