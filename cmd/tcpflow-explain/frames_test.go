package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// frame is what is compared of a TCP segment: its place in its connection.
type frame struct {
	connection string
	seq        string
	ack        string // "" without the ACK flag
	len        string
}

// TestFrames: every frame of the public captures belongs to the connection, and
// has the relative numbers and the length, that tshark gives it, except where
// testdata/frames-differences.tsv says why not.
func TestFrames(t *testing.T) {
	base := filepath.Join(corpus, "reference", "frames")
	if _, err := os.Stat(base); err != nil {
		t.Skipf("no corpus of public captures at %s", corpus)
	}
	known := map[string]map[int]bool{}
	for _, row := range table(t, "../../testdata/frames-differences.tsv") {
		if len(row) != 3 || row[2] == "" {
			t.Fatalf("frames-differences.tsv: want capture, frames and why, got %q", row)
		}
		if known[row[0]] == nil {
			known[row[0]] = map[int]bool{}
		}
		for _, n := range frameNumbers(t, row[1]) {
			known[row[0]][n] = true
		}
	}
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(base, strings.TrimSuffix(path, ".tsv.gz"))
		listed := known[name]
		delete(known, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			different := differences(reported(t, filepath.Join(corpus, name)), referenceFrames(t, path))
			for n, what := range different {
				if !listed[n] {
					t.Errorf("frame %d: %s", n, what)
				}
			}
			for n := range listed {
				if different[n] == "" {
					t.Errorf("frames-differences.tsv: frame %d does not differ", n)
				}
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range known {
		t.Errorf("frames-differences.tsv: there is no capture %s", name)
	}
}

// frameNumbers reads a list such as "2-4,7".
func frameNumbers(t *testing.T, list string) (numbers []int) {
	t.Helper()
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || from > to {
			t.Fatalf("frames-differences.tsv: %q is no list of frames", list)
		}
		for n := from; n <= to; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// differences describes by frame number what is not as tshark has it. Connections
// have other numbers than streams: most frames of a stream tell which one it is.
func differences(ours, theirs map[int]frame) map[int]string {
	votes := map[string]map[string]int{}
	for n, f := range theirs {
		if s, ok := ours[n]; ok {
			if votes[f.connection] == nil {
				votes[f.connection] = map[string]int{}
			}
			votes[f.connection][s.connection]++
		}
	}
	home := map[string]string{}
	for stream, counts := range votes {
		for connection, n := range counts {
			if best := counts[home[stream]]; n > best || n == best && connection < home[stream] {
				home[stream] = connection
			}
		}
	}
	different := map[int]string{}
	for n, want := range theirs {
		want.connection = home[want.connection]
		if got, ok := ours[n]; !ok {
			different[n] = "not reported"
		} else if got != want {
			different[n] = fmt.Sprintf("%+v, tshark has %+v", got, want)
		}
	}
	for n := range ours {
		if _, ok := theirs[n]; !ok {
			different[n] = "reported, but no TCP for tshark"
		}
	}
	return different
}

// reported returns the segments that the program lists, by frame number.
func reported(t *testing.T, path string) map[int]frame {
	t.Helper()
	out, err := exec.Command("tcpflow-explain", "-r", path, "--json", "--segments").Output()
	if _, isExit := err.(*exec.ExitError); err != nil && !isExit {
		t.Fatal(err)
	}
	frames := map[int]frame{}
	for line := range bytes.Lines(out) {
		var s struct {
			Type                   string
			Connection, Frame, Len int
			Seq                    int64
			Ack                    *int64
		}
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatalf("not JSON: %v: %s", err, line)
		}
		if s.Type != "segment" {
			continue
		}
		f := frame{connection: strconv.Itoa(s.Connection), seq: strconv.FormatInt(s.Seq, 10), len: strconv.Itoa(s.Len)}
		if s.Ack != nil {
			f.ack = strconv.FormatInt(*s.Ack, 10)
		}
		frames[s.Frame] = f
	}
	return frames
}

// referenceFrames reads tshark's view of a capture, without the headers that
// ICMP errors quote and the frames that hold several segments.
func referenceFrames(t *testing.T, path string) map[int]frame {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	const number, stream, seq, ack, length, flags, note = 0, 2, 7, 8, 9, 10, 14
	frames := map[int]frame{}
	for lines := bufio.NewScanner(z); lines.Scan(); {
		c := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(c[number], "#") || c[note] == "quoted" || strings.Contains(c[stream], ",") {
			continue
		}
		n, err := strconv.Atoi(c[number])
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		f := frame{connection: c[stream], seq: c[seq], len: c[length]}
		if strings.Contains(c[flags], "A") {
			f.ack = c[ack]
		}
		frames[n] = f
	}
	return frames
}
