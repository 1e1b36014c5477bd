package reassembly

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	gopacketlayers "github.com/google/gopacket/layers"
)

// FuzzAgainstGopacket holds the decoder, over the headers that nearly all frames
// consist of, to what gopacket's decoders make of any bytes: wherever they read
// Ethernet, cooked or raw IP down to TCP without a complaint, every field is the same.
func FuzzAgainstGopacket(f *testing.F) {
	for i := range fastFrames {
		f.Add(fastFrames[i].frame.LinkType, fastFrames[i].frame.Data)
	}
	for _, e := range encapsulations() {
		f.Add(e.linkType, e.data[:min(len(e.data), 200)])
	}
	f.Add(uint16(113), join("0000 0001 0006 020000000001 0000 86dd", ip6(6, plainTCP)))
	f.Fuzz(func(t *testing.T, linkType uint16, data []byte) {
		frame := &Frame{LinkType: linkType, Data: data, Length: len(data)}
		want, plain := gopacketSegment(frame)
		if !plain {
			return
		}
		var d Decoder
		var got Segment
		if v := d.Decode(frame, &got, new(ICMPError)); v != IsTCP {
			t.Fatalf("%v, but gopacket reads TCP", v)
		}
		got.View, got.Sample, got.Direction = 0, 0, 0 // gopacket has nothing of the kind
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("gopacket -, ours +\n%s", diff)
		}
	})
}

// gopacketSegment returns the segment that gopacket reads in f, and whether f consists
// of nothing but a link header, VLAN tags, one IP header, and TCP, all of them whole.
func gopacketSegment(f *Frame) (s Segment, plain bool) {
	switch f.LinkType {
	case 1, 101, 113:
	default:
		return s, false // of the others gopacket numbers some differently
	}
	packet := gopacket.NewPacket(f.Data, gopacketlayers.LinkType(f.LinkType), gopacket.DecodeOptions{NoCopy: true})
	if packet.ErrorLayer() != nil || packet.Metadata().Truncated {
		return s, false
	}
	network, transport := 0, 0
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case *gopacketlayers.Ethernet, *gopacketlayers.Dot1Q, *gopacketlayers.LinuxSLL, *gopacket.Payload:
		case *gopacketlayers.IPv4:
			network++
			s.Src.IP, s.Dst.IP = as16(l.SrcIP), as16(l.DstIP)
			s.IPID, s.HasIPID, s.TTL = l.Id, true, l.TTL
			plain = l.Version == 4 && be.Uint16(l.Contents[2:]) > 0 // without a length it is a guess what padding is
		case *gopacketlayers.IPv6:
			network++
			s.Src.IP, s.Dst.IP, s.TTL = as16(l.SrcIP), as16(l.DstIP), l.HopLimit
			plain = l.Version == 6
		case *gopacketlayers.TCP:
			transport++
			s.takeGopacket(l)
		default:
			return s, false
		}
	}
	return s, plain && network == 1 && transport == 1
}

// takeGopacket fills in what a TCP header says.
func (s *Segment) takeGopacket(tcp *gopacketlayers.TCP) {
	f := gopacketFields(tcp)
	s.Src.Port, s.Dst.Port = f.Src, f.Dst
	s.Seq, s.Ack, s.Flags = Seq(f.Seq), Seq(f.Ack), f.Flags
	s.Window, s.Urgent, s.Options = f.Window, f.Urgent, f.Options
	s.Len = len(tcp.Payload)
}

func as16(ip []byte) [16]byte {
	a, _ := netip.AddrFromSlice(ip)
	return a.As16()
}
