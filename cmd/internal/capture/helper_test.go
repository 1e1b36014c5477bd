package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// byteOrder is what the builders below write in.
type byteOrder = binary.AppendByteOrder

var (
	little byteOrder = binary.LittleEndian
	big    byteOrder = binary.BigEndian
)

// pcapHeader is a file header of version 2.minor.
func pcapHeader(o byteOrder, magic uint32, minor uint16, snapLength, linkType uint32) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, 2)
	b = o.AppendUint16(b, minor)
	b = o.AppendUint64(b, 0)
	b = o.AppendUint32(b, snapLength)
	return o.AppendUint32(b, linkType)
}

// pcapRecord is a record with its four header fields as given.
func pcapRecord(o byteOrder, seconds, fraction, third, fourth uint32, data string) []byte {
	return append(words(o, seconds, fraction, third, fourth), data...)
}

func words(o byteOrder, values ...uint32) []byte {
	var b []byte
	for _, v := range values {
		b = o.AppendUint32(b, v)
	}
	return b
}

// block is a pcapng block; its body is padded.
func block(o byteOrder, kind uint32, body ...[]byte) []byte {
	inner := pad(bytes.Join(body, nil))
	total := uint32(len(inner) + blockFrame)
	return bytes.Join([][]byte{words(o, kind, total), inner, words(o, total)}, nil)
}

func pad(b []byte) []byte { return append(b, make([]byte, padded(len(b))-len(b))...) }

func section(o byteOrder) []byte {
	return block(o, sectionBlock, words(o, 0x1a2b3c4d), o.AppendUint16(o.AppendUint16(nil, 1), 0), words(o, 0xffffffff, 0xffffffff))
}

func interfaceOf(o byteOrder, linkType uint16, snapLength uint32, options ...[]byte) []byte {
	head := o.AppendUint32(o.AppendUint16(o.AppendUint16(nil, linkType), 0), snapLength)
	return block(o, interfaceBlock, head, bytes.Join(options, nil))
}

func option(o byteOrder, code uint16, value []byte) []byte {
	head := o.AppendUint16(o.AppendUint16(nil, code), uint16(len(value)))
	return append(head, pad(value)...)
}

func enhanced(o byteOrder, id uint32, ticks uint64, data string, length uint32, options ...[]byte) []byte {
	head := words(o, id, uint32(ticks>>32), uint32(ticks), uint32(len(data)), length)
	return block(o, enhancedBlock, head, pad([]byte(data)), bytes.Join(options, nil))
}

// want is a frame as tests write it down.
type want struct {
	number   int
	time     int64
	linkType uint16
	from     uint32
	data     string
	length   int
}

// readAll returns all frames of a capture and the error that ended it, nil for io.EOF.
func readAll(t testing.TB, capture []byte) ([]want, error) {
	t.Helper()
	s, err := NewReader("test.pcap", bytes.NewReader(capture))
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return drain(s)
}

func drain(s Source) ([]want, error) {
	var frames []want
	for {
		f, err := next(s)
		if err == io.EOF {
			return frames, nil
		} else if err != nil {
			return frames, err
		}
		frames = append(frames, f)
	}
}

func next(s Source) (want, error) {
	var f reassembly.Frame
	err := s.Next(&f)
	return want{f.Number, f.Time, f.LinkType, f.Interface, string(f.Data), f.Length}, err
}

// damaged fails the test unless err is damage at offset for a reason that has the
// given words.
func damaged(t *testing.T, err error, offset int, words string) {
	t.Helper()
	var damage *DamageError
	if !errors.As(err, &damage) {
		t.Fatalf("got error %v, want damage", err)
	}
	if damage.Offset != int64(offset) || !strings.Contains(damage.Reason, words) {
		t.Errorf("got damage at %d: %s\nwant at %d: …%s…", damage.Offset, damage.Reason, offset, words)
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
