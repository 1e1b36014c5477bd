package reassembly

import "encoding/binary"

var be, le = binary.BigEndian, binary.LittleEndian

// maxHeaders caps the headers read in one frame: a crafted stack of them must
// not make a frame slow. Sixteen VLAN tags or labels in front of a packet pass.
const maxHeaders = 32

// Decoder reads frames. The zero Decoder is ready; it is not safe for
// concurrent use.
type Decoder struct {
	layers    layers
	fragments fragments
	pieces    int
	rest      packet // what else the last frame holds, when more is set
	more      bool
}

// Pieces returns how many frames before the last one held the other pieces of
// its packet, each with the verdict Fragment: 0 for a packet that came whole.
func (d *Decoder) Pieces() int { return d.pieces }

// Decode reads f down to its innermost TCP header. It fills seg when it returns
// IsTCP and icmp when it returns IsICMPError, and leaves them alone otherwise.
// Nothing of f is used after that, except by More. A packet in IP fragments is
// decoded with the last of them to come. IP directly on a link is decoded without
// allocating.
func (d *Decoder) Decode(f *Frame, seg *Segment, icmp *ICMPError) Verdict {
	var p packet
	p.frame = f
	p.data = f.Data[:len(f.Data):len(f.Data)] // what lies behind a cut frame in its buffer is not ours
	p.wire = max(f.Length, len(f.Data))
	p.view = uint64(f.Interface) + 1
	p.next = linkHeader(f.LinkType)
	return d.decode(&p, seg, icmp)
}

// More goes on behind the packet that Decode or More found last, in a frame that
// holds several (A-MSDUs of Wi-Fi). It reports false when there are no more, and
// otherwise returns as Decode does. The frame's data must still be valid.
func (d *Decoder) More(seg *Segment, icmp *ICMPError) (Verdict, bool) {
	if !d.more {
		return undecided, false
	}
	p := d.rest
	return d.decode(&p, seg, icmp), true
}

// decode reads p down to its innermost TCP header. The headers that nearly all
// frames consist of come first; Decoder.read knows the others.
func (d *Decoder) decode(p *packet, seg *Segment, icmp *ICMPError) Verdict {
	d.pieces, d.more = 0, false
	for range maxHeaders {
		var v Verdict
		switch p.next {
		case headerEthernet:
			v = p.ethernet()
		case headerIPv4:
			v = p.ipv4()
		case headerIPv6:
			v = p.ipv6()
		case headerTCP:
			return p.tcp(seg)
		case headerICMP:
			return p.icmp(icmp)
		case headerICMPv6:
			return p.icmpv6(icmp)
		default:
			v = d.read(p)
		}
		if v == Fragment { // perhaps not the first, inside of a tunnel
			v = d.fragments.take(p)
			d.pieces = p.pieces
		}
		if v != undecided {
			return v
		}
	}
	return TooDeep
}
