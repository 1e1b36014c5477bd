package flowtest

import (
	"encoding/binary"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// The LINKTYPE_ values that a script can ask for.
const (
	LinkNull     uint16 = 0
	LinkEthernet uint16 = 1
	LinkRaw      uint16 = 101
	LinkSLL      uint16 = 113
	LinkSLL2     uint16 = 276
)

// linkNames are the words of the link directive.
var linkNames = [...]struct {
	name  string
	value uint16
}{
	{"ethernet", LinkEthernet}, {"sll", LinkSLL}, {"sll2", LinkSLL2}, {"raw", LinkRaw}, {"null", LinkNull},
}

const (
	etherIPv4   = 0x0800
	etherARP    = 0x0806
	etherVLAN   = 0x8100
	etherIPv6   = 0x86dd
	arpEthernet = 1 // ARPHRD_ETHER

	familyIPv4 = 2  // AF_INET, the same everywhere
	familyIPv6 = 30 // AF_INET6 as macOS numbers it
)

// Link says what stands before the IP header of a frame.
type Link struct {
	Type  uint16 // LINKTYPE_ value
	VLAN  uint16 // 802.1Q tag of an Ethernet frame; 0 for none
	Index uint32 // interface index in a Linux cooked v2 header
}

// Frame returns an IP packet as a frame of this link. The direction is what a
// cooked header says of the packet; Ethernet addresses follow it.
func (l Link) Frame(ip []byte, d reassembly.Direction) []byte {
	proto := uint16(etherIPv4)
	if ip[0]>>4 == 6 {
		proto = etherIPv6
	}
	return append(l.header(proto, d), ip...)
}

// carriesARP reports whether a frame of this link can hold anything but IP.
func (l Link) carriesARP() bool {
	return l.Type == LinkEthernet || l.Type == LinkSLL || l.Type == LinkSLL2
}

func (l Link) header(proto uint16, d reassembly.Direction) []byte {
	switch l.Type {
	case LinkSLL:
		b := binary.BigEndian.AppendUint16(nil, packetType(d))
		b = append(b, 0, arpEthernet, 0, 6)
		b = append(b, mac(d)...)
		return binary.BigEndian.AppendUint16(append(b, 0, 0), proto)
	case LinkSLL2:
		b := binary.BigEndian.AppendUint16(nil, proto)
		b = binary.BigEndian.AppendUint32(append(b, 0, 0), l.Index)
		b = append(b, 0, arpEthernet, byte(packetType(d)), 6)
		return append(append(b, mac(d)...), 0, 0)
	case LinkRaw:
		return nil
	case LinkNull:
		family := uint32(familyIPv4)
		if proto == etherIPv6 {
			family = familyIPv6
		}
		return binary.LittleEndian.AppendUint32(nil, family)
	}
	b := append(mac(opposite(d)), mac(d)...)
	if l.VLAN != 0 {
		b = binary.BigEndian.AppendUint16(b, etherVLAN)
		b = binary.BigEndian.AppendUint16(b, l.VLAN)
	}
	return binary.BigEndian.AppendUint16(b, proto)
}

// packetType is the sll_pkttype of packet(7): to us, to another host, from us.
func packetType(d reassembly.Direction) uint16 {
	switch d {
	case reassembly.Outgoing:
		return 4
	case reassembly.Passing:
		return 3
	}
	return 0
}

// mac returns the sender's address: locally administered, one for each direction.
func mac(d reassembly.Direction) []byte { return []byte{2, 0, 0, 0, 0, byte(d)} }

func opposite(d reassembly.Direction) reassembly.Direction {
	if d == reassembly.Outgoing {
		return reassembly.Incoming
	}
	return reassembly.Outgoing
}
