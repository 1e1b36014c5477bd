package capture

import (
	"errors"
	"fmt"
	"io"
)

// windowSize is what one read asks for: larger gains nothing, smaller costs calls.
const windowSize = 256 << 10

// window is a reader's view of the bytes ahead, without a copy per record. It grows
// beyond windowSize only by what has really arrived, so that a record which claims
// an insane length costs no memory.
type window struct {
	input      io.Reader
	buf        []byte
	start, end int   // unread bytes: buf[start:end]
	offset     int64 // of buf[start] in the stream
	err        error // from input, once it failed
	closers    []io.Closer
}

func newWindow(r io.Reader) *window {
	return &window{input: r, buf: make([]byte, windowSize)}
}

// peek returns the next n bytes without moving on; they are valid until the next
// call of peek or discard. With fewer than n left it returns those and the error
// that ended the input.
func (w *window) peek(n int) ([]byte, error) {
	if w.end-w.start >= n {
		return w.buf[w.start : w.start+n], nil
	}
	return w.fill(n)
}

// skip moves on by n bytes that peek has shown.
func (w *window) skip(n int) {
	w.start += n
	w.offset += int64(n)
}

// discard moves on by n bytes, however many, without keeping them. It returns how
// many there were.
func (w *window) discard(n int64) (int64, error) {
	left := n
	for left > int64(w.end-w.start) {
		left -= int64(w.end - w.start)
		w.skip(w.end - w.start)
		if _, err := w.fill(1); err != nil {
			return n - left, err
		}
	}
	w.skip(int(left))
	return n, nil
}

func (w *window) fill(n int) ([]byte, error) {
	for w.end-w.start < n {
		if w.err != nil {
			return w.buf[w.start:w.end], w.err
		}
		w.makeRoom(n)
		if w.read(); w.err == ErrTimeout {
			w.err = nil
			return w.buf[w.start:w.end], ErrTimeout
		}
	}
	return w.buf[w.start : w.start+n], nil
}

// makeRoom moves the unread bytes to the front. When they fill the buffer, all of it
// is one record, and the buffer doubles.
func (w *window) makeRoom(n int) {
	unread := w.buf[w.start:w.end]
	if len(unread) == len(w.buf) {
		w.buf = make([]byte, min(n, 2*len(unread)))
	}
	w.end = copy(w.buf, unread)
	w.start = 0
}

// maxEmptyReads is how often a reader may return neither bytes nor an error.
const maxEmptyReads = 100

func (w *window) read() {
	for range maxEmptyReads {
		got, err := w.input.Read(w.buf[w.end:])
		w.end += got
		w.err = err
		if got > 0 || err != nil {
			return
		}
	}
	w.err = io.ErrNoProgress
}

// damage reports that the record at the current offset cannot be read.
func (w *window) damage(format string, args ...any) error {
	return &DamageError{Offset: w.offset, Reason: fmt.Sprintf(format, args...)}
}

// ended tells the end of a capture, io.EOF, from a record of which only the first got
// bytes are there.
func (w *window) ended(err error, record string, wanted, got int) error {
	if got == 0 && err == io.EOF {
		return io.EOF
	}
	return cut(w.offset, err, record, int64(wanted), int64(got))
}

// cut reports that the input ended, by err, within the record that begins at offset.
// When the input may still grow, it has not ended, and ErrTimeout stays what it is.
func cut(offset int64, err error, record string, wanted, got int64) error {
	if err == ErrTimeout {
		return err
	}
	reason := fmt.Sprintf("the file ends in the middle of %s (wanted %d bytes, got %d)", record, wanted, got)
	if err != io.EOF {
		reason = err.Error()
	}
	return &DamageError{Offset: offset, Reason: reason}
}

// closeWith names what Close closes, in this order.
func (w *window) closeWith(closers []io.Closer) { w.closers = closers }

// Close closes the input and what decompresses it.
func (w *window) Close() error {
	var errs []error
	for _, c := range w.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
