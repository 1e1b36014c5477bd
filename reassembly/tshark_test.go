package reassembly

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// notInTshark are the encapsulations behind which tshark 4.0 finds no TCP.
var notInTshark = map[string]string{
	"older QinQ":                      "knows no tag of type 0x9200; tcpdump does",
	"Cisco HDLC with direction":       unknownLink,
	"MPLS link":                       unknownLink,
	"DSA":                             unknownLink + "; tcpdump reads it",
	"EtherType DSA":                   unknownLink + "; tcpdump reads it",
	"Broadcom tag":                    unknownLink + "; tcpdump reads it",
	"Broadcom tag in front":           unknownLink + "; tcpdump reads it",
	"NFLOG, big endian":               "takes the attributes for little-endian ones",
	"mobility":                        "ends at the header, which usually is the last one (RFC 6275 §6.1.1)",
	"HIP":                             "ends at the header",
	"GRE with a VLAN tag":             "has no such EtherType behind GRE",
	"L2TPv3 in IP":                    notNegotiated,
	"L2TPv3 in UDP with a sublayer":   notNegotiated,
	"L2TPv3 with cookie and sublayer": notNegotiated,
}

const (
	unknownLink   = "does not know the link type"
	notNegotiated = "wants to have seen the control messages that set up the session"
)

// TestAgainstTshark lets tshark read every encapsulation, and packets in
// fragments: it must find the same endpoints and the same length of payload.
func TestAgainstTshark(t *testing.T) {
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark to compare with: ", err)
	}
	var frames []Frame
	var names []string
	add := func(name string, linkType uint16, data []byte) {
		names = append(names, name)
		frames = append(frames, Frame{Number: len(names), LinkType: linkType, Data: data, Length: len(data)})
	}
	for _, e := range encapsulations() {
		add(e.name, e.linkType, e.data)
	}
	for i, piece := range cut4(6, segment100, 8, 16, 80) {
		add(fmt.Sprintf("IPv4 fragment %d", i), 101, with(piece, 4, "0101"))
	}
	for i, piece := range cut6(60, join("06 00 0104 00000000", segment100), 8, 64) {
		add(fmt.Sprintf("IPv6 fragment %d", i), 101, piece)
	}
	path := filepath.Join(t.TempDir(), "frames.pcapng")
	if err := os.WriteFile(path, pcapng(frames), 0o600); err != nil {
		t.Fatal(err)
	}
	theirs := tsharkTCP(t, program, path)
	var d Decoder
	for i := range frames {
		ours := ""
		var seg Segment
		if d.Decode(&frames[i], &seg, new(ICMPError)) == IsTCP {
			ours = fmt.Sprintf("%v > %v, %d bytes", seg.Src.Addr(), seg.Dst.Addr(), seg.Len)
		}
		switch why, known := notInTshark[names[i]]; {
		case ours != theirs[i+1] && !known:
			t.Errorf("%s: %q, tshark: %q", names[i], ours, theirs[i+1])
		case ours == theirs[i+1] && known:
			t.Logf("%s: this tshark reads it (4.0: %s)", names[i], why)
		}
	}
}

// tsharkTCP returns by frame number what tshark says about the innermost packet
// of frames that hold TCP.
func tsharkTCP(t *testing.T, program, path string) map[int]string {
	out, err := exec.Command(program, "-r", path, "-Y", "tcp", "-o", "ipv6.tso_support:TRUE", "-d", "udp.port==8472,vxlan", "-T", "fields", "-E", "occurrence=l",
		"-e", "frame.number", "-e", "ip.src", "-e", "ip.dst", "-e", "ipv6.src", "-e", "ipv6.dst", "-e", "tcp.len", "-e", "frame.protocols").Output()
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[int]string)
	for line := range strings.Lines(string(out)) {
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		src, dst := c[1], c[2]
		if protocols := ":" + c[6]; strings.LastIndex(protocols, ":ipv6") > strings.LastIndex(protocols, ":ip:") {
			src, dst = c[3], c[4]
		}
		var n int
		if _, err := fmt.Sscan(c[0], &n); err != nil {
			t.Fatal(err)
		}
		rows[n] = fmt.Sprintf("%s > %s, %s bytes", src, dst, c[5])
	}
	return rows
}

// pcapng returns a capture file with an interface for each frame.
func pcapng(frames []Frame) []byte {
	file := block(nil, 0x0a0d0d0a, join("4d3c2b1a 0100 0000 ffffffffffffffff"))
	for i := range frames {
		file = block(file, 1, binary.LittleEndian.AppendUint32(nil, uint32(frames[i].LinkType)), make([]byte, 4))
	}
	for i := range frames {
		var head []byte
		for _, v := range []int{i, 0, i * 1000, len(frames[i].Data), frames[i].Length} {
			head = binary.LittleEndian.AppendUint32(head, uint32(v))
		}
		file = block(file, 6, head, frames[i].Data)
	}
	return file
}

// block appends a block of pcapng to file.
func block(file []byte, kind uint32, body ...[]byte) []byte {
	length := 12
	for _, b := range body {
		length += len(b)
	}
	padding := (4 - length%4) % 4
	length += padding
	file = binary.LittleEndian.AppendUint32(file, kind)
	file = binary.LittleEndian.AppendUint32(file, uint32(length))
	for _, b := range body {
		file = append(file, b...)
	}
	file = append(file, make([]byte, padding)...)
	return binary.LittleEndian.AppendUint32(file, uint32(length))
}
