package reassembly

import (
	"encoding/binary"
	"math/bits"
)

var be = binary.BigEndian

// maxHeaders caps the headers read in one frame: a crafted stack of them must
// not make a frame slow. Sixteen VLAN tags or labels in front of a packet pass.
const maxHeaders = 32

// Decoder reads frames. The zero Decoder is ready; it is not safe for
// concurrent use.
type Decoder struct {
	layers layers
}

// Decode reads f down to its innermost TCP header. It fills seg when it returns
// IsTCP and icmp when it returns IsICMPError, and leaves them alone otherwise.
// Nothing of f is used after that. IP directly on a link is decoded without
// allocating.
func (d *Decoder) Decode(f *Frame, seg *Segment, icmp *ICMPError) Verdict {
	p := packet{
		frame: f,
		data:  f.Data[:len(f.Data):len(f.Data)], // what lies behind a cut frame in its buffer is not ours
		wire:  max(f.Length, len(f.Data)),
		view:  uint64(f.Interface) + 1,
	}
	p.next = linkHeader(f.LinkType)
	for range maxHeaders {
		switch p.next {
		case headerTCP:
			return p.tcp(seg)
		case headerICMP:
			return p.icmp(icmp)
		case headerICMPv6:
			return p.icmpv6(icmp)
		}
		if v := d.read(&p); v != undecided {
			return v
		}
	}
	return TooDeep
}

// read reads one header, which tells the next one.
func (d *Decoder) read(p *packet) Verdict {
	switch p.next {
	case headerEthernet:
		return p.ethernet()
	case headerVLAN, headerVLAN88A8, headerVLAN9100, headerVLAN9200:
		return p.vlan()
	case headerLLC:
		return p.llc()
	case headerLinuxSLL:
		return p.linuxSLL()
	case headerLinuxSLL2:
		return p.linuxSLL2()
	case headerLoopback:
		return p.loopback()
	case headerRawIP:
		return p.rawIP()
	case headerFDDI:
		return p.fddi()
	case headerRadiotap:
		return d.radiotap(p)
	case headerWiFi:
		return d.wifi(p)
	case headerCiscoHDLC:
		return p.ciscoHDLC()
	case headerPPP:
		return p.ppp()
	case headerPPPoE:
		return p.pppoe()
	case headerMPLS, headerMPLSMulticast, headerMPLSInIP:
		return p.mpls()
	case headerGRE:
		return d.gre(p)
	case headerERSPAN:
		return d.erspan(p)
	case headerUDP:
		return p.udp()
	case headerVXLAN:
		return d.vxlan(p)
	case headerVXLANGPE:
		return p.vxlanGPE()
	case headerGeneve:
		return p.geneve()
	case headerGTPU:
		return p.gtpu()
	case headerUnknownLink:
		return UnknownLinkType
	case headerESP, headerL2TPv3, headerERSPAN3, headerMACsec, headerPBB, headerNSH, headerCiscoMeta:
		return UnknownEncapsulation
	}
	return p.ip()
}

// packet is what is left of a frame behind the headers read so far, and what
// those headers said.
type packet struct {
	frame *Frame
	data  []byte // captured bytes
	wire  int    // bytes on the wire, by the innermost length so far; more than len(data) when the frame was cut
	next  header // what data begins with

	src, dst  [16]byte // of the innermost IP header
	ttl       uint8
	hasIPID   bool
	ipid      uint16
	unsized   bool // the IP header has no length: wire is what the frame has
	direction Direction
	view      uint64
}

// skip drops the n bytes of a header that was read.
func (p *packet) skip(n int, next header) {
	p.data = p.data[n:]
	p.wire -= n
	p.next = next
}

// trim ends the packet after n bytes, by the length field of a header. What lies
// behind is padding or a trailer. A length beyond the frame stands: some
// captures record less than the length on the wire.
func (p *packet) trim(n int) {
	p.wire = n
	p.data = p.data[:min(n, len(p.data))]
}

// short is the verdict on a header of n bytes that the captured bytes do not
// hold: cut when it was on the wire, otherwise what the caller makes of it.
func (p *packet) short(n int, otherwise Verdict) Verdict {
	if p.wire >= n {
		return CutBySnapLength
	}
	return otherwise
}

// see mixes v into the view: a folded multiplication, cheap and well spread.
func (p *packet) see(v uint64) {
	hi, lo := bits.Mul64(p.view^v, 0x9e3779b97f4a7c15)
	p.view = hi ^ lo
}

// sight returns the view as a Segment carries it.
func (p *packet) sight() uint32 { return uint32(p.view ^ p.view>>32) }
