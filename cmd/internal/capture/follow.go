package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Follow opens a capture that is still being written: at its present end Next returns
// ErrTimeout and goes on later. "-" is standard input, which may come slowly and ends
// when its writer closes it; a file never ends. Follow waits until the header of the
// capture is there. Compressed captures cannot be followed.
func Follow(path string) (Source, error) {
	if path == "-" {
		return follow(path, os.Stdin)
	}
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	source, err := follow(path, file)
	if err != nil {
		file.Close()
	}
	return source, err
}

func follow(name string, file *os.File) (Source, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", shown(name), withoutPath(err))
	}
	end := &tail{file: file, regular: info.Mode().IsRegular(), patient: true}
	input := bufio.NewReaderSize(end, 64<<10)
	if magic, _ := input.Peek(4); isCompressed(magic) {
		return nil, fmt.Errorf("%s is compressed and cannot be followed: follow the file that is being written, or leave --follow out", shown(name))
	}
	source, err := newFormatReader(name, input)
	if err != nil {
		return nil, err
	}
	end.patient = false
	source.closeWith([]io.Closer{file})
	return source, nil
}

// tail reads a file that grows, or a pipe that brings bytes now and then.
type tail struct {
	file    *os.File
	regular bool
	patient bool  // wait for bytes for ever, instead of returning ErrTimeout
	offset  int64 // bytes read
}

// Read returns ErrTimeout when nothing has come within PollInterval.
func (t *tail) Read(p []byte) (int, error) {
	for {
		n, err := t.try(p)
		t.offset += int64(n)
		if n > 0 || err != ErrTimeout || !t.patient {
			return n, err
		}
	}
}

func (t *tail) try(p []byte) (int, error) {
	if !t.regular {
		return t.tryPipe(p)
	}
	n, err := t.file.Read(p)
	if n > 0 || err != io.EOF {
		return n, err
	}
	if info, err := t.file.Stat(); err == nil && info.Size() < t.offset {
		return 0, errors.New("the file has become shorter while it was followed")
	}
	time.Sleep(PollInterval)
	return 0, ErrTimeout
}

// tryPipe asks first, because a read of a pipe cannot be given up.
func (t *tail) tryPipe(p []byte) (int, error) {
	ready, err := unix.Poll([]unix.PollFd{{Fd: int32(t.file.Fd()), Events: unix.POLLIN}}, int(PollInterval.Milliseconds()))
	switch {
	case ready == 0 && err == nil, err == unix.EINTR:
		return 0, ErrTimeout
	case err != nil:
		return 0, err
	}
	return t.file.Read(p)
}
