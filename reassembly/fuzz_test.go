package reassembly

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// FuzzDecode feeds any bytes as frames of any link type: no panic, nothing on
// standard output, and segments that are consistent in themselves.
func FuzzDecode(f *testing.F) {
	inEthernet := join(ethernet4, ip4(6, plainTCP))
	f.Add(uint16(1), inEthernet, uint8(0))
	f.Add(uint16(1), with(inEthernet, 16, "0000"), uint8(200))
	f.Add(uint16(276), join("0800 0000 00000002 0001 00 06 020000000001 0000", ip4(6, plainTCP)), uint8(0))
	f.Add(uint16(229), ip6(0, join("2b 00 c204 00000021", "06 02 04 01 00000000", make([]byte, 16), plainTCP)), uint8(0))
	f.Add(uint16(101), ip4(1, join("0301 0000 00000000", ip4(6, plainTCP))), uint8(0))
	f.Add(uint16(101), ip4(47, join("1000 88be 00000001 1001 0001 00000000", inEthernet)), uint8(0))
	f.Add(uint16(101), ip4(17, join("ffff 0868 0000 0000 34ff 0035 00000001 0000 00 85 01 00 00 00", ip4(6, plainTCP))), uint8(0))
	f.Add(uint16(101), ip4(17, join("ffff 17c1 0000 0000 0100 6558 00000100 00000000", inEthernet)), uint8(0))
	f.Add(uint16(127), join("00 00 0900 02000000 10", "8802 0000", make([]byte, 22), "aaaa03 000000 0800", ip4(6, plainTCP)), uint8(0))
	f.Add(uint16(9), join("ff03 0281 00001040 00002140", ip4(51, join("06 04", make([]byte, 22), plainTCP))), uint8(0))

	printed := silence(f)
	var d Decoder
	f.Fuzz(func(t *testing.T, linkType uint16, data []byte, cut uint8) {
		var seg Segment
		var icmp ICMPError
		v := d.Decode(&Frame{LinkType: linkType, Data: data, Length: len(data) + int(cut)}, &seg, &icmp)
		if v == undecided || int(v) >= len(verdictNames) {
			t.Errorf("verdict %d", v)
		}
		if v != IsTCP && seg != (Segment{}) || v != IsICMPError && icmp != (ICMPError{}) {
			t.Errorf("%v, yet something was filled in", v)
		}
		if seg.Len < 0 || seg.PayloadCut && seg.Len == 0 || int(seg.Options.Blocks) > len(seg.Options.SACK) {
			t.Errorf("%+v", seg)
		}
		if n := printed(); n > 0 {
			t.Errorf("%d bytes were printed", n)
		}
	})
}

// silence sends standard output to a file while the test runs. It returns a
// function that tells how many bytes have come.
func silence(t testing.TB) (printed func() int64) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = file
	t.Cleanup(func() {
		os.Stdout = stdout
		file.Close()
	})
	return func() int64 {
		n, err := file.Seek(0, io.SeekCurrent)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}
