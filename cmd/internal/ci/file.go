package ci

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile replaces a file: readers find the old content or all of the new. What
// is no regular file, such as a pipe, is written to as it stands.
func WriteFile(path string, data []byte) error {
	if err := replace(path, data); err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // the temporary name would say nothing
		}
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

func replace(path string, data []byte) error {
	mode := fs.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // the link stays
	}
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(path, data, mode)
		}
		mode = info.Mode().Perm()
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails once it is renamed
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(mode), temp.Close())
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
