package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Writer writes frames as classic pcap with nanoseconds. Such a file has one link
// type for all frames. What reaches the file ends with a whole record, so that a
// program that is killed leaves a file which can be read.
type Writer struct {
	name       string
	out        *bufio.Writer
	path       string    // as it was asked for
	file       io.Closer // nil for standard output
	snapLength int
	linkType   uint16
	begun      bool      // the header is written
	written    int64     // bytes of the present file
	rotation   *rotation // nil for one file
	record     [pcapRecordHeader]byte
}

// Create makes a capture file, or empties it; "-" is standard output. snapLength goes
// into the header; 0 says that frames are whole.
func Create(path string, snapLength int) (*Writer, error) {
	if path == "-" {
		return newWriter("standard output", os.Stdout, nil, snapLength), nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", path, withoutPath(err))
	}
	return newWriter(path, f, f, snapLength), nil
}

func newWriter(name string, out io.Writer, file io.Closer, snapLength int) *Writer {
	if snapLength <= 0 {
		snapLength = usualFrame
	}
	return &Writer{name: name, path: name, out: bufio.NewWriterSize(out, 64<<10), file: file, snapLength: snapLength}
}

// Begin writes the file header and flushes it, so that a program at the other end of
// a pipe can start. Write does it when it was not done before.
func (w *Writer) Begin(linkType uint16) error {
	if w.begun {
		return nil
	}
	w.begun, w.linkType = true, linkType
	le := binary.LittleEndian
	h := le.AppendUint32(nil, 0xa1b23c4d)
	h = le.AppendUint16(h, 2) // version 2.4
	h = le.AppendUint16(h, 4)
	h = le.AppendUint64(h, 0) // time zone and accuracy: unused
	h = le.AppendUint32(h, uint32(w.snapLength))
	h = le.AppendUint32(h, uint32(linkType))
	w.written = int64(len(h))
	w.out.Write(h) // bufio.Writer keeps its first error for Flush
	return w.Flush()
}

// Write appends a frame. It returns ErrLastFile when the frame would go into a file
// beyond those of the Rotation.
func (w *Writer) Write(f *reassembly.Frame) error {
	if err := w.Begin(f.LinkType); err != nil {
		return err
	}
	if w.rotation != nil && w.rotation.due(w, f.Time) {
		if w.rotation.last() {
			return ErrLastFile
		}
		if err := w.Rotate(f.Time); err != nil {
			return err
		}
	}
	if f.LinkType != w.linkType {
		return fmt.Errorf("cannot write frame %d to %s: it is %s, and the pcap file already holds %s",
			f.Number, w.name, LinkTypeName(f.LinkType), LinkTypeName(w.linkType))
	}
	le := binary.LittleEndian
	le.PutUint32(w.record[0:], uint32(f.Time/1e9))
	le.PutUint32(w.record[4:], uint32(f.Time%1e9))
	le.PutUint32(w.record[8:], uint32(len(f.Data)))
	le.PutUint32(w.record[12:], uint32(f.Length))
	size := len(w.record) + len(f.Data)
	if size > w.out.Available() {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	w.written += int64(size)
	w.out.Write(w.record[:])
	_, err := w.out.Write(f.Data)
	return w.wrap(err)
}

// Flush hands over to the file what is buffered.
func (w *Writer) Flush() error { return w.wrap(w.out.Flush()) }

// Close flushes and closes the file. One without frames becomes an empty capture of
// Ethernet, unless Begin has said otherwise.
func (w *Writer) Close() error {
	err := w.Begin(linkTypeEthernet)
	if err == nil {
		err = w.Flush()
	}
	if w.file == nil {
		return err
	}
	return errors.Join(err, w.wrap(w.file.Close()))
}

func (w *Writer) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot write %s: %w", w.name, withoutPath(err))
}
