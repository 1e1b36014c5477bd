package reassembly

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	gopacketlayers "github.com/google/gopacket/layers"
)

// TestAgainstGopacket compares the fields of every TCP header with what
// gopacket's own layers make of the frame. Lengths are left out: gopacket counts
// captured bytes.
func TestAgainstGopacket(t *testing.T) {
	var both, alone int
	for _, path := range captures(t, corpus, "../../shared/truth", "../testdata/pcap") {
		frames, err := readCapture(path)
		if err != nil {
			t.Fatal(err)
		}
		var d Decoder
		for i := range frames {
			f := &frames[i]
			var seg Segment
			v := d.Decode(f, &seg, new(ICMPError))
			tcp := gopacketTCP(f)
			switch {
			case v == IsTCP && tcp != nil:
				both++
				if seg.HeaderCut {
					seg.Options = gopacketFields(tcp).Options // gopacket drops the whole list
				}
				if diff := cmp.Diff(gopacketFields(tcp), fields(&seg)); diff != "" {
					t.Errorf("%s, frame %d (gopacket -, ours +):\n%s", path, f.Number, diff)
				}
			case v == IsTCP:
				alone++
			case tcp != nil && v != CutBySnapLength && v != BadTCPHeader && v != BadIPHeader: // gopacket checks less
				t.Errorf("%s, frame %d: %v, but gopacket reads TCP", path, f.Number, v)
			}
		}
	}
	t.Logf("%d segments read by both, %d by this decoder only", both, alone)
	if both == 0 {
		t.Error("nothing was compared")
	}
}

// gopacketTCP returns the innermost TCP header that gopacket finds, nil for none.
func gopacketTCP(f *Frame) *gopacketlayers.TCP {
	if f.LinkType > 255 {
		return nil // gopacket's link types have eight bits
	}
	options := gopacket.DecodeOptions{NoCopy: true}
	packet := gopacket.NewPacket(f.Data, gopacketlayers.LinkType(f.LinkType), options)
	var tcp *gopacketlayers.TCP
	for _, layer := range packet.Layers() {
		if l, ok := layer.(*gopacketlayers.TCP); ok {
			tcp = l
		}
	}
	return tcp
}

// tcpFields are the header fields that both decoders have.
type tcpFields struct {
	Src, Dst       uint16
	Seq, Ack       uint32
	Flags          Flags
	Window, Urgent uint16
	Options        Options
}

func fields(s *Segment) tcpFields {
	return tcpFields{s.Src.Port, s.Dst.Port, uint32(s.Seq), uint32(s.Ack), s.Flags, s.Window, s.Urgent, s.Options}
}

func gopacketFields(tcp *gopacketlayers.TCP) tcpFields {
	f := tcpFields{
		Src: uint16(tcp.SrcPort), Dst: uint16(tcp.DstPort), Seq: tcp.Seq, Ack: tcp.Ack,
		Window: tcp.Window, Urgent: tcp.Urgent,
	}
	for i, set := range []bool{tcp.FIN, tcp.SYN, tcp.RST, tcp.PSH, tcp.ACK, tcp.URG, tcp.ECE, tcp.CWR, tcp.NS} {
		if set {
			f.Flags |= 1 << i
		}
	}
	for _, o := range tcp.Options {
		f.Options.take(uint8(o.OptionType), o.OptionData)
	}
	return f
}
