package capture

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// TestAgainstTcpdump compares number and times of the frames with what tcpdump reads,
// over all captures at hand. Tcpdump stops at a second link type; there, what it has
// read so far is compared.
func TestAgainstTcpdump(t *testing.T) {
	tcpdump, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("no tcpdump to compare with")
	}
	paths := captureFiles(t)
	if len(paths) == 0 {
		t.Skip("no captures at hand")
	}
	compared := 0
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			theirs, complete := tcpdumpTimes(t, tcpdump, path)
			ours, err := readFile(path)
			if err != nil && !isDamage(err) {
				if len(theirs) > 0 {
					t.Fatalf("tcpdump reads %d frames, but: %v", len(theirs), err)
				}
				return
			}
			if complete && len(ours) != len(theirs) {
				t.Fatalf("%d frames, tcpdump reads %d; error %v", len(ours), len(theirs), err)
			}
			if !impossibleTimes[filepath.Base(path)] {
				compareTimes(t, ours, theirs)
			}
			compared += len(theirs)
		})
	}
	t.Logf("compared %d frames of %d captures", compared, len(paths))
}

// impossibleTimes has microseconds that overflow libpcap's 32 bits as nanoseconds;
// TestPcapFormats has the case.
var impossibleTimes = map[string]bool{"timestamp_invalid_micro.pcap": true}

// noTime stands for a time that tcpdump cannot tell.
const noTime = 0

// compareTimes leaves out what tcpdump does not know: it shows 0 for simple packet
// blocks, which have no time and get that of the frame before here, and it cannot
// print some times after 2038.
func compareTimes(t *testing.T, ours []want, theirs []int64) {
	if len(ours) < len(theirs) {
		t.Fatalf("%d frames, tcpdump reads %d", len(ours), len(theirs))
	}
	for i, time := range theirs {
		if time != noTime && ours[i].time != time {
			t.Fatalf("frame %d has time %d, for tcpdump %d", i+1, ours[i].time, time)
		}
	}
}

func isDamage(err error) bool {
	var damage *DamageError
	return errors.As(err, &damage)
}

// captureFiles finds captures of the repository and of the collection beside it.
func captureFiles(t *testing.T) []string {
	var paths []string
	for _, pattern := range []string{
		"testdata/pcap/*.pcap*", "../shared/truth/*/*.pcap*", "../shared/corpus/*/*.pcap*", "../shared/corpus/*/*.gz",
	} {
		found, err := filepath.Glob(filepath.Join("../../..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}

func readFile(path string) ([]want, error) {
	s, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return drain(s)
}

// frameLine matches the first line that tcpdump -# -tt prints of a frame.
var frameLine = regexp.MustCompile(`(?m)^ *\d+  (?:(\d+)\.(\d+)|\[Error converting time\]) `)

// tcpdumpTimes returns the frames' times, in nanoseconds, and whether tcpdump has read
// the file as far as it can be read.
func tcpdumpTimes(t *testing.T, tcpdump, path string) (times []int64, complete bool) {
	cmd := exec.Command(tcpdump, "-#", "-tt", "-n", "-q", "--time-stamp-precision=nano", "-r", "-")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(plainBytes(t, path)), &stderr
	out, _ := cmd.Output() // damage ends in an exit status, which stderr explains
	for _, m := range frameLine.FindAllSubmatch(out, -1) {
		seconds, _ := strconv.ParseInt(string(m[1]), 10, 64)
		fraction, _ := strconv.ParseInt(string(m[2]), 10, 64)
		times = append(times, seconds*1e9+fraction)
	}
	return times, !strings.Contains(stderr.String(), "different from the type of the first interface")
}

func plainBytes(t *testing.T, path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return data
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return data
}
