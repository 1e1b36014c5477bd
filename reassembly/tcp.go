package reassembly

import "math/bits"

const (
	tcpHeaderSize = 20
	// tcpHeaderLeast holds everything but checksum and urgent pointer: what a
	// snap length of 54 leaves of a segment behind a VLAN tag.
	tcpHeaderLeast = 16
	// padded is the longest frame that Ethernet may have padded: 60 bytes and a tag.
	padded = 64
)

// tcp reads a TCP header (RFC 9293 §3.1).
func (p *packet) tcp(seg *Segment) Verdict {
	b := p.data
	if p.wire < tcpHeaderSize {
		return BadTCPHeader
	}
	if len(b) < tcpHeaderLeast {
		return CutBySnapLength
	}
	length := int(b[12]>>4) * 4
	if length < tcpHeaderSize || length > p.wire {
		return BadTCPHeader
	}
	payload := p.wire - length
	if p.unsized && p.frame.Length <= padded {
		payload = 0
	}
	*seg = Segment{} // and not a literal, which would be put together elsewhere and copied
	seg.Frame, seg.Time = p.frame.Number, p.frame.Time
	seg.Src.IP, seg.Src.Port = p.src, be.Uint16(b)
	seg.Dst.IP, seg.Dst.Port = p.dst, be.Uint16(b[2:])
	seg.Seq, seg.Ack = Seq(be.Uint32(b[4:])), Seq(be.Uint32(b[8:]))
	seg.Flags = Flags(be.Uint16(b[12:]) & 0x01ff)
	seg.Window = be.Uint16(b[14:])
	seg.Len = payload
	seg.IPID, seg.HasIPID, seg.TTL = p.ipid, p.hasIPID, p.ttl
	seg.Direction, seg.View = p.direction, p.sight()
	seg.HeaderCut = len(b) < length
	seg.PayloadCut = len(b)+int(p.unkept) < length+payload && payload > 0
	if len(b) >= tcpHeaderSize {
		seg.Urgent = be.Uint16(b[18:])
		seg.Options.read(b[tcpHeaderSize:min(length, len(b))])
	}
	if payload > 0 && len(b) >= length+payload {
		seg.Sample = sample(b[length : length+payload])
	}
	return IsTCP
}

// sample mixes the first, the middle and the last bytes of a payload. Reading
// all of it would cost more than everything else that is done with a segment.
func sample(b []byte) uint64 {
	const word = 8
	if len(b) < word {
		var short [word]byte
		copy(short[:], b)
		return be.Uint64(short[:])*sampleMix + 1
	}
	middle := (len(b) - word) / 2
	h := bits.RotateLeft64(be.Uint64(b), 29) * sampleMix
	h = bits.RotateLeft64(h^be.Uint64(b[middle:]), 29) * sampleMix
	h = bits.RotateLeft64(h^be.Uint64(b[len(b)-word:]), 29) * sampleMix
	return h | 1
}

// sampleMix is an odd number with its bits well spread.
const sampleMix = 0x9e37_79b9_7f4a_7c15

// Option kinds of TCP that are read here
// (https://www.iana.org/assignments/tcp-parameters).
const (
	optionEnd           = 0
	optionNOP           = 1
	optionMSS           = 2
	optionWindowScale   = 3
	optionSACKPermitted = 4
	optionSACK          = 5
	optionTimestamps    = 8
	optionMD5           = 19
	optionAO            = 29
	optionMPTCP         = 30
	optionFastOpen      = 34
	optionExperiment    = 254
)

// fastOpenMagic marks a Fast Open cookie in the experimental option, as Linux
// sent it before the option had a number (RFC 7413 §9, RFC 6994).
const fastOpenMagic = 0xf989

// timestampsOnly is how a header begins whose only option is that of RFC 7323, laid
// out as its appendix A asks for: two NOPs, kind, length.
const timestampsOnly = optionNOP<<24 | optionNOP<<16 | optionTimestamps<<8 | 10

// read fills o from the options b of a header. A length that is impossible ends
// the list, as it does in Linux; what was read before it stands.
func (o *Options) read(b []byte) {
	if len(b) == 12 && be.Uint32(b) == timestampsOnly { // most segments
		o.Has, o.TSVal, o.TSEcr = OptTimestamps, be.Uint32(b[4:]), be.Uint32(b[8:])
		return
	}
	for len(b) > 0 && b[0] != optionEnd {
		if b[0] == optionNOP {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return
		}
		o.take(b[0], b[2:b[1]])
		b = b[b[1]:]
	}
}

// take notes one option. One of a length that its kind does not have is passed
// over, as Linux does.
func (o *Options) take(kind uint8, v []byte) {
	switch {
	case kind == optionTimestamps && len(v) == 8:
		o.Has |= OptTimestamps
		o.TSVal, o.TSEcr = be.Uint32(v), be.Uint32(v[4:])
	case kind == optionSACK && len(v) > 0 && len(v)%8 == 0:
		o.Has |= OptSACK
		o.Blocks = uint8(min(len(v)/8, len(o.SACK)))
		for i := range o.SACK[:o.Blocks] {
			o.SACK[i] = Block{Seq(be.Uint32(v[8*i:])), Seq(be.Uint32(v[8*i+4:]))}
		}
	case kind == optionMSS && len(v) == 2:
		o.Has |= OptMSS
		o.MSS = be.Uint16(v)
	case kind == optionWindowScale && len(v) == 1:
		o.Has |= OptWindowScale
		o.WindowScale = min(v[0], 14)
	case kind == optionSACKPermitted && len(v) == 0:
		o.Has |= OptSACKPermitted
	case kind == optionFastOpen:
		o.Has |= OptFastOpen
		o.CookieLength = uint8(len(v))
	case kind == optionExperiment && len(v) >= 2 && be.Uint16(v) == fastOpenMagic:
		o.Has |= OptFastOpen
		o.CookieLength = uint8(len(v) - 2)
	case kind == optionMPTCP:
		o.Has |= OptMPTCP
	case kind == optionMD5, kind == optionAO:
		o.Has |= OptSigned
	}
}
