package capture

import (
	"bufio"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// byteOrderMagic begins the body of a section header.
const byteOrderMagic = 0x1a2b3c4d

// longestOption is the most bytes that an option of pcapng can have.
const longestOption = 0xffff

// order is bigEndian for writing.
func (big bigEndian) order() binary.AppendByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// appendOption appends an option of pcapng, padded.
func (big bigEndian) appendOption(b []byte, code uint16, value string) []byte {
	b = big.order().AppendUint16(b, code)
	b = big.order().AppendUint16(b, uint16(len(value)))
	return appendPadded(b, []byte(value))
}

// appendComments appends comments and what ends a list of options; nothing when there
// are none. One that is too long for pcapng is cut.
func (big bigEndian) appendComments(b []byte, texts []string) []byte {
	for _, text := range texts {
		for len(text) > longestOption {
			_, size := utf8.DecodeLastRuneInString(text[:longestOption])
			text = text[:longestOption-size]
		}
		b = big.appendOption(b, comment, text)
	}
	if len(texts) == 0 {
		return b
	}
	return big.appendOption(b, endOfOptions, "")
}

// writeBlock writes a block of pcapng around a body, which has been padded.
func (big bigEndian) writeBlock(w *bufio.Writer, kind uint32, body []byte) {
	total := uint32(len(body) + blockFrame)
	var words [blockHeader]byte
	w.Write(big.order().AppendUint32(big.order().AppendUint32(words[:0], kind), total))
	w.Write(body)
	w.Write(big.order().AppendUint32(words[:0], total)) // bufio.Writer keeps its first error for Flush
}

func appendPadded(b, data []byte) []byte {
	b = append(b, data...)
	return append(b, make([]byte, padded(len(data))-len(data))...)
}

// pcapngWriter writes frames of any source as one section of pcapng, little-endian and
// with nanoseconds.
type pcapngWriter struct {
	out        *bufio.Writer
	interfaces map[origin]uint32 // their numbers in the file
	body       []byte
}

// origin is what makes an interface of its own: one has a single link type.
type origin struct {
	id       uint32
	linkType uint16
}

func newPcapngWriter(out *bufio.Writer) *pcapngWriter {
	const unknownLength = "\xff\xff\xff\xff\xff\xff\xff\xff"
	body := binary.LittleEndian.AppendUint32(nil, byteOrderMagic)
	body = append(body, "\x01\x00\x00\x00"+unknownLength...) // version 1.0
	bigEndian(false).writeBlock(out, sectionBlock, body)
	return &pcapngWriter{out: out, interfaces: map[origin]uint32{}}
}

// write appends a frame, and before it the description of an interface that is new.
// The name is that of the interface, "" when it has none.
func (w *pcapngWriter) write(f *reassembly.Frame, name string, comments []string) {
	from := origin{f.Interface, f.LinkType}
	id, known := w.interfaces[from]
	if !known {
		id = uint32(len(w.interfaces))
		w.interfaces[from] = id
		w.describe(f.LinkType, name)
	}
	le := binary.LittleEndian
	b := le.AppendUint32(w.body[:0], id)
	b = le.AppendUint32(b, uint32(uint64(f.Time)>>32))
	b = le.AppendUint32(b, uint32(f.Time))
	b = le.AppendUint32(b, uint32(len(f.Data)))
	b = le.AppendUint32(b, uint32(f.Length))
	b = appendPadded(b, f.Data)
	w.body = bigEndian(false).appendComments(b, comments)
	bigEndian(false).writeBlock(w.out, enhancedBlock, w.body)
}

// describe writes an interface description without a snap length.
func (w *pcapngWriter) describe(linkType uint16, name string) {
	b := binary.LittleEndian.AppendUint16(nil, linkType)
	b = append(b, make([]byte, 6)...)
	if name != "" {
		b = bigEndian(false).appendOption(b, ifName, name)
	}
	b = bigEndian(false).appendOption(b, ifTimeUnit, "\x09")
	b = bigEndian(false).appendOption(b, endOfOptions, "")
	bigEndian(false).writeBlock(w.out, interfaceBlock, b)
}

// commentLines is the reverse of Comment.
func commentLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
