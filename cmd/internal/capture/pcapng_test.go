package capture

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ng joins a section, one Ethernet interface, and blocks.
func ng(blocks ...[]byte) []byte {
	return join(section(little), interfaceOf(little, 1, 0), join(blocks...))
}

func TestPcapngBlocks(t *testing.T) {
	tests := []struct {
		name    string
		capture []byte
		want    []want
	}{
		{"enhanced", ng(enhanced(little, 0, 5_000_003, "abcde", 60)),
			[]want{{1, 5_000_003_000, 1, 0, "abcde", 60}}},
		{"big-endian", join(section(big), interfaceOf(big, 113, 0), enhanced(big, 0, 7, "abc", 3)),
			[]want{{1, 7000, 113, 0, "abc", 3}}},
		{"a simple packet has the time of the frame before", ng(
			enhanced(little, 0, 9, "abc", 3),
			block(little, simpleBlock, words(little, 5), []byte("defgh"))),
			[]want{{1, 9000, 1, 0, "abc", 3}, {2, 9000, 1, 0, "defgh", 5}}},
		{"a simple packet is cut by the snap length", join(section(little), interfaceOf(little, 1, 2),
			block(little, simpleBlock, words(little, 5), []byte("de"))),
			[]want{{1, 0, 1, 0, "de", 5}}},
		{"obsolete", ng(block(little, obsoleteBlock,
			little.AppendUint16(little.AppendUint16(nil, 0), 3), words(little, 0, 8, 2, 40), []byte("ab"))),
			[]want{{1, 8000, 1, 0, "ab", 40}}},
		{"interfaces with their own link types and clocks", join(
			section(little),
			interfaceOf(little, 1, 0, option(little, ifTimeUnit, []byte{9})),
			interfaceOf(little, 276, 0, option(little, ifTimeUnit, []byte{0x80 | 1}), option(little, ifTimeOffset, little.AppendUint64(nil, 10))),
			enhanced(little, 1, 3, "abc", 3),
			enhanced(little, 0, 3, "abc", 3)),
			[]want{{1, 11_500_000_000, 276, 1, "abc", 3}, {2, 3, 1, 0, "abc", 3}}},
		{"a second section has its own byte order and interfaces", join(
			ng(enhanced(little, 0, 1, "abc", 3)),
			section(big), interfaceOf(big, 101, 0), enhanced(big, 0, 2, "def", 3)),
			[]want{{1, 1000, 1, 0, "abc", 3}, {2, 2000, 101, 1, "def", 3}}},
		{"blocks that nobody knows are passed over", ng(
			block(little, 0x1bad, []byte("something")),
			enhanced(little, 0, 1, "abc", 3),
			block(little, 10, make([]byte, 2*windowSize))),
			[]want{{1, 1000, 1, 0, "abc", 3}}},
		{"blocks that Wireshark numbers", ng(
			block(little, customBlock, words(little, 1)),
			enhanced(little, 0, 1, "abc", 3),
			block(little, customNoCopy, words(little, 1)),
			block(little, journalBlock, []byte("MESSAGE=x\n")),
			enhanced(little, 0, 2, "def", 3)),
			[]want{{2, 1000, 1, 0, "abc", 3}, {5, 2000, 1, 0, "def", 3}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(t, tt.capture)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, compare); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPcapngDamage(t *testing.T) {
	good := enhanced(little, 0, 1, "abcd", 4)
	offset := len(ng(good))
	wrongTrailer := bytes.Clone(good)
	wrongTrailer[len(good)-1] = 1
	tests := []struct {
		name  string
		tail  []byte
		words string
	}{
		{"stray bytes", []byte("x"), "the file ends in the middle of a block's header (wanted 8 bytes, got 1)"},
		{"cut", good[:30], "the file ends in the middle of a block (wanted 36 bytes, got 30)"},
		{"cut in a block that is passed over", block(little, 99, make([]byte, 300_000))[:100], "wanted 300012 bytes, got 100"},
		{"a length that is no multiple of four", words(little, enhancedBlock, 33, 0, 0), "impossible length of 33"},
		{"no length", words(little, enhancedBlock, 0, 0, 0), "impossible length of 0"},
		{"insane length", words(little, enhancedBlock, 0x7ffffffc, 0, 0), "claims 2147483644 bytes"},
		{"lengths differ", wrongTrailer, "two lengths differ"},
		{"unknown interface", enhanced(little, 3, 1, "abcd", 4), "interface 3, which the section has not described"},
		{"interface beyond any index", enhanced(little, math.MaxUint32, 1, "abcd", 4), "interface 4294967295"},
		{"interface of the section before", join(section(little), good), "interface 0, which"},
		{"more captured than there is", block(little, enhancedBlock, words(little, 0, 0, 1, 400, 400), []byte("abcd")), "claims 400 captured bytes"},
		{"short packet block", block(little, enhancedBlock, words(little, 0)), "too short"},
		{"short simple packet", block(little, simpleBlock, words(little, 9), []byte("ab")), "room for 4"},
		{"time in no unit", interfaceOf(little, 1, 0, option(little, ifTimeUnit, []byte{20})), "if_tsresol 0x14"},
		{"no byte order", block(little, sectionBlock, make([]byte, 16)), "no byte-order magic"},
		{"unknown version", block(little, sectionBlock, words(little, 0x1a2b3c4d, 9, 0, 0)), "version 9.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(t, join(ng(good), tt.tail))
			at := offset
			if tt.name == "interface of the section before" {
				at += len(section(little))
			}
			damaged(t, err, at, tt.words)
			if len(got) != 1 {
				t.Errorf("got %d frames ahead of the damage, want 1", len(got))
			}
		})
	}
}

// Packets and statistics tell of the same losses: the larger account of each
// interface counts.
func TestPcapngDrops(t *testing.T) {
	u64 := func(n uint64) []byte { return little.AppendUint64(nil, n) }
	statistics := func(id uint32, ifDrop, osDrop uint64) []byte {
		return block(little, statisticsBlock, words(little, id, 0, 0),
			option(little, 4, u64(1000)), option(little, isbIfDrop, u64(ifDrop)), option(little, isbOSDrop, u64(osDrop)))
	}
	lost := func(id uint32, n uint64) []byte {
		return enhanced(little, id, 0, "a", 1, option(little, 2, words(little, 1)), option(little, epbDropCount, u64(n)))
	}
	tests := []struct {
		name   string
		blocks [][]byte
		want   uint64
	}{
		{"none", [][]byte{enhanced(little, 0, 0, "a", 1)}, 0},
		{"packets are added", [][]byte{lost(0, 2), lost(0, 3)}, 5},
		{"later statistics replace earlier ones", [][]byte{statistics(0, 1, 2), statistics(0, 4, 6)}, 10},
		{"interfaces are added", [][]byte{statistics(0, 1, 2), statistics(1, 4, 6)}, 13},
		{"two accounts of one loss", [][]byte{lost(0, 7), statistics(0, 1, 2), lost(1, 1)}, 8},
		{"an obsolete packet", [][]byte{block(little, obsoleteBlock, words(little, 3<<16, 0, 8, 0, 0))}, 3},
		{"an obsolete packet that does not know", [][]byte{block(little, obsoleteBlock, words(little, 0xffff<<16, 0, 8, 0, 0))}, 0},
		{"an option that claims too much", [][]byte{block(little, statisticsBlock, words(little, 0, 0, 0), little.AppendUint16(little.AppendUint16(nil, isbOSDrop), 900), u64(5))}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewReader("test", bytes.NewReader(ng(interfaceOf(little, 1, 0), join(tt.blocks...))))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := drain(s); err != nil {
				t.Fatal(err)
			}
			if s.Drops() != tt.want {
				t.Errorf("got %d drops, want %d", s.Drops(), tt.want)
			}
		})
	}
}

func TestPcapngLinkTypesAndNames(t *testing.T) {
	s, err := NewReader("test", bytes.NewReader(join(
		section(little),
		interfaceOf(little, 147, 0), // no frame comes from it
		interfaceOf(little, 276, 0, option(little, ifName, []byte("any"))),
		interfaceOf(little, 1, 0, option(little, ifName, []byte("eth0\x00"))),
		enhanced(little, 1, 0, "a", 1), enhanced(little, 2, 0, "a", 1), enhanced(little, 1, 0, "a", 1))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(s); err != nil {
		t.Fatal(err)
	}
	if got := s.LinkTypes(); !slices.Equal(got, []uint16{276, 1}) {
		t.Errorf("link types %v, want those of the frames, 276 and 1", got)
	}
	names := s.(InterfaceNamer)
	for id, want := range []string{"", "any", "eth0", ""} {
		if got := names.InterfaceName(uint32(id)); got != want {
			t.Errorf("interface %d is called %q, want %q", id, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	tests := []struct {
		name       string
		resolution byte
		offset     int64
		ticks      uint64
		want       int64
	}{
		{"microseconds", 6, 0, 1_700_000_000_000_001, 1_700_000_000_000_001_000},
		{"nanoseconds", 9, 0, 1_700_000_000_000_000_001, 1_700_000_000_000_000_001},
		{"seconds", 0, 0, 1_700_000_000, 1_700_000_000_000_000_000},
		{"tenths of nanoseconds round down", 10, 0, 19, 1},
		{"the smallest decimal unit", 19, 0, 10_000_000_000_000_000_001, 1_000_000_000},
		{"halves", 0x81, 0, 5, 2_500_000_000},
		{"the smallest binary unit", 0x80 | 63, 0, 1<<63 + 1<<62, 1_500_000_000},
		{"offset", 6, 1_700_000_000, 5, 1_700_000_000_000_005_000},
		{"before 1970", 6, -10, 5, 0},
		{"after 2262", 0, 0, math.MaxUint64, math.MaxInt64},
		{"offset beyond all times", 6, math.MaxInt64, math.MaxUint64, math.MaxInt64},
		{"offset before all times", 6, math.MinInt64, math.MaxUint64, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clock{ticksPerSecond(tt.resolution), clampSeconds(tt.offset)}
			if got := c.nanoseconds(tt.ticks); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
	for _, impossible := range []byte{20, 127, 0x80 | 64, 0xff} {
		if got := ticksPerSecond(impossible); got != 0 {
			t.Errorf("resolution 0x%02x gives %d ticks a second, want 0", impossible, got)
		}
	}
}
