package capture

import "github.com/tcpflow-explain/tcpflow-explain/reassembly"

// Sizes of classic pcap (draft-ietf-opsawg-pcap §4 and §5), in bytes.
const (
	pcapFileHeader     = 24
	pcapRecordHeader   = 16
	pcapModifiedHeader = 24 // with interface index, protocol and packet type
)

// A frame larger than usualFrame is believed when the snap length allows for it, as
// BIG TCP and USB captures do; larger than largestFrame it is damage.
const (
	usualFrame   = 256 << 10
	largestFrame = 16 << 20
)

// pcapFormat is what the magic number of a file tells.
type pcapFormat struct {
	big          bigEndian
	unit         int64 // nanoseconds of one unit of the timestamps' fraction
	recordHeader int   // bytes
}

// pcapFormatOf knows the magic numbers by their bytes in the file.
func pcapFormatOf(magic []byte) (f pcapFormat, ok bool) {
	for _, big := range []bigEndian{false, true} {
		switch big.u32(magic) {
		case 0xa1b2c3d4:
			return pcapFormat{big, 1000, pcapRecordHeader}, true
		case 0xa1b23c4d:
			return pcapFormat{big, 1, pcapRecordHeader}, true
		case 0xa1b2cd34: // Alexey Kuznetzov's modified format, of old Linux systems
			return pcapFormat{big, 1000, pcapModifiedHeader}, true
		}
	}
	return pcapFormat{}, false
}

// lengthOrder is the order of captured and original length in a record header:
// until version 2.3 of the format the original length came first, and some writers
// of 2.3 had changed over already (libpcap decides in the same way).
type lengthOrder uint8

const (
	capturedFirst lengthOrder = iota
	originalFirst
	smallerIsCaptured
)

// pcapReader reads classic pcap.
type pcapReader struct {
	*window
	pcapFormat
	order     lengthOrder
	limit     uint32    // of a frame's captured bytes
	linkTypes [1]uint16 // one for the whole file
	number    int       // of the last frame
	variant   string    // of the record header, where it is not libpcap's own
}

// newPcapReader reads the file header.
func newPcapReader(w *window, format pcapFormat) (*pcapReader, error) {
	header, err := w.peek(pcapFileHeader)
	if err != nil {
		return nil, cut(w.offset, err, "the file header", pcapFileHeader, int64(len(header)))
	}
	r := &pcapReader{window: w, pcapFormat: format}
	major, minor := r.big.u16(header[4:]), r.big.u16(header[6:])
	switch {
	case major == 2 && minor < 3, major == 543 && minor == 0: // DG/UX wrote 543.0
		r.order = originalFirst
	case major == 2 && minor == 3:
		r.order = smallerIsCaptured
	case major == 2 && minor == 4:
		r.order = capturedFirst
	default:
		return nil, w.damage("version %d.%d of the pcap format is not known", major, minor)
	}
	r.limit = frameLimit(r.big.u32(header[16:]))
	r.linkTypes[0] = uint16(r.big.u32(header[20:])) // the upper bits tell of checksums
	w.skip(pcapFileHeader)
	return r, nil
}

// frameLimit is the largest captured length to believe, by the file's snap length;
// 0 stands for none.
func frameLimit(snapLength uint32) uint32 {
	if snapLength == 0 {
		return largestFrame
	}
	return min(max(snapLength, usualFrame), largestFrame)
}

// Next implements Source. Impossible fractions of a second are carried over into
// the seconds, as libpcap's users see them.
func (r *pcapReader) Next(f *reassembly.Frame) error {
	record, err := r.peek(r.recordHeader)
	if err != nil {
		return r.ended(err, "a packet record's header", r.recordHeader, len(record))
	}
	if r.number == 0 && r.isVariant() {
		return r.Next(f)
	}
	captured, length := r.lengths(record)
	if captured > r.limit {
		return r.damage("a packet record claims %d captured bytes, more than a frame can have", captured)
	}
	size := r.recordHeader + int(captured)
	if record, err = r.peek(size); err != nil {
		return cut(r.offset, err, "a packet record", int64(captured), int64(len(record)-r.recordHeader))
	}
	r.number++
	f.Number = r.number
	f.Time = int64(r.big.u32(record))*1e9 + int64(r.big.u32(record[4:]))*r.unit
	f.LinkType, f.Interface = r.linkTypes[0], 0
	f.Data = record[r.recordHeader:size:size]
	f.Length = int(max(length, captured))
	r.skip(size)
	return nil
}

// lengths returns the captured and the original length of a record.
func (r *pcapReader) lengths(record []byte) (captured, original uint32) {
	captured, original = r.big.u32(record[8:]), r.big.u32(record[12:])
	if r.order == originalFirst || r.order == smallerIsCaptured && captured > original {
		return original, captured
	}
	return captured, original
}

// LinkTypes implements Source.
func (r *pcapReader) LinkTypes() []uint16 { return r.linkTypes[:] }

// Drops implements Source: classic pcap has no counters.
func (r *pcapReader) Drops() uint64 { return 0 }
