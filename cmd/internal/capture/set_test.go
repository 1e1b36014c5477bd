package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// at is a capture with a frame at each of these seconds; the frame says where it is from.
func at(name string, seconds ...uint32) []byte {
	capture := pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1)
	for _, s := range seconds {
		data := fmt.Sprintf("%s at %d", name, s)
		capture = append(capture, pcapRecord(little, s, 0, uint32(len(data)), uint32(len(data)), data)...)
	}
	return capture
}

// directory writes files into a new directory.
func directory(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// merged is what a set hands over, one line a frame: number, place, interface, data.
func merged(t *testing.T, s Source) (lines []string, err error) {
	t.Helper()
	var f reassembly.Frame
	for {
		if err := s.Next(&f); err != nil {
			return lines, err
		}
		file, frame := s.(*Set).Place(f.Number)
		lines = append(lines, fmt.Sprintf("%d %s#%d if%d %s", f.Number, file, frame, f.Interface>>laneBits, f.Data))
	}
}

func TestSetIsMergedByTime(t *testing.T) {
	dir := directory(t, map[string][]byte{
		// A ring of tcpdump -W: the name does not tell the order.
		"ring0": at("ring0", 30, 31),
		"ring1": gzipped(t, at("ring1", 10, 11)),
		"ring2": frames(0)["pcapng"], // rotated to, but nothing has come yet
		"tap":   at("tap", 11, 12, 30),
	})
	s, err := OpenAll([]string{filepath.Join(dir, "ring?"), filepath.Join(dir, "tap"), filepath.Join(dir, "ring0")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := merged(t, s)
	if err != io.EOF {
		t.Fatal(err)
	}
	want := []string{
		"1 ring1#1 if0 ring1 at 10",
		"2 ring1#2 if0 ring1 at 11",
		"3 tap#1 if1 tap at 11",
		"4 tap#2 if1 tap at 12",
		"5 ring0#1 if0 ring0 at 30",
		"6 tap#3 if1 tap at 30",
		"7 ring0#2 if0 ring0 at 31",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	inputs := []Input{
		{filepath.Join(dir, "ring1"), "ring1", 2, 1, 2, 10e9, 11e9},
		{filepath.Join(dir, "tap"), "tap", 3, 3, 6, 11e9, 30e9},
		{filepath.Join(dir, "ring0"), "ring0", 2, 5, 7, 30e9, 31e9},
	}
	if diff := cmp.Diff(inputs, s.(*Set).Inputs()); diff != "" {
		t.Error(diff)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSetNotes(t *testing.T) {
	head := at("a", 1, 2, 3)
	tests := []struct {
		name  string
		files map[string][]byte
		want  []string
	}{
		{"nothing to tell", map[string][]byte{"a": at("a", 1, 2, 3), "b": at("b", 4, 6)}, nil},
		{"a gap", map[string][]byte{"a": at("a", 1, 2, 3), "b": at("b", 65, 66)},
			[]string{"No packet for 1m2s between a and b, while the longest pause within the files is 1s: a file may be missing."}},
		{"a pause that is not unusual", map[string][]byte{"a": at("a", 1, 31), "b": at("b", 101, 102)}, nil},
		{"an overlap", map[string][]byte{"a": at("a", 1, 2, 3), "b": at("b", 2, 10)},
			[]string{"a and b overlap by 1s: merged by time."}},
		{"within another", map[string][]byte{"a": at("a", 1, 2, 9), "b": at("b", 3, 5), "c": at("c", 10)},
			[]string{"a and b overlap by 2s: merged by time."}},
		{"no captures", map[string][]byte{"a": at("a", 1), "b": nil, "c": []byte("README"), ".d": at("d", 1)},
			[]string{
				"Left out: DIR/b is empty: not even the header of a capture has been written.",
				"Left out: DIR/c is not a capture: it begins with 52 45 41 44, as neither pcap nor pcapng does.",
			}},
		{"damage in two", map[string][]byte{"a": head[:len(head)-1], "b": at("b", 4)[:30], "c": at("c", 5)},
			[]string{
				"Left out: DIR/b has no whole packet.",
				"DIR/a is damaged, too: the file ends in the middle of a packet record (wanted 6 bytes, got 5), at byte 68.",
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := directory(t, tt.files)
			s, err := OpenAll([]string{dir})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			merged(t, s)
			var notes []string
			for _, n := range s.(*Set).Notes() {
				notes = append(notes, strings.ReplaceAll(n, dir, "DIR"))
			}
			if diff := cmp.Diff(tt.want, notes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The damage of one file does not keep the others from being read.
func TestSetGoesOnAfterDamage(t *testing.T) {
	broken := at("a", 1, 2, 3)
	dir := directory(t, map[string][]byte{"a": broken[:len(broken)-2], "b": at("b", 5, 6)})
	s, err := OpenAll([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := merged(t, s)
	if len(got) != 4 {
		t.Errorf("got %q, want 4 frames", got)
	}
	var damage *DamageError
	if !errors.As(err, &damage) || damage.File != filepath.Join(dir, "a") || damage.Offset != int64(24+2*(16+6)) {
		t.Errorf("ended with %+v", err)
	}
}

func TestSetErrors(t *testing.T) {
	dir := directory(t, map[string][]byte{"a": at("a", 1), "notes": []byte("text, no capture"), "sub/none": nil})
	for want, args := range map[string][]string{
		"no file matches":                {filepath.Join(dir, "*.pcap")},
		"notes is not a capture":         {filepath.Join(dir, "a"), filepath.Join(dir, "notes")}, // named, so it is meant
		"no such file":                   {filepath.Join(dir, "a"), filepath.Join(dir, "b")},
		"there is no file in the dir":    {t.TempDir()},
		"there is no capture with packe": {filepath.Join(dir, "sub")},
	} {
		if _, err := OpenAll(args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want …%s…", args, err, want)
		}
	}
}

func TestShortNames(t *testing.T) {
	got := shortNames([]string{"/x/a/1.pcap", "/x/b/1.pcap", "b/2.pcap", "./3.pcap", "-"})
	if diff := cmp.Diff([]string{"a/1.pcap", "b/1.pcap", "2.pcap", "3.pcap", "-"}, got); diff != "" {
		t.Error(diff)
	}
}

// Memory does not grow with the number of files that follow each other.
func TestSetKeepsFewFilesOpen(t *testing.T) {
	files := map[string][]byte{}
	for i := range uint32(50) {
		files[fmt.Sprint("file", i)] = at("x", 10*i, 10*i+5)
	}
	s, err := OpenAll([]string{directory(t, files)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := merged(t, s); err != io.EOF {
		t.Fatal(err)
	}
	if n := len(s.(*Set).lanes); n != 1 {
		t.Errorf("%d files were open at once, want 1", n)
	}
}
