package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Annotate writes the captures that OpenAll reads for the same arguments to a pcapng
// file, with comments added to the frames of these numbers. A single pcapng file is
// copied block by block, with all that it holds; other captures frame by frame, with
// link types, interface names, comments and nanoseconds kept. Frames have the numbers
// that the Source gave them. Captures that are damaged are copied up to the damage.
func Annotate(args []string, path string, comments map[int][]string) error {
	source, err := OpenAll(args)
	if err != nil {
		return err
	}
	defer source.Close()
	file, err := os.Create(path)
	if err != nil {
		return cannotWrite(path, err)
	}
	out := bufio.NewWriterSize(file, 64<<10)
	err = annotate(source, out, comments)
	var damage *DamageError
	if err == io.EOF || errors.As(err, &damage) {
		err = nil
	}
	return errors.Join(err, cannotWrite(path, errors.Join(out.Flush(), file.Close())))
}

func cannotWrite(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot write %s: %w", path, withoutPath(err))
}

// annotate copies all frames. It returns what ended the source.
func annotate(source Source, out *bufio.Writer, comments map[int][]string) error {
	if r, ok := source.(*pcapngReader); ok {
		return r.annotate(out, comments)
	}
	w := newPcapngWriter(out)
	var f reassembly.Frame
	for {
		if err := source.Next(&f); err != nil {
			return err
		}
		name, texts := "", comments[f.Number]
		if n, ok := source.(InterfaceNamer); ok {
			name = n.InterfaceName(f.Interface)
		}
		if c, ok := source.(Commenter); ok {
			texts = append(commentLines(c.Comment()), texts...)
		}
		w.write(&f, name, texts)
	}
}

// annotate copies all blocks, adding comments to those of frames.
func (r *pcapngReader) annotate(out *bufio.Writer, comments map[int][]string) error {
	var f reassembly.Frame
	for {
		kind, total, err := r.blockStart()
		if err != nil {
			return err
		}
		if !wanted(kind) {
			if err := r.copyUnwanted(out, kind, total); err != nil {
				return err
			}
			continue
		}
		_, body, err := r.block()
		if err != nil {
			return err
		}
		isFrame, reason := r.read(kind, body, &f)
		if reason != "" {
			return r.damage("%s", reason)
		}
		if isFrame && len(comments[f.Number]) > 0 {
			kind, body = r.comment(kind, body, &f, comments[f.Number])
		} else if kind == sectionBlock {
			body = r.lengthUnknown(body)
		}
		r.big.writeBlock(out, kind, body)
		r.skip(int(total))
	}
}

// copyUnwanted copies a block that is not understood, however long it is.
func (r *pcapngReader) copyUnwanted(out *bufio.Writer, kind, total uint32) error {
	start := r.offset
	if numbered(kind) {
		r.number++
	}
	for left := int(total); left > 0; {
		part, err := r.peek(min(left, windowSize))
		if err != nil {
			return cut(start, err, "a block", int64(total), r.offset-start+int64(len(part)))
		}
		out.Write(part) // bufio.Writer keeps its first error for Flush
		r.skip(len(part))
		left -= len(part)
	}
	return nil
}

// lengthUnknown takes out of a section header how long the section is: it grows.
func (r *pcapngReader) lengthUnknown(body []byte) []byte {
	const at = 8 // behind byte-order magic and version
	return append(append(append([]byte(nil), body[:at]...), "\xff\xff\xff\xff\xff\xff\xff\xff"...), body[at+8:]...)
}

// comment returns the block of a frame with comments added to its options. A simple
// packet block has none and becomes an enhanced one, with the time that Next gives it.
func (r *pcapngReader) comment(kind uint32, body []byte, f *reassembly.Frame, texts []string) (uint32, []byte) {
	fixed := body[:len(body)-len(r.options)]
	if kind == simpleBlock {
		kind, fixed = enhancedBlock, r.enhanced(f)
	}
	b := append([]byte(nil), fixed...)
	for code, value, rest := r.big.option(r.options); code != endOfOptions; code, value, rest = r.big.option(rest) {
		b = r.big.appendOption(b, code, string(value))
	}
	return kind, r.big.appendComments(b, texts)
}

// enhanced returns the body of an enhanced packet block for a frame of the section's
// first interface, without options.
func (r *pcapngReader) enhanced(f *reassembly.Frame) []byte {
	ticks := r.interfaces[r.section].clock.ticks(f.Time)
	b := r.big.order().AppendUint32(nil, 0)
	b = r.big.order().AppendUint32(b, uint32(ticks>>32))
	b = r.big.order().AppendUint32(b, uint32(ticks))
	b = r.big.order().AppendUint32(b, uint32(len(f.Data)))
	b = r.big.order().AppendUint32(b, uint32(f.Length))
	return appendPadded(b, f.Data)
}

// ticks is the reverse of nanoseconds, for times that it returned.
func (c clock) ticks(ns int64) uint64 {
	seconds := uint64(max(0, ns/1e9-c.offset))
	high, low := bits.Mul64(uint64(ns%1e9), c.perSecond)
	fraction, _ := bits.Div64(high, low, 1e9)
	return seconds*c.perSecond + fraction
}
