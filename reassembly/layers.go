package reassembly

import (
	"github.com/google/gopacket"
	gopacketlayers "github.com/google/gopacket/layers"
)

// layers holds gopacket's decoders for headers of tunnels, to be used again and
// again. They read the header only; what follows it comes back here, so that there
// is one way through IP and TCP. MPLS, PPPoE, PPP, Geneve, GTP-U and Wi-Fi are read
// by hand: gopacket's versions have no decoder without a packet around it, reach
// behind the captured bytes, keep the options of all former packets, print to
// standard output, or move the frame's bytes.
type layers struct {
	gre    gopacketlayers.GRE
	erspan gopacketlayers.ERSPANII
	vxlan  gopacketlayers.VXLAN
}

// decodingLayer is what gopacket's decoders have in common.
type decodingLayer interface {
	gopacket.DecodingLayer
	LayerContents() []byte
}

// strip lets gopacket read the header that p begins with. It reports false for
// one that is broken or cut: gopacket panics on some of those.
func (p *packet) strip(l decodingLayer) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if err := l.DecodeFromBytes(p.data, gopacket.NilDecodeFeedback); err != nil {
		return false
	}
	p.skip(len(l.LayerContents()), p.next)
	return true
}

// unread is the verdict on a header that could not be read.
func (p *packet) unread() Verdict { return p.short(len(p.data)+1, UnknownEncapsulation) }

// gre reads a GRE header (RFC 2784, RFC 2890, RFC 2637 §4.1).
func (d *Decoder) gre(p *packet) Verdict {
	gre := &d.layers.gre
	if !p.strip(gre) {
		return p.unread()
	}
	p.see(uint64(headerGRE))
	p.next = header(gre.Protocol)
	if p.next == headerERSPAN && !gre.SeqPresent {
		p.next = headerEthernet // ERSPAN type I has no header of its own
	}
	return undecided
}

// erspan reads the header of ERSPAN type II, a mirrored frame in GRE.
func (d *Decoder) erspan(p *packet) Verdict {
	if !p.strip(&d.layers.erspan) {
		return p.unread()
	}
	p.next = headerEthernet
	return undecided
}

// vxlan reads a VXLAN header (RFC 7348 §5).
func (d *Decoder) vxlan(p *packet) Verdict {
	if !p.strip(&d.layers.vxlan) {
		return p.unread()
	}
	if !d.layers.vxlan.ValidIDFlag {
		return UnknownEncapsulation
	}
	p.next = headerEthernet
	return undecided
}
