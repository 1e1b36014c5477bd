package traffic_test

import (
	"hash/maphash"
	"maps"
	"slices"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/traffic"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func TestTrafficIsTheSameEachTime(t *testing.T) {
	for _, kind := range traffic.Kinds() {
		seed := maphash.MakeSeed()
		var sums [2]uint64
		for i := range sums {
			var h maphash.Hash
			h.SetSeed(seed)
			err := kind.Generate(5000, func(f *reassembly.Frame) error {
				maphash.WriteComparable(&h, f.Time)
				_, err := h.Write(f.Data)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			sums[i] = h.Sum64()
		}
		if sums[0] != sums[1] {
			t.Errorf("%s: two captures differ", kind.Name)
		}
	}
}

// report counts findings, but for conditions of the capture.
type report map[string]int

func (r report) Segment(*analyzer.Segment) error { return nil }
func (r report) Connection(c *analyzer.Connection) error {
	for i := range c.Findings {
		if f := &c.Findings[i]; f.Severity > detect.Capture {
			r[f.Code]++
		}
	}
	return nil
}

// What is measured is what was meant: whole frames in the order of time, every one a
// TCP segment, and nothing found but what was put in.
func TestTrafficReadsClean(t *testing.T) {
	const size = 40_000
	for name, want := range map[string]struct {
		connections int      // at least
		findings    []string // all of them, by name
	}{
		"mixed": {500, []string{"abortive-close", "connection-refused", "half-closed", "retransmission", "rst-after-fin",
			"simultaneous-close", "syn-retransmitted", "syn-unanswered", "window-full"}},
		"short":    {size / 8, nil},
		"elephant": {4, nil},
		"synflood": {size * 3 / 4, []string{"syn-flood"}},
		"idle":     {size / 9, []string{"keepalive"}},
	} {
		kind, err := traffic.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		found := report{}
		a := analyzer.New(analyzer.Config{}, found)
		last := int64(0)
		err = kind.Generate(size, func(f *reassembly.Frame) error {
			if f.Time < last {
				t.Fatalf("%s: frame %d comes before the one ahead of it", name, f.Number)
			}
			last = f.Time
			return a.Feed(f)
		})
		if err != nil {
			t.Fatal(err)
		}
		sum, err := a.Close()
		if err != nil {
			t.Fatal(err)
		}
		for i := range sum.Across {
			found[sum.Across[i].Code]++
		}
		if sum.Segments != sum.Frames || sum.Frames < size-9 {
			t.Errorf("%s: %d segments in %d frames", name, sum.Segments, sum.Frames)
		}
		if sum.Connections < want.connections {
			t.Errorf("%s: %d connections, want at least %d", name, sum.Connections, want.connections)
		}
		if codes := slices.Sorted(maps.Keys(found)); !slices.Equal(codes, want.findings) {
			t.Errorf("%s: found %v, want %q", name, found, want.findings)
		}
	}
}
