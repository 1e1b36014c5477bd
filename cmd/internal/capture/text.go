package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// OpenText opens a file with something else than a capture, or standard input for "-",
// and decompresses it as Open does. The errors are those of Open.
func OpenText(path string) (io.ReadCloser, error) {
	f, err := os.Stdin, error(nil)
	if path != "-" {
		if f, err = openRegular(path); err != nil {
			return nil, err
		}
	}
	r, closers, err := decompress(bufio.NewReader(f))
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot read %s: %w", shown(path), err)
	}
	return &textFile{r, append(closers, f)}, nil
}

// textFile closes what it reads through, the file last.
type textFile struct {
	io.Reader
	closers []io.Closer
}

func (t *textFile) Close() error {
	var errs []error
	for _, c := range t.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
