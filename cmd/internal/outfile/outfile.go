// Package outfile writes files of which readers find the old content or all of the
// new, never a part.
//
//	Create -> Write … -> Commit, or Discard
package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is new content on its way. What is no regular file, such as a pipe, is
// written to as it stands.
type File struct {
	temp   *os.File
	name   string // as the caller knows it
	target string // what is replaced; "" when temp is the file itself
	mode   fs.FileMode
}

// Create makes room for the new content of a file, which Commit puts in its place.
// The file's mode stays, and so do links to it.
func Create(name string) (*File, error) {
	f := &File{name: name, target: name, mode: 0o644}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		f.target = target
	}
	info, err := os.Stat(f.target)
	switch {
	case err == nil && !info.Mode().IsRegular():
		f.target = ""
		f.temp, err = os.OpenFile(name, os.O_WRONLY, 0)
		return f, f.failure(err)
	case err == nil:
		f.mode = info.Mode().Perm()
	}
	f.temp, err = os.CreateTemp(filepath.Dir(f.target), "."+filepath.Base(f.target)+".*")
	return f, f.failure(err)
}

// Write adds to the new content.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.temp.Write(p)
	return n, f.failure(err)
}

// Commit puts the new content in place. Without it nothing changes.
func (f *File) Commit() error {
	if f.target == "" {
		return f.failure(f.temp.Close())
	}
	err := errors.Join(f.temp.Chmod(f.mode), f.temp.Close())
	if err == nil {
		err = os.Rename(f.temp.Name(), f.target)
	}
	if err != nil {
		os.Remove(f.temp.Name())
	}
	return f.failure(err)
}

// Discard drops the new content. After Commit it does nothing.
func (f *File) Discard() {
	if f.temp.Close() == nil && f.target != "" {
		os.Remove(f.temp.Name())
	}
}

// failure names the file as the caller does: the temporary name would say nothing.
func (f *File) failure(err error) error {
	if err == nil {
		return nil
	}
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("cannot write %s: %w", f.name, err)
}

// Write replaces a file by data.
func Write(name string, data []byte) error {
	f, err := Create(name)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}
