package capture

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// annotated writes the captures of a directory back with comments and returns the file.
func annotated(t *testing.T, comments map[int][]string, args ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "annotated.pcapng")
	if err := Annotate(args, path, comments); err != nil {
		t.Fatal(err)
	}
	return path
}

// everything is a pcapng file with all that an annotated copy has to keep.
func everything(o byteOrder) []byte {
	return join(
		block(o, sectionBlock, words(o, 0x1a2b3c4d), o.AppendUint16(o.AppendUint16(nil, 1), 0), words(o, 0, 1000), option(o, 1, []byte("of the section"))),
		interfaceOf(o, 1, 0, option(o, ifName, []byte("eth0")), option(o, ifTimeUnit, []byte{9}), option(o, 0, nil)),
		interfaceOf(o, 276, 0, option(o, ifName, []byte("any")), option(o, ifTimeUnit, []byte{0x80 | 10})),
		block(o, secretsBlock, words(o, 0x544c534b, 4), []byte("key\n")),
		enhanced(o, 0, 1_700_000_000_123_456_789, "abcde", 60, option(o, 1, []byte("kept")), option(o, 2, words(o, 1)), option(o, 0, nil)),
		block(o, customBlock, words(o, 32473), []byte("numbered")),
		enhanced(o, 1, 1_700_000_000<<10+5, "abc", 3),
		block(o, simpleBlock, words(o, 5), []byte("defgh")),
		block(o, obsoleteBlock, o.AppendUint16(o.AppendUint16(nil, 0), 3), words(o, 0, 8, 2, 40), []byte("ab\x00\x00")),
		block(o, statisticsBlock, words(o, 0, 0, 0), option(o, isbOSDrop, o.AppendUint64(nil, 7))),
		section(o), interfaceOf(o, 101, 0), enhanced(o, 0, 9, "last", 4))
}

func TestAnnotateKeepsEverything(t *testing.T) {
	for name, o := range map[string]byteOrder{"little-endian": little, "big-endian": big} {
		t.Run(name, func(t *testing.T) {
			dir := directory(t, map[string][]byte{"in": everything(o)})
			in := filepath.Join(dir, "in")
			before, err := readFile(in)
			if err != nil {
				t.Fatal(err)
			}
			path := annotated(t, map[int][]string{1: {"new"}, 3: {"on any"}, 4: {"simple"}, 5: {"obsolete"}, 6: {"one", "two"}}, in)
			after, err := readFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, after, compare); diff != "" {
				t.Error(diff)
			}
			want := map[int]string{1: "kept\nnew", 3: "on any", 4: "simple", 5: "obsolete", 6: "one\ntwo"}
			if diff := cmp.Diff(want, comments(t, path)); diff != "" {
				t.Error(diff)
			}
			s, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := drain(s); err != nil || s.Drops() != 7 || s.(InterfaceNamer).InterfaceName(1) != "any" {
				t.Errorf("error %v, %d drops, interface %q", err, s.Drops(), s.(InterfaceNamer).InterfaceName(1))
			}
			content, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(content, []byte("key\n")) || !bytes.Contains(content, []byte("of the section")) {
				t.Errorf("secrets or the section's comment are gone: %v", err)
			}
		})
	}
}

// comments returns those of a capture by frame.
func comments(t *testing.T, path string) map[int]string {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := map[int]string{}
	f := want{}
	for err = nil; err == nil; {
		if f, err = next(s); err == nil {
			if c := s.(Commenter).Comment(); c != "" {
				got[f.number] = c
			}
		}
	}
	return got
}

// Without comments, a pcapng file stays the same to the byte, but for the length of its
// sections.
func TestAnnotateWithoutFindings(t *testing.T) {
	original := frames(20)["pcapng"]
	path := annotated(t, nil, filepath.Join(directory(t, map[string][]byte{"in": original}), "in"))
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, original) {
		t.Errorf("the copy differs from the original; error %v", err)
	}
}

// A pcap file, and a set of files with different link types.
func TestAnnotateOtherCaptures(t *testing.T) {
	nano := join(pcapHeader(big, 0xa1b23c4d, 4, 65535, 276), pcapRecord(big, 3, 123_456_789, 4, 60, "abcd"))
	damaged := at("b", 2, 5)
	dir := directory(t, map[string][]byte{"a": nano, "b": damaged[:len(damaged)-1]})
	path := annotated(t, map[int][]string{2: {"in a"}}, dir)
	got, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []want{{1, 2e9, 1, 0, "b at 2", 6}, {2, 3_123_456_789, 276, 1, "abcd", 60}}
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Error(diff)
	}
	if c := comments(t, path); len(c) != 1 || c[2] != "in a" {
		t.Errorf("comments %v", c)
	}
}

// TestAnnotatedInTshark: what people will open the file with shows the comments, at
// their frames.
func TestAnnotatedInTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark to open the file with")
	}
	dir := directory(t, map[string][]byte{"in": everything(little)})
	long := strings.Repeat("é", 40_000)
	path := annotated(t, map[int][]string{1: {"new"}, 4: {"simple"}, 6: {long}}, filepath.Join(dir, "in"))
	cmd := exec.Command(tshark, "-r", path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.number", "-e", "frame.comment")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	want := "1\tkept,new\n4\tsimple\n6\t" + long[:0xfffe] + "\n"
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
}

func TestAnnotateErrors(t *testing.T) {
	dir := directory(t, map[string][]byte{"in": at("in", 1)})
	err := Annotate([]string{filepath.Join(dir, "in")}, filepath.Join(dir, "nowhere", "out"), nil)
	if err == nil || !strings.HasPrefix(err.Error(), "cannot write "+dir) {
		t.Errorf("got %v", err)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []clock{{1e6, 0}, {1e9, 0}, {1 << 10, 1_000_000_000}, {1e9, -5}} {
		for _, ticks := range []uint64{7 * c.perSecond, 1_700_000_000*c.perSecond + 3*c.perSecond/4} {
			if got := c.ticks(c.nanoseconds(ticks)); got != ticks {
				t.Errorf("%+v: %d became %d", c, ticks, got)
			}
		}
	}
}
