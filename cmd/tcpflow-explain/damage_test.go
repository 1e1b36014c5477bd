package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// fixed is what an analysis takes however small its input is: buffers and tables.
const fixed = 2 << 20

// analyse reports on a capture as the command does, and returns how many frames it had,
// how many bytes of memory all of that took, used again or not, and what ended it.
func analyse(t *testing.T, data []byte) (frames int, took uint64, ended error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	source, err := capture.NewReader("damaged", bytes.NewReader(data))
	if err != nil {
		return 0, 0, err
	}
	a := analyzer.New(analyzer.Config{}, sink.NewText(io.Discard, sink.TextOptions{}))
	var f reassembly.Frame
	for ended == nil {
		if ended = source.Next(&f); ended == nil {
			frames++
			if err := a.Feed(&f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := a.Close(); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return frames, after.TotalAlloc - before.TotalAlloc, ended
}

// TestCutCaptures: whatever byte a capture ends at, what came before is reported, in
// memory that the input justifies.
func TestCutCaptures(t *testing.T) {
	whole, err := os.ReadFile("../../testdata/pcap/final_ack_lost-client.pcap")
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for n := range whole {
		frames, took, ended := analyse(t, whole[:n])
		var damage *capture.DamageError
		if n >= 24 && ended != io.EOF && !errors.As(ended, &damage) {
			t.Errorf("cut at %d: ended with %v", n, ended)
		}
		if frames < last {
			t.Errorf("cut at %d: %d frames, but %d with a byte less", n, frames, last)
		}
		if took > fixed+uint64(10*n) {
			t.Errorf("cut at %d: took %d bytes", n, took)
		}
		last = frames
	}
	if last != 14 {
		t.Errorf("without its last byte, the capture has %d frames, want 14 of 15", last)
	}
}

// TestDamagedCaptures does the same with captures that others found damaged.
func TestDamagedCaptures(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(corpus, "damaged", "*"))
	if err != nil || len(paths) == 0 {
		t.Skipf("no damaged captures at %s", corpus)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if frames, took, ended := analyse(t, data); took > fixed+uint64(10*len(data)) {
			t.Errorf("%s (%d bytes): %d frames took %d bytes; ended with %v", filepath.Base(path), len(data), frames, took, ended)
		}
	}
}
