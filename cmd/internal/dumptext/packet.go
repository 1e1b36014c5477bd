package dumptext

import (
	"net/netip"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// kind is what was printed about a packet.
type kind uint8

const (
	notIP      kind = iota // ARP, or nothing that is known here
	otherIP                // UDP, an ICMP echo, …
	unknownTCP             // TCP without the flags and numbers (-q, or cut by the snap length)
	tcpSegment
	icmpError // with what it quotes, if that was printed
)

// packet is one packet as it was printed.
type packet struct {
	assembled
	kind     kind
	link     link
	src, dst netip.Addr // of the innermost IP header that was printed
	ip       ipFields
	seg      segment // of a tcpSegment, or what an icmpError quotes
	icmp     icmpText
}

// link is what the text says about where a packet was seen.
type link struct {
	iface     string
	direction reassembly.Direction
	sender    [6]byte // zero when unknown
	vlans     []uint16
}

// ipFields are the fields that -v shows; without it they are 0.
type ipFields struct {
	id  uint16
	ttl uint8
}

// endpoint is one end as it was printed: with or without a port.
type endpoint struct{ host, port string }

// parser turns texts into packets.
type parser struct {
	hosts     hosts
	services  services
	unflagged int // TCP packets that were printed without flags
}

// parse reads the text of a packet. Nothing is an error: what cannot be read makes a
// packet of a kind that will be skipped.
func (r *parser) parse(a assembled) *packet {
	p := &packet{assembled: a}
	found, ok := nextArrow(p.rest)
	if !ok {
		p.link = readLink(p.rest)
		return p
	}
	p.link = readLink(found.before)
	for ok && !r.layer(p, found) {
		found, ok = nextArrow(found.body)
	}
	return p
}

// arrow is "SRC > DST: BODY" and what stands before it.
type arrow struct{ before, src, dst, body string }

// nextArrow finds the next pair of ends in text.
func nextArrow(text string) (arrow, bool) {
	const mark = " > "
	for from := 0; ; {
		i := strings.Index(text[from:], mark)
		if i < 0 {
			return arrow{}, false
		}
		i += from
		start := strings.LastIndexByte(text[:i], ' ') + 1
		dst, body, _ := strings.Cut(text[i+len(mark):], " ")
		if name, ok := strings.CutSuffix(dst, ":"); ok && name != "" && start < i {
			return arrow{text[:start], text[start:i], name, strings.TrimLeft(body, " ")}, true
		}
		from = i + 1
	}
}

// layer reads one "SRC > DST: BODY" and reports whether it is the last one of
// interest. Tunnels print one for each IP header; an ICMP error one for what it quotes.
func (r *parser) layer(p *packet, a arrow) (last bool) {
	seg, isTCP := parseTCP(a.body)
	switch {
	case isTCP && p.kind == icmpError:
		r.quote(p, a, seg)
		return true
	case isTCP:
		r.tcp(p, a, seg)
		return true
	case p.kind == icmpError && isTCPWithoutFlags(a.body): // routers need not quote more than the ports and seq
		p.icmp.ends = r.ends(p, a, &p.seg)
		return true
	case p.kind == icmpError: // it quotes something else
		p.kind = otherIP
		return true
	case isTCPWithoutFlags(a.body):
		p.kind = unknownTCP
		r.unflagged++
		return true
	}
	p.kind = otherIP
	if src, dst := plainAddress(a.src), plainAddress(a.dst); oneFamily(src, dst) {
		p.src, p.dst = src, dst
	}
	r.icmp(p, a)
	return false
}

// icmp takes in an ICMP error, if a is one.
func (r *parser) icmp(p *packet, a arrow) {
	e, ok := parseICMP(a.body)
	if !ok {
		return
	}
	if src, dst, ok := r.addresses(a, a.src, a.dst); ok {
		p.kind, p.icmp, p.ip, p.src, p.dst = icmpError, e, readIPFields(a.before), src, dst
		if e.unreachable != "" {
			p.icmp.about = r.address(e.unreachable, p.src.Is6())
		}
	}
}

// plainAddress reads an address with or without a port; it is invalid for a name.
func plainAddress(text string) netip.Addr {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		addr, _ = netip.ParseAddr(splitPort(text).host)
	}
	return addr.Unmap()
}

// oneFamily reports whether two addresses can stand in one IP header.
func oneFamily(a, b netip.Addr) bool { return a.IsValid() && b.IsValid() && a.Is4() == b.Is4() }

// tcp takes in a segment.
func (r *parser) tcp(p *packet, a arrow, seg segment) {
	p.kind = unknownTCP
	if !r.ends(p, a, &seg) {
		return
	}
	p.kind, p.seg, p.ip = tcpSegment, seg, readIPFields(a.before)
	p.src, p.dst = seg.src.Addr(), seg.dst.Addr()
}

// quote takes in the segment that an ICMP error is about.
func (r *parser) quote(p *packet, a arrow, seg segment) {
	if r.ends(p, a, &seg) {
		seg.quoted = true
		p.seg = seg
	}
}

// ends fills in who sent seg to whom: addresses with ports, or ports alone behind the
// IPv6 extension headers of the addresses in p.
func (r *parser) ends(p *packet, a arrow, seg *segment) bool {
	src, dst := splitPort(a.src), splitPort(a.dst)
	from, to, ok := p.src, p.dst, p.src.IsValid() && p.dst.IsValid()
	if src.host != "" && dst.host != "" {
		from, to, ok = r.addresses(a, src.host, dst.host)
	}
	srcPort, ok1 := r.services.port(src.port)
	dstPort, ok2 := r.services.port(dst.port)
	seg.src = reassembly.EndpointFrom(netip.AddrPortFrom(from, srcPort))
	seg.dst = reassembly.EndpointFrom(netip.AddrPortFrom(to, dstPort))
	return ok && ok1 && ok2
}

// addresses returns the addresses of two hosts, which are of one family.
func (r *parser) addresses(a arrow, src, dst string) (from, to netip.Addr, ok bool) {
	v6 := strings.Contains(a.before, "IP6") || strings.Contains(a.before, "IPv6") || strings.Contains(src+dst, ":")
	from, to = r.address(src, v6), r.address(dst, v6)
	return from, to, oneFamily(from, to)
}

// address returns the address of a host; v6 is what it is, if that is a name.
func (r *parser) address(host string, v6 bool) netip.Addr {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap()
	}
	return r.hosts.address(host, v6)
}

// splitPort splits "10.0.0.1.443", "2001:db8::1.443" or "host.example.https" at the
// last point. A port alone has no host.
func splitPort(text string) endpoint {
	if i := strings.LastIndexByte(text, '.'); i >= 0 {
		return endpoint{text[:i], text[i+1:]}
	}
	return endpoint{"", text}
}

// readIPFields reads the IP header that -v prints: "(tos 0x0, ttl 64, id 4989, …)".
func readIPFields(before string) (f ipFields) {
	if i := strings.LastIndex(before, "(tos "); i >= 0 {
		id, _ := after(before[i:], ", id ")
		ttl, _ := after(before[i:], ", ttl ")
		return ipFields{id: uint16(id), ttl: uint8(ttl)}
	}
	limit, _ := after(before, "hlim ")
	return ipFields{ttl: uint8(limit)}
}

// readLink reads what -e, and a Linux cooked capture, print ahead of the IP header:
//
//	02:db:6f:71:70:89 > 02:19:73:23:50:0e, ethertype 802.1Q (0x8100), length 78: vlan 42, p 0, …
//	eth0  In  ifindex 2 02:52:9d:09:be:2f ethertype IPv4 (0x0800), length 80: …
//	Out 02:2e:8f:af:09:9d ethertype IPv4 (0x0800), length 76: …
func readLink(text string) (l link) {
	s := scanner(text)
	s.skip(" ")
	rest := s
	if first := rest.word(); isDirection(first) {
		s = rest
		l.direction = directionOf(first)
	} else if second := rest.word(); isDirection(second) {
		s = rest
		l.iface, l.direction = first, directionOf(second)
	}
	if s.take("ifindex ") {
		s.word()
	}
	l.sender, _ = parseMAC(s.word())
	for _, tag := range strings.Split(string(s), "vlan ")[1:] {
		id := scanner(tag)
		if n, digits := id.number(); digits > 0 && n < 1<<12 && len(l.vlans) < maxVLANs {
			l.vlans = append(l.vlans, uint16(n))
		}
	}
	return l
}

// maxVLANs is more than any network stacks.
const maxVLANs = 4

func directionOf(word string) reassembly.Direction {
	switch word {
	case "Out":
		return reassembly.Outgoing
	case "P": // to another host
		return reassembly.Passing
	}
	return reassembly.Incoming
}
