package capture

import (
	"fmt"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// pcapngReader reads pcapng: sections, each with its own byte order and interfaces.
type pcapngReader struct {
	*window
	big        bigEndian // of this section
	interfaces []networkInterface
	section    int // index in interfaces of the first one of this section
	linkTypes  []uint16
	number     int    // of the last frame
	time       int64  // of the last frame
	options    []byte // of the last frame, valid as long as its data

	passing, passed int64 // bytes of a block that is left out: still to come, and gone
	secrets         bool  // there are keys that decrypt the traffic
	unknown         int   // blocks that nobody here understands
}

// newPcapngReader reads the first section header, so that a file that has nothing
// else in common with pcapng is refused at once. It stays unread for what comes next.
func newPcapngReader(w *window) (*pcapngReader, error) {
	r := &pcapngReader{window: w}
	_, body, err := r.block()
	if err != nil {
		return nil, err
	}
	if reason := r.beginSection(body); reason != "" {
		return nil, w.damage("%s", reason)
	}
	return r, nil
}

// Next implements Source. Interfaces are numbered through all sections. Custom blocks
// and those of the systemd journal have frame numbers in Wireshark, so that numbers
// can leave a gap.
func (r *pcapngReader) Next(f *reassembly.Frame) error {
	for {
		kind, body, err := r.block()
		if err != nil {
			return err
		}
		if body == nil {
			continue
		}
		isFrame, reason := r.read(kind, body, f)
		if reason != "" {
			return r.damage("%s", reason)
		}
		r.skip(len(body) + blockFrame)
		if isFrame {
			return nil
		}
	}
}

// read handles one block. It tells whether that was a frame, or why the block cannot
// be understood.
func (r *pcapngReader) read(kind uint32, body []byte, f *reassembly.Frame) (isFrame bool, reason string) {
	switch kind {
	case sectionBlock:
		return false, r.beginSection(body)
	case interfaceBlock:
		return false, r.addInterface(body)
	case statisticsBlock:
		r.addStatistics(body)
		return false, ""
	case simpleBlock:
		return true, r.simple(body, f)
	default:
		return true, r.packet(kind, body, f)
	}
}

// beginSection reads a section header: byte-order magic, version, section length and
// options. The length is not needed.
func (r *pcapngReader) beginSection(body []byte) (reason string) {
	if len(body) < 16 {
		return "a section header is too short"
	}
	major, minor := r.big.u16(body[4:]), r.big.u16(body[6:])
	if major != 1 || minor != 0 && minor != 2 { // 1.2 is what 1.0 became, unchanged
		return fmt.Sprintf("version %d.%d of the pcapng format is not known", major, minor)
	}
	r.section = len(r.interfaces)
	return ""
}

// packet reads an enhanced packet block, or an obsolete one: they differ in the
// first word only.
func (r *pcapngReader) packet(kind uint32, body []byte, f *reassembly.Frame) (reason string) {
	const fixed = 20
	if len(body) < fixed {
		return "a packet block is too short"
	}
	id, lost := r.big.u32(body), uint64(0)
	if kind == obsoleteBlock {
		id, lost = uint32(r.big.u16(body)), obsoleteDrops(r.big.u16(body[2:]))
	}
	captured, length := r.big.u32(body[12:]), r.big.u32(body[16:])
	rest := body[fixed:]
	if uint64(captured) > uint64(len(rest)) {
		return fmt.Sprintf("a packet claims %d captured bytes, its block has room for %d", captured, len(rest))
	}
	if reason := r.checkInterface(id); reason != "" {
		return reason
	}
	from := &r.interfaces[r.section+int(id)]
	r.options = rest[min(padded(int(captured)), len(rest)):]
	if len(r.options) > 0 && kind == enhancedBlock {
		lost = enhancedDrops(r.big, r.options)
	}
	from.lostBetween += lost
	r.time = from.clock.nanoseconds(uint64(r.big.u32(body[4:]))<<32 | uint64(r.big.u32(body[8:])))
	r.deliver(f, id, rest[:captured:captured], length)
	return ""
}

// simple reads a simple packet block: a frame of the section's first interface, with
// no time of its own. It gets the time of the frame before it.
func (r *pcapngReader) simple(body []byte, f *reassembly.Frame) (reason string) {
	if len(body) < 4 {
		return "a simple packet block is too short"
	}
	if reason := r.checkInterface(0); reason != "" {
		return reason
	}
	length, data := r.big.u32(body), body[4:]
	captured := uint64(min(length, r.interfaces[r.section].snapLength))
	r.options = nil
	if captured > uint64(len(data)) {
		return fmt.Sprintf("a simple packet of %d bytes is in a block with room for %d", captured, len(data))
	}
	r.deliver(f, 0, data[:captured:captured], length)
	return ""
}

// checkInterface tells whether the section has described an interface.
func (r *pcapngReader) checkInterface(id uint32) (reason string) {
	if uint64(id) >= uint64(len(r.interfaces)-r.section) {
		return fmt.Sprintf("a packet is from interface %d, which the section has not described", id)
	}
	return ""
}

// deliver fills in a frame of interface id of this section.
func (r *pcapngReader) deliver(f *reassembly.Frame, id uint32, data []byte, length uint32) {
	index := r.section + int(id)
	from := &r.interfaces[index]
	if !from.seen {
		from.seen = true
		if !slices.Contains(r.linkTypes, from.linkType) {
			r.linkTypes = append(r.linkTypes, from.linkType)
		}
	}
	r.number++
	f.Number, f.Time = r.number, r.time
	f.LinkType, f.Interface = from.linkType, uint32(index)
	f.Data, f.Length = data, max(int(length), len(data))
}

// LinkTypes implements Source.
func (r *pcapngReader) LinkTypes() []uint16 { return slices.Clone(r.linkTypes) }
