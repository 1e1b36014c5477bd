package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Magic numbers of the compressed formats that are read, as little-endian words.
const (
	gzipMagic      = 0x8b1f // two bytes only
	zstdMagic      = 0xfd2fb528
	lz4Magic       = 0x184d2204
	lz4LegacyMagic = 0x184c2102
)

// zstdWindow bounds the memory that a zstd file can ask for, in bytes: as much as
// `zstd --long` writes and as the zstd program accepts without being told.
const zstdWindow = 128 << 20

// decompress returns what r holds, decompressed if its first bytes say that it is
// compressed. Reading goes only as far as the caller asks, so that a pipe works.
func decompress(r *bufio.Reader) (*bufio.Reader, []io.Closer, error) {
	magic, _ := r.Peek(4) // an error comes again with the next read
	if !isCompressed(magic) {
		return r, nil, nil
	}
	switch bigEndian(false).u32(magic) {
	case zstdMagic:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, nil, compressionError("zstd", err)
		}
		return bufferedErrors("zstd", z), []io.Closer{z.IOReadCloser()}, nil
	case lz4Magic, lz4LegacyMagic:
		return bufferedErrors("lz4", lz4.NewReader(r)), nil, nil
	default:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, compressionError("gzip", err)
		}
		return bufferedErrors("gzip", z), []io.Closer{z}, nil
	}
}

// isCompressed tells the formats of decompress by their first bytes.
func isCompressed(magic []byte) bool {
	if len(magic) < 4 {
		return false
	}
	word := bigEndian(false).u32(magic)
	return word&0xffff == gzipMagic || word == zstdMagic || word == lz4Magic || word == lz4LegacyMagic
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
