package check

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// firstDynamic is where the ports begin that Linux hands out by itself
// (ip_local_port_range): a server on one of them has another the next time.
const firstDynamic = 32768

// Service names what connections are grouped by: the server's port, with those of
// chance together: "port 9000", or "ports from 32768 on".
func Service(port int) string {
	if port >= firstDynamic {
		return fmt.Sprintf("ports from %d on", firstDynamic)
	}
	return fmt.Sprintf("port %d", port)
}

// slack is how many times slower than in the good capture is still accepted, and
// leastRTT the shortest limit that is set: less is at the mercy of the scheduler.
const (
	slack    = 5
	leastRTT = 10 * time.Millisecond
)

// FirstFile writes expectations that a good capture meets, to begin with.
func FirstFile(input string, all []*Connection) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# What is expected of the recorded traffic; written from %s, to be adapted.
# tcpflow-explain check --schema >expect.schema.json writes the schema for editors.
# yaml-language-server: $schema=expect.schema.json
version: %d
rules:
  - name: nothing is dropped by the capture
    expect: dropped == 0 && not truncated
`, strings.ReplaceAll(input, "\n", " "), formatVersion)
	for _, service := range services(all) {
		service.write(&b)
	}
	return b.Bytes()
}

// service is the connections to one port.
type service struct {
	name, match string
	port        int
	connections []*Connection
}

func services(all []*Connection) []*service {
	byName := map[string]*service{}
	for _, c := range all {
		name := Service(c.Server.Port)
		s := byName[name]
		if s == nil {
			s = &service{name: name, port: min(c.Server.Port, firstDynamic), match: fmt.Sprintf("server.port == %d", c.Server.Port)}
			if s.port == firstDynamic {
				s.match = fmt.Sprintf("server.port >= %d", firstDynamic)
			}
			byName[name] = s
		}
		s.connections = append(s.connections, c)
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b *service) int { return cmp.Compare(a.port, b.port) })
}

// write writes the rules of one service, each of which it meets.
func (s *service) write(b *bytes.Buffer) {
	rule := func(name, expect string) {
		fmt.Fprintf(b, "  - name: %s, %s\n    for: %s\n    expect: %s\n", s.name, name, s.match, expect)
	}
	rule("how it begins", s.among("handshake", func(c *Connection) string { return c.Handshake }))
	rule("how it ends", s.among("teardown", func(c *Connection) string { return c.Teardown }))
	if slices.ContainsFunc(s.connections, func(c *Connection) bool { return c.Worst != nil }) {
		rule("nothing worse than notes", `worst in [nil, "note"]`)
	} else {
		rule("no findings", "worst == nil")
	}
	if rtt, ok := s.slowest(); ok {
		limit := max(leastRTT, (slack*rtt + leastRTT - 1).Truncate(leastRTT))
		rule("fast handshake", fmt.Sprintf(`handshake_rtt == nil || handshake_rtt < duration("%s")`, limit))
	}
}

// among lists the values that a field has in the capture.
func (s *service) among(field string, value func(*Connection) string) string {
	set := map[string]bool{}
	for _, c := range s.connections {
		set[value(c)] = true
	}
	list := quoteAll(slices.Sorted(maps.Keys(set)))
	if len(list) == 1 {
		return field + " == " + list[0]
	}
	return field + " in [" + strings.Join(list, ", ") + "]"
}

// slowest is the longest handshake.
func (s *service) slowest() (longest time.Duration, ok bool) {
	for _, c := range s.connections {
		if c.HandshakeRTT != nil {
			longest, ok = max(longest, *c.HandshakeRTT), true
		}
	}
	return longest, ok
}
