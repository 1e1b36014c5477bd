package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"
)

// Open opens a capture file: pcap of every kind or pcapng, as it is or compressed by
// gzip, zstd or lz4, told by its first bytes and not by its name. "-" is standard input.
// The error is one sentence that names the file; fs.ErrNotExist and fs.ErrPermission
// can be told by errors.Is.
func Open(path string) (Source, error) {
	if path == "-" {
		if term.IsTerminal(int(os.Stdin.Fd())) {
			return nil, errors.New("standard input is a terminal: give a file, or pipe a capture in, as in `tcpdump -w - … | tcpflow-explain -r -`")
		}
		return NewReader(path, os.Stdin)
	}
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	source, err := NewReader(path, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return source, nil
}

// FileError says which file cannot be read, and why.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return fmt.Sprintf("cannot read %s: %v", e.Path, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// openRegular opens anything that can be read from; a directory cannot.
func openRegular(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &FileError{path, withoutPath(err)}
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a directory; give the capture files in it")
	}
	if err != nil {
		f.Close()
		return nil, &FileError{path, withoutPath(err)}
	}
	return f, nil
}

// withoutPath takes the operation and the path off an error, which the caller words
// better.
func withoutPath(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// NewReader reads a capture from r, which it never seeks in, and closes r with the
// Source when r is an io.Closer. The name is for messages; "-" is standard input.
func NewReader(name string, r io.Reader) (Source, error) {
	plain, closers, err := decompress(bufio.NewReaderSize(r, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", shown(name), err)
	}
	if c, ok := r.(io.Closer); ok {
		closers = append(closers, c)
	}
	source, err := newFormatReader(name, plain)
	if err != nil {
		return nil, err
	}
	source.closeWith(closers)
	return source, nil
}

// formatReader is a Source that reads through a window.
type formatReader interface {
	Source
	closeWith([]io.Closer)
}

// newFormatReader chooses the reader by the first bytes.
func newFormatReader(name string, r *bufio.Reader) (formatReader, error) {
	magic, err := r.Peek(4)
	if len(magic) < 4 {
		return nil, tooShort(name, len(magic), err)
	}
	var source formatReader
	if format, ok := pcapFormatOf(magic); ok {
		source, err = newPcapReader(newWindow(r), format)
	} else if bigEndian(true).u32(magic) == sectionBlock {
		source, err = newPcapngReader(newWindow(r))
	} else {
		start, _ := r.Peek(min(recognisable, r.Buffered())) // no waiting: a pipe may have no more
		return nil, notCapture(name, start)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", shown(name), err)
	}
	return source, nil
}

func tooShort(name string, got int, err error) error {
	switch {
	case err != nil && err != io.EOF:
		return fmt.Errorf("cannot read %s: %w", shown(name), err)
	case got == 0:
		return &emptyError{name}
	default:
		return fmt.Errorf("%s is too short for a capture: it has %d bytes", shown(name), got)
	}
}

// emptyError says that a file has no byte.
type emptyError struct{ name string }

func (e *emptyError) Error() string {
	return shown(e.name) + " is empty: not even the header of a capture has been written"
}

// shown is how messages call an input.
func shown(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}
