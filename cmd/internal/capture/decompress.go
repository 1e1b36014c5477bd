package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// zstdWindow bounds the memory that a zstd file can ask for, in bytes: as much as
// `zstd --long` writes and as the zstd program accepts without being told.
const zstdWindow = 128 << 20

// decompress returns what r holds, decompressed if its first bytes say that it is
// compressed. Reading goes only as far as the caller asks, so that a pipe works.
func decompress(r *bufio.Reader) (*bufio.Reader, []io.Closer, error) {
	magic, _ := r.Peek(4) // an error comes again with the next read
	switch {
	case len(magic) == 4 && magic[0] == 0x1f && magic[1] == 0x8b:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, compressionError("gzip", err)
		}
		return bufferedErrors("gzip", z), []io.Closer{z}, nil
	case len(magic) == 4 && bigEndian(false).u32(magic) == 0xfd2fb528:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, nil, compressionError("zstd", err)
		}
		return bufferedErrors("zstd", z), []io.Closer{z.IOReadCloser()}, nil
	}
	return r, nil, nil
}

// bufferedErrors makes the errors of a decompressor say where they come from.
func bufferedErrors(format string, r io.Reader) *bufio.Reader {
	return bufio.NewReaderSize(&explained{format, r}, 64<<10)
}

type explained struct {
	format string
	r      io.Reader
}

func (e *explained) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if err != nil && err != io.EOF {
		err = compressionError(e.format, err)
	}
	return n, err
}

func compressionError(format string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %s data ends too early", format)
	}
	return fmt.Errorf("the %s data is damaged: %w", format, err)
}
