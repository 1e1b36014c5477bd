package capture

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// patiently asks for the next frame until there is one, for a few seconds at most.
func patiently(t *testing.T, s Source) want {
	t.Helper()
	for late := time.Now().Add(10 * time.Second); time.Now().Before(late); {
		f, err := next(s)
		if err == nil {
			return f
		}
		if err != ErrTimeout {
			t.Fatal(err)
		}
	}
	t.Fatal("the frame never came")
	return want{}
}

// A capture that is written in pieces, cut anywhere: header, record header, data, and
// blocks that are passed over.
func TestFollowGrowingFile(t *testing.T) {
	captures := frames(2)
	captures["pcapng"] = join(captures["pcapng"][:len(ng())], block(little, 99, make([]byte, 100)), captures["pcapng"][len(ng()):])
	for name, capture := range captures {
		t.Run(name, func(t *testing.T) {
			whole, err := readAll(t, capture)
			if err != nil {
				t.Fatal(err)
			}
			var s Source
			path := filepath.Join(t.TempDir(), "growing")
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			var got []want
			for len(capture) > 0 {
				n := min(70, len(capture)) // at first not even the first record
				file.Write(capture[:n])
				if capture = capture[n:]; s == nil {
					if s, err = Follow(path); err != nil {
						t.Fatal(err)
					}
					defer s.Close()
				}
				for err = nil; err == nil; {
					var f want
					if f, err = next(s); err == nil {
						got = append(got, f)
					}
				}
				if err != ErrTimeout {
					t.Fatalf("%d bytes are missing yet: %v", len(capture), err)
				}
			}
			if diff := cmp.Diff(whole, got, compare); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFollowShrinkingFile(t *testing.T) {
	path := filepath.Join(directory(t, map[string][]byte{"a": at("a", 1, 2)}), "a")
	s, err := Follow(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	patiently(t, s)
	patiently(t, s)
	if err := os.Truncate(path, 30); err != nil {
		t.Fatal(err)
	}
	if _, err := next(s); !isDamage(err) || !strings.Contains(err.Error(), "shorter") {
		t.Errorf("got %v", err)
	}
}

func TestFollowPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go w.Write(at("a", 1))
	s, err := follow("-", r)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if f := patiently(t, s); f.data != "a at 1" {
		t.Errorf("got %+v", f)
	}
	if _, err := next(s); err != ErrTimeout {
		t.Errorf("nothing has come, got %v", err)
	}
	w.Close()
	if _, err := next(s); err != io.EOF {
		t.Errorf("the writer is gone, got %v", err)
	}
}

func TestFollowErrors(t *testing.T) {
	dir := directory(t, map[string][]byte{"a.gz": gzipped(t, at("a", 1)), "text": []byte("no capture")})
	for name, want := range map[string]string{"a.gz": "cannot be followed", "text": "is not a capture", "missing": "cannot read"} {
		if _, err := Follow(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want …%s…", name, err, want)
		}
	}
	var file *FileError
	if _, err := Follow(filepath.Join(dir, "missing")); !errors.As(err, &file) || file.Path != filepath.Join(dir, "missing") {
		t.Errorf("got %v, which does not tell the file", err)
	}
}
