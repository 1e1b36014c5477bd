package flowtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
)

// icmpError is an ICMP or ICMPv6 error before it is known what it quotes.
type icmpError struct {
	from   netip.Addr
	name   string // how the notation writes it
	reason int    // index into icmpReasons
	mtu    uint16
}

// icmpReasons gives type and code of each reason (RFC 792, RFC 1812, RFC 4443).
var icmpReasons = [...]struct {
	name   string
	v4, v6 [2]uint8
}{
	{"unreachable net", [2]uint8{3, 0}, [2]uint8{1, 0}},
	{"unreachable host", [2]uint8{3, 1}, [2]uint8{1, 3}},
	{"unreachable proto", [2]uint8{3, 2}, [2]uint8{4, 1}},
	{"unreachable port", [2]uint8{3, 3}, [2]uint8{1, 4}},
	{"unreachable admin", [2]uint8{3, 13}, [2]uint8{1, 1}},
	{"toobig", [2]uint8{3, 4}, [2]uint8{2, 0}},
	{"exceeded", [2]uint8{11, 0}, [2]uint8{3, 0}},
}

// takeICMP takes the sender of an error and its reason.
func takeICMP(w *words, c *conn) icmpError {
	e := icmpError{name: w.next("sender")}
	switch addr, err := netip.ParseAddr(e.name); {
	case e.name == "C":
		e.from = c.ends[client].Addr()
	case e.name == "S":
		e.from = c.ends[server].Addr()
	case err != nil || addr.Zone() != "" || addr.Unmap().Is4() != c.ends[client].Addr().Is4():
		w.fail("want C, S or an address of the connection's family, got %q", e.name)
	default:
		e.from = addr.Unmap()
		e.name = e.from.String()
	}
	reason := w.next("reason")
	if reason == "unreachable" {
		reason += " " + w.next("what is unreachable")
	}
	for i, r := range icmpReasons {
		if r.name == reason {
			e.reason = i
		}
	}
	if icmpReasons[e.reason].name != reason {
		w.fail("unknown reason %q", reason)
	}
	if reason == "toobig" {
		e.mtu = uint16(w.number("MTU", math.MaxUint16))
	}
	return e
}

// String returns sender and reason as the notation writes them.
func (e icmpError) String() string {
	text := e.name + " " + icmpReasons[e.reason].name
	if e.mtu != 0 || icmpReasons[e.reason].name == "toobig" {
		text += fmt.Sprintf(" %d", e.mtu)
	}
	return text
}

// packet returns the error as an IP packet for the sender of quoted, of which it
// holds as much as Linux quotes: up to 576 bytes in all, 1280 in IPv6.
func (e icmpError) packet(quoted []byte, to netip.Addr, ttl uint8) []byte {
	v6 := to.Is6()
	room, kind, proto := 576-ipv4Header-8, icmpReasons[e.reason].v4, uint8(protoICMP)
	if v6 {
		room, kind, proto = 1280-ipv6Header-8, icmpReasons[e.reason].v6, protoICMPv6
	}
	b := []byte{kind[0], kind[1], 0, 0}
	b = binary.BigEndian.AppendUint32(b, uint32(e.mtu))
	b = append(b, quoted[:min(room, len(quoted))]...)
	sum := ^fold(sum16(b))
	if v6 {
		sum = transportSum(e.from, to, proto, b)
	}
	binary.BigEndian.PutUint16(b[2:], sum)
	return ipPacket(e.from, to, proto, ttl, 0, b)
}
