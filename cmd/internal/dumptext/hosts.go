package dumptext

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// maxHosts is how many names get an address: as many as the range for IPv4 has.
const maxHosts = 1<<17 - 1

// hosts gives an address to each host that was printed by its name, in order of
// appearance: of 198.18.0.0/15 (for benchmarks, RFC 2544) and 3fff::/20 (for
// documentation, RFC 9637), which captures hardly ever hold.
type hosts struct {
	known map[hostKey]netip.Addr
	order []hostKey
}

type hostKey struct {
	name string
	v6   bool
}

// address returns the address of a name; none when there are too many.
func (h *hosts) address(name string, v6 bool) netip.Addr {
	key := hostKey{name, v6}
	addr, ok := h.known[key]
	if ok || name == "" || len(h.order) == maxHosts {
		return addr
	}
	if h.known == nil {
		h.known = map[hostKey]netip.Addr{}
	}
	h.order = append(h.order, key)
	addr = standIn(uint32(len(h.order)), v6)
	h.known[key] = addr
	return addr
}

// standIn returns the n-th address of a range.
func standIn(n uint32, v6 bool) netip.Addr {
	if v6 {
		b := [16]byte{0: 0x3f, 1: 0xff}
		binary.BigEndian.PutUint32(b[12:], n)
		return netip.AddrFrom16(b)
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 198<<24|18<<16+n)))
}

// notes says which name became which address.
func (h *hosts) notes() []string {
	const most = 20
	var lines []string
	for i, key := range h.order {
		if i == most {
			lines = append(lines, fmt.Sprintf("Addresses stand for %d more names. tcpdump -n prints addresses.", len(h.order)-most))
			break
		}
		lines = append(lines, fmt.Sprintf("%v stands for %s.", h.known[key], key.name))
	}
	return lines
}
