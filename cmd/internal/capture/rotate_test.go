package capture

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// TestRotation writes frames a second apart, of 100 bytes with their record.
func TestRotation(t *testing.T) {
	const record = 100
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local).UnixNano()
	for _, c := range []struct {
		name   string
		path   string
		o      Rotation
		frames int
		want   []string // files, and how many frames each holds
		counts []int
	}{
		{"by size", "a", Rotation{Size: 250}, 7, []string{"a", "a1", "a2"}, []int{3, 3, 1}},
		{"a ring", "a", Rotation{Size: 250, Files: 2}, 7, []string{"a0", "a1"}, []int{1, 3}},
		{"digits of a ring", "a", Rotation{Size: 250, Files: 11}, 4, []string{"a00", "a01"}, []int{3, 1}},
		{"by time", "%F-%H%M%S", Rotation{Every: 2 * time.Second}, 5, []string{"2026-01-02-030405", "2026-01-02-030407", "2026-01-02-030409"}, []int{2, 2, 1}},
		{"by both", "t%S", Rotation{Size: 250, Every: 4 * time.Second}, 5, []string{"t05", "t051", "t09"}, []int{3, 1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w, err := CreateRotating(filepath.Join(dir, c.path), 0, c.o, start)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.frames {
				f := reassembly.Frame{Number: i + 1, Time: start + int64(i)*1e9, LinkType: 1, Data: make([]byte, record-pcapRecordHeader), Length: 2000}
				if err := w.Write(&f); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			var names []string
			var counts []int
			for _, e := range must(os.ReadDir(dir)) {
				names = append(names, e.Name())
				counts = append(counts, framesOf(t, filepath.Join(dir, e.Name())))
			}
			if !slices.Equal(names, c.want) || !slices.Equal(counts, c.counts) {
				t.Errorf("got %v with %v, want %v with %v", names, counts, c.want, c.counts)
			}
		})
	}
}

// TestLastFile: with a time and a number of files alone, writing ends.
func TestLastFile(t *testing.T) {
	dir := t.TempDir()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local).UnixNano()
	w, err := CreateRotating(filepath.Join(dir, "%S"), 0, Rotation{Every: 2 * time.Second, Files: 2}, start)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for i := range 10 {
		f := reassembly.Frame{Number: i + 1, Time: start + int64(i)*1e9, LinkType: 1, Data: make([]byte, 60), Length: 60}
		if err = w.Write(&f); err != nil {
			break
		}
		written++
	}
	if err != ErrLastFile || written != 4 {
		t.Errorf("%d frames were written, then %v; want 4, then %v", written, err, ErrLastFile)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(must(os.ReadDir(dir))); n != 2 {
		t.Errorf("%d files, want 2", n)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// framesOf counts the frames of a file that must be whole.
func framesOf(t *testing.T, path string) int {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := drain(s)
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return len(list)
}

// TestWriterEndsWithRecord: what is in the file at any moment can be read.
func TestWriterEndsWithRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "live.pcap")
	w, err := Create(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	before := 0
	for i := range 500 {
		f := reassembly.Frame{Number: i + 1, LinkType: 1, Data: make([]byte, 300+i%1000), Length: 2000}
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
		if i%50 == 49 {
			before = max(before, framesOf(t, path))
		}
	}
	if before == 0 {
		t.Error("nothing reached the file in 500 frames")
	}
}

// TestRotateByHand: without a rule, a file that was moved away is begun again, and one
// that is still there is kept.
func TestRotateByHand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	w, err := Create(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		f := reassembly.Frame{Number: i + 1, LinkType: 1, Data: make([]byte, 60), Length: 60}
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
		switch i {
		case 0:
			err = w.Rotate(0)
		case 1:
			err = errors.Join(os.Rename(path, path+".old"), w.Rotate(0))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path + ".old", path + "1", path} {
		if n := framesOf(t, name); n != 1 {
			t.Errorf("%s holds %d frames, want 1", name, n)
		}
	}
}
