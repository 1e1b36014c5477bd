package capture

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func TestWriterRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.pcap")
	w, err := Create(path, 96)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []reassembly.Frame{
		{Number: 7, Time: 1_700_000_000_123_456_789, LinkType: 276, Data: []byte("abcd"), Length: 60},
		{Number: 9, Time: 1_700_000_001_000_000_001, LinkType: 276, Data: nil, Length: 0},
	} {
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	other := reassembly.Frame{Number: 10, LinkType: 1}
	if err := w.Write(&other); err == nil || !strings.Contains(err.Error(), "it is EN10MB, and the pcap file already holds LINUX_SLL2") {
		t.Errorf("a frame of another link type: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	capture, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if header := pcapHeader(little, 0xa1b23c4d, 4, 96, 276); !bytes.Equal(capture[:pcapFileHeader], header) {
		t.Errorf("got header % x\nwant       % x", capture[:pcapFileHeader], header)
	}
	got, err := readAll(t, capture)
	if err != nil {
		t.Fatal(err)
	}
	written := []want{{1, 1_700_000_000_123_456_789, 276, 0, "abcd", 60}, {2, 1_700_000_001_000_000_001, 276, 0, "", 0}}
	if diff := cmp.Diff(written, got, compare); diff != "" {
		t.Error(diff)
	}
}

func TestWriterWithoutFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.pcap")
	w, err := Create(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(113); err != nil {
		t.Fatal(err)
	}
	if early, err := os.ReadFile(path); err != nil || len(early) != pcapFileHeader {
		t.Errorf("%d bytes are there after Begin, want the header", len(early))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := drain(s); err != nil || len(got) != 0 || s.LinkTypes()[0] != 113 {
		t.Errorf("got %d frames, link types %v, error %v", len(got), s.LinkTypes(), err)
	}
}

func TestWriterErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "out.pcap")
	if _, err := Create(path, 0); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "cannot write "+path) {
		t.Errorf("missing directory: %v", err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no device that is always full: %v", err)
	}
	w := newWriter("out.pcap", full, full, 0)
	if err := w.Begin(1); err == nil || !strings.HasPrefix(err.Error(), "cannot write out.pcap: no space left") {
		t.Errorf("full disk: %v", err)
	}
	if err := w.Close(); err == nil {
		t.Error("full disk: Close has forgotten the error")
	}
}
