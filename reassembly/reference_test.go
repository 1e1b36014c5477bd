package reassembly

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const corpus = "../../shared/corpus"

// knownDifferences are the captures in which this decoder and tshark 4.0.17 do
// not see the same: how many frames differ, and why.
var knownDifferences = map[string]struct {
	frames int
	why    string
}{
	"handshake/fast_reuse.dmp.gz":          {202, shorterRecord},
	"loss/linux_sll_oversized_addr.pcapng": {1, shorterRecord},
}

const shorterRecord = "the record's length is below the IP header's, which is right; tshark ends the payload there"

// TestReference compares every frame's TCP header with tshark's view of it.
func TestReference(t *testing.T) {
	base := filepath.Join(corpus, "reference", "frames")
	if _, err := os.Stat(base); err != nil {
		t.Skip("no reference results: ", err)
	}
	for _, path := range captures(t, corpus) {
		name, _ := filepath.Rel(corpus, path)
		t.Run(name, func(t *testing.T) {
			want := referenceRows(t, filepath.Join(base, name+".tsv.gz"))
			got := decodedRows(t, path)
			known := knownDifferences[name]
			var differing []string
			for n, row := range want {
				if got[n] != row {
					differing = append(differing, fmt.Sprintf("frame %d: %q, tshark %q", n, got[n], row))
				}
				delete(got, n)
			}
			for n, row := range got {
				differing = append(differing, fmt.Sprintf("frame %d: %q, tshark sees no TCP", n, row))
			}
			if len(differing) != known.frames {
				t.Errorf("%d frames differ, known are %d (%s)\n%s", len(differing), known.frames, known.why,
					strings.Join(differing[:min(len(differing), 10)], "\n"))
			}
		})
	}
}

// decodedRows describes the TCP frames of a capture as referenceRows does.
func decodedRows(t *testing.T, path string) map[int]string {
	frames, err := readCapture(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[int]string)
	var d Decoder
	var seg Segment
	for i := range frames {
		if d.Decode(&frames[i], &seg, new(ICMPError)) != IsTCP {
			continue
		}
		rows[seg.Frame] = fmt.Sprintf("%v > %v %s len %d win %d", seg.Src, seg.Dst, letters(seg.Flags), seg.Len, seg.Window)
	}
	return rows
}

// letters writes flags as the reference has them.
func letters(f Flags) string {
	var s []byte
	for i, letter := range []byte("FSRPAUECN") {
		if f.Has(1 << i) {
			s = append(s, letter)
		}
	}
	if s == nil {
		return "-"
	}
	return string(s)
}

// referenceRows reads the rows of a capture by frame number, without the headers
// that ICMP errors quote and those of which tshark could read the ports only.
func referenceRows(t *testing.T, path string) map[int]string {
	file, err := os.Open(path)
	if err != nil {
		t.Skip("no reference for this capture: ", err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[int]string)
	for lines := bufio.NewScanner(z); lines.Scan(); {
		c := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(c[0], "#") || c[14] == "quoted" || c[11] == "-" {
			continue
		}
		n, err := strconv.Atoi(c[0])
		if err != nil {
			t.Fatal(err)
		}
		rows[n] = fmt.Sprintf("%s > %s %s len %s win %s", endpoint(t, c[3], c[4]), endpoint(t, c[5], c[6]), c[10], c[9], c[11])
	}
	return rows
}

func endpoint(t *testing.T, addr, port string) Endpoint {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return EndpointFrom(netip.AddrPortFrom(a, uint16(n)))
}
