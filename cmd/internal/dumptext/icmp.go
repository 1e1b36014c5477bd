package dumptext

import (
	"net/netip"
	"strings"
)

// icmpText is an ICMP error as it was printed.
type icmpText struct {
	typ, code   uint8
	mtu         uint32
	unreachable string     // the host that the text names; "" when it names none
	port        string     // its port; "" when it names none
	about       netip.Addr // the address of the unreachable host
	ends        bool       // the text shows the ends of the connection, and no more
}

const (
	icmpUnreachable, icmpTimeExceeded                      = 3, 11
	icmp6Unreachable, icmp6PacketTooBig, icmp6TimeExceeded = 1, 2, 3
	needFragmentation, portUnreachable                     = 4, 3
)

// icmpCodes are what stands before and behind the name of the host that cannot be
// reached, by code (RFC 792, RFC 1812 §5.2.7.1).
var icmpCodes = [...]struct {
	before, after string
	code          uint8
}{
	{"net ", " unreachable", 0},
	{"host ", " unreachable", 1},
	{"", " protocol 6 unreachable", 2},
	{"", " unreachable - need to frag", needFragmentation},
	{"", " unreachable - source route failed", 5},
	{"net ", " unreachable - unknown", 6},
	{"host ", " unreachable - unknown", 7},
	{"", " unreachable - source host isolated", 8},
	{"net ", " unreachable - admin prohibited", 9},
	{"host ", " unreachable - admin prohibited", 10},
	{"net ", " unreachable - tos prohibited", 11},
	{"host ", " unreachable - tos prohibited", 12},
	{"host ", " unreachable - admin prohibited filter", 13},
	{"host ", " unreachable - host precedence violation", 14},
	{"host ", " unreachable - precedence cutoff", 15},
}

// icmp6Codes are what stands before the address that cannot be reached (RFC 4443 §3.1).
var icmp6Codes = [...]struct {
	before string
	code   uint8
}{
	{"unreachable route ", 0}, {"unreachable prohibited ", 1}, {"beyond scope ", 2},
	{"unreachable address ", 3}, {"unreachable port, ", 4},
}

// parseICMP reads an error that can be about a TCP segment.
func parseICMP(body string) (icmpText, bool) {
	if body, ok := strings.CutPrefix(body, "ICMP "); ok {
		return parseICMP4(body)
	}
	if strings.HasPrefix(body, "[icmp6 sum ") { // -v
		_, body, _ = strings.Cut(body, "] ")
	}
	if body, ok := strings.CutPrefix(body, "ICMP6, "); ok {
		return parseICMP6(body)
	}
	return icmpText{}, false
}

func parseICMP4(body string) (e icmpText, ok bool) {
	text, _, _ := strings.Cut(body, ",")
	e.typ = icmpUnreachable
	if strings.HasPrefix(text, "time exceeded in-transit") {
		e.typ = icmpTimeExceeded
		return e, true
	}
	if e.unreachable, e.port, ok = portOf(text); ok {
		e.code = portUnreachable
		return e, true
	}
	if reason, mtu, found := strings.Cut(text, " (mtu "); found {
		s := scanner(mtu)
		e.mtu, _ = s.uint32()
		text = reason
	}
	for _, c := range icmpCodes {
		host, found := strings.CutSuffix(text, c.after)
		if host, found2 := strings.CutPrefix(host, c.before); found && found2 && !strings.Contains(host, " ") {
			e.code, e.unreachable = c.code, host
			return e, true
		}
	}
	return e, false
}

// portOf reads "10.0.0.2 tcp port 80 unreachable"; ICMPv6 has no last word.
func portOf(text string) (host, port string, ok bool) {
	host, port, ok = strings.Cut(text, " tcp port ")
	port, _, _ = strings.Cut(port, " ")
	return host, port, ok
}

func parseICMP6(body string) (e icmpText, ok bool) {
	switch {
	case strings.HasPrefix(body, "packet too big"):
		e.typ = icmp6PacketTooBig
		e.mtu, ok = after(body, "mtu ")
	case strings.HasPrefix(body, "time exceeded in-transit"):
		e.typ = icmp6TimeExceeded
		_, e.unreachable, _ = strings.Cut(body, " for ")
		e.unreachable, _, _ = strings.Cut(e.unreachable, ",")
		ok = true
	case strings.HasPrefix(body, "destination unreachable"):
		e.typ = icmp6Unreachable
		ok = e.destination(body)
	}
	return e, ok
}

// destination reads the code and the address of "destination unreachable, unreachable
// port, 2001:db8::2 tcp port 80, length 88". With -v the length stands ahead.
func (e *icmpText) destination(body string) bool {
	for _, c := range icmp6Codes {
		_, host, found := strings.Cut(body, c.before)
		if !found {
			continue
		}
		e.code = c.code
		e.unreachable, _, _ = strings.Cut(host, ",")
		if c.before == "unreachable port, " {
			var isTCP bool
			e.unreachable, e.port, isTCP = portOf(e.unreachable)
			return isTCP
		}
		e.unreachable, _, _ = strings.Cut(e.unreachable, " ") // with -v nothing ends it but what -A prints
		return true
	}
	return false
}
