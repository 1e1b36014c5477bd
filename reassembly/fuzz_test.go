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
	for _, e := range encapsulations() {
		f.Add(e.linkType, e.data[:min(len(e.data), 200)], uint8(len(e.data)))
	}
	for _, piece := range append(cut4(6, segment100, 8), cut6(6, segment100, 8)...) {
		f.Add(uint16(101), piece, uint8(0))
	}
	f.Add(uint16(101), ip4(1, join("0301 0000 00000000", ip4(6, plainTCP))), uint8(0))

	printed := silence(f)
	var d Decoder
	f.Fuzz(func(t *testing.T, linkType uint16, data []byte, cut uint8) {
		var seg Segment
		var icmp ICMPError
		v, more := d.Decode(&Frame{LinkType: linkType, Data: data, Length: len(data) + int(cut)}, &seg, &icmp), true
		for ; more; v, more = d.More(&seg, &icmp) {
			check(t, v, &seg, &icmp)
			seg, icmp = Segment{}, ICMPError{}
		}
		if n := printed(); n > 0 {
			t.Errorf("%d bytes were printed", n)
		}
	})
}

// check looks for contradictions in what was decoded.
func check(t *testing.T, v Verdict, seg *Segment, icmp *ICMPError) {
	if v == undecided || int(v) >= len(verdictNames) {
		t.Errorf("verdict %d", v)
	}
	if v != IsTCP && *seg != (Segment{}) || v != IsICMPError && *icmp != (ICMPError{}) {
		t.Errorf("%v, yet something was filled in", v)
	}
	if seg.Len < 0 || seg.PayloadCut && seg.Len == 0 || int(seg.Options.Blocks) > len(seg.Options.SACK) {
		t.Errorf("%+v", *seg)
	}
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
