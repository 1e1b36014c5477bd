package capture

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// compare allows cmp to look into want.
var compare = cmp.AllowUnexported(want{})

func TestPcapFormats(t *testing.T) {
	extra := func(o byteOrder) string { return string(words(o, 7, 0x08000000)) } // of the modified record header
	tests := []struct {
		name    string
		capture []byte
		want    want
	}{
		{"microseconds, little-endian",
			join(pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1), pcapRecord(little, 3, 5, 4, 60, "abcd")),
			want{1, 3_000_005_000, 1, 0, "abcd", 60}},
		{"microseconds, big-endian",
			join(pcapHeader(big, 0xa1b2c3d4, 4, 65535, 276), pcapRecord(big, 3, 5, 4, 60, "abcd")),
			want{1, 3_000_005_000, 276, 0, "abcd", 60}},
		{"nanoseconds, little-endian",
			join(pcapHeader(little, 0xa1b23c4d, 4, 65535, 1), pcapRecord(little, 3, 5, 4, 4, "abcd")),
			want{1, 3_000_000_005, 1, 0, "abcd", 4}},
		{"nanoseconds, big-endian",
			join(pcapHeader(big, 0xa1b23c4d, 4, 65535, 1), pcapRecord(big, 3, 5, 4, 4, "abcd")),
			want{1, 3_000_000_005, 1, 0, "abcd", 4}},
		{"Kuznetzov's longer record header",
			join(pcapHeader(little, 0xa1b2cd34, 4, 65535, 1), pcapRecord(little, 3, 5, 4, 60, extra(little)+"abcd")),
			want{1, 3_000_005_000, 1, 0, "abcd", 60}},
		{"version 2.2 has the original length first",
			join(pcapHeader(big, 0xa1b2c3d4, 2, 68, 1), pcapRecord(big, 3, 5, 60, 4, "abcd")),
			want{1, 3_000_005_000, 1, 0, "abcd", 60}},
		{"version 2.3, by an old writer",
			join(pcapHeader(big, 0xa1b2c3d4, 3, 68, 1), pcapRecord(big, 3, 5, 60, 4, "abcd")),
			want{1, 3_000_005_000, 1, 0, "abcd", 60}},
		{"version 2.3, by a newer writer",
			join(pcapHeader(big, 0xa1b2c3d4, 3, 68, 1), pcapRecord(big, 3, 5, 4, 60, "abcd")),
			want{1, 3_000_005_000, 1, 0, "abcd", 60}},
		{"checksum bits beside the link type",
			join(pcapHeader(little, 0xa1b2c3d4, 4, 65535, 0x24000001), pcapRecord(little, 0, 0, 4, 4, "abcd")),
			want{1, 0, 1, 0, "abcd", 4}},
		{"too many microseconds go over into the seconds",
			join(pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1), pcapRecord(little, 3, 2_500_000, 4, 4, "abcd")),
			want{1, 5_500_000_000, 1, 0, "abcd", 4}},
		{"an original length below the captured one",
			join(pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1), pcapRecord(little, 3, 0, 4, 0, "abcd")),
			want{1, 3_000_000_000, 1, 0, "abcd", 4}},
		{"more bytes than the snap length",
			join(pcapHeader(little, 0xa1b2c3d4, 4, 2, 1), pcapRecord(little, 3, 0, 4, 4, "abcd")),
			want{1, 3_000_000_000, 1, 0, "abcd", 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(t, tt.capture)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]want{tt.want}, got, compare); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPcapDamage(t *testing.T) {
	head := pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1)
	good := pcapRecord(little, 1, 0, 4, 4, "abcd")
	tests := []struct {
		name   string
		tail   []byte
		offset int // of the damage; 24 + 20 is behind the good record
		words  string
	}{
		{"stray bytes", []byte("xy"), 44, "the file ends in the middle of a packet record's header (wanted 16 bytes, got 2)"},
		{"cut in the data", pcapRecord(little, 2, 0, 66, 66, "twelve bytes"), 44, "the file ends in the middle of a packet record (wanted 66 bytes, got 12)"},
		{"insane length", pcapRecord(little, 2, 0, 4325376, 66, "twelve bytes"), 44, "claims 4325376 captured bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(t, join(head, good, tt.tail))
			damaged(t, err, tt.offset, tt.words)
			if len(got) != 1 || got[0].data != "abcd" {
				t.Errorf("got frames %v, want the good one", got)
			}
		})
	}
}

func TestPcapHeaderErrors(t *testing.T) {
	valid := pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1)
	unknown := bytes.Clone(valid)
	unknown[4] = 3
	_, err := readAll(t, unknown)
	damaged(t, err, 0, "version 3.4 of the pcap format is not known")
	_, err = readAll(t, valid[:10])
	damaged(t, err, 0, "in the middle of the file header (wanted 24 bytes, got 10)")
	if !strings.HasPrefix(err.Error(), "cannot read test.pcap: ") {
		t.Errorf("error %q does not name the file", err)
	}
}

// A frame larger than the window is read whole when the snap length allows for it.
func TestPcapLargeFrame(t *testing.T) {
	data := strings.Repeat("0123456789", 60_000)
	size := uint32(len(data))
	got, err := readAll(t, join(
		pcapHeader(little, 0xa1b2c3d4, 4, 1<<20, 1),
		pcapRecord(little, 1, 0, 4, 4, "abcd"),
		pcapRecord(little, 2, 0, size, size, data),
		pcapRecord(little, 3, 0, 4, 4, "efgh")))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[1].data != data || got[2].data != "efgh" {
		t.Errorf("the frames around %d bytes are not whole", size)
	}
}

// frames returns a capture of n frames in each format.
func frames(n int) map[string][]byte {
	payload := strings.Repeat("x", 174)
	classic := pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1)
	next := join(section(little), interfaceOf(little, 1, 0))
	comment := option(little, 1, []byte("a packet comment"))
	for i := range n {
		classic = append(classic, pcapRecord(little, uint32(i), 0, 174, 174, payload)...)
		next = append(next, enhanced(little, 0, uint64(i), payload, 174, comment)...)
	}
	return map[string][]byte{"pcap": classic, "pcapng": next}
}

func TestReadingAllocatesNothing(t *testing.T) {
	for name, capture := range frames(5000) {
		t.Run(name, func(t *testing.T) {
			s, err := NewReader(name, bytes.NewReader(capture))
			if err != nil {
				t.Fatal(err)
			}
			var f reassembly.Frame
			if err := s.Next(&f); err != nil { // the link type is noted once
				t.Fatal(err)
			}
			allocs := testing.AllocsPerRun(4000, func() {
				if err := s.Next(&f); err != nil {
					t.Fatal(err)
				}
			})
			if allocs != 0 {
				t.Errorf("%v allocations per packet", allocs)
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for name, capture := range frames(100_000) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var f reassembly.Frame
			var s Source
			read := 0
			for b.Loop() {
				if read%100_000 == 0 {
					s, _ = NewReader(name, bytes.NewReader(capture))
				}
				if err := s.Next(&f); err != nil {
					b.Fatal(err)
				}
				read++
			}
			b.SetBytes(int64(len(capture) / 100_000))
		})
	}
}

// Some old systems wrote longer record headers under the usual magic numbers.
func TestPcapVariants(t *testing.T) {
	tests := []struct {
		name  string
		magic uint32
		extra int // bytes behind the four words
	}{
		{"Nokia", 0xa1b2c3d4, 4},
		{"Red Hat 6.1", 0xa1b2c3d4, 8},
		{"SuSE 6.3", 0xa1b2cd34, 12},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			capture := pcapHeader(big, tt.magic, 4, 65535, 1)
			for i := range uint32(3) {
				capture = append(capture, pcapRecord(big, 1_700_000_000+i, 500_000, 60, 60, strings.Repeat("\x00", tt.extra)+strings.Repeat("\x02", 60))...)
			}
			s, err := NewReader("test", bytes.NewReader(capture))
			if err != nil {
				t.Fatal(err)
			}
			got, err := drain(s)
			if err != nil || len(got) != 3 || got[2].time != 1_700_000_002_500_000_000 || got[2].data != strings.Repeat("\x02", 60) {
				t.Errorf("got %v and error %v", got, err)
			}
			if notes := s.(Noter).Notes(); len(notes) != 1 || !strings.Contains(notes[0], tt.name) {
				t.Errorf("notes %q do not say that it is of %s", notes, tt.name)
			}
		})
	}
}
