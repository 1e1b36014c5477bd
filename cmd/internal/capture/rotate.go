package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Rotation says when a Writer goes on to another file, and how many there may be.
// Names are those of tcpdump's -C, -G and -W.
type Rotation struct {
	Size  int64         // a file that has become larger is the last but one; 0 is no limit
	Every time.Duration // a file is for so long, by the capture's clock; 0 for ever
	Files int           // with Size: so many, then the first is overwritten; with Every alone: so many, then ErrLastFile; 0 is no limit
}

// ErrLastFile says that as many files have been written as were asked for.
var ErrLastFile = errors.New("the last file is full")

// rotation is a Rotation that is going on.
type rotation struct {
	Rotation
	path  string // as it was given: a format of time with Every
	since int64  // capture time at which the present period began
	count int    // files before this one, of the period
	made  int    // files before this one, of all periods
}

// CreateRotating is Create for a series of files; now is the capture's clock.
func CreateRotating(path string, snapLength int, o Rotation, now int64) (*Writer, error) {
	if o == (Rotation{}) {
		return Create(path, snapLength)
	}
	r := &rotation{Rotation: o, path: path, since: now}
	w, err := Create(r.name(), snapLength)
	if err != nil {
		return nil, err
	}
	w.rotation = r
	return w, nil
}

// due reports whether a frame of a time goes into the next file.
func (r *rotation) due(w *Writer, now int64) bool {
	return r.Size > 0 && w.written > r.Size || r.Every > 0 && now-r.since >= int64(r.Every)
}

// last reports whether the present file is the last one.
func (r *rotation) last() bool {
	return r.Files > 0 && r.Size == 0 && r.made+1 >= r.Files
}

// next turns to the next file's name.
func (r *rotation) next(now int64) {
	r.made++
	if r.Every > 0 && now-r.since >= int64(r.Every) {
		r.since, r.count = now, 0
		return
	}
	r.count++
	if r.Files > 0 && r.Size > 0 {
		r.count %= r.Files
	}
}

// name is the path with its time filled in, and with the file's number behind it:
// with as many digits as the last one has when it is known, otherwise none for the first.
func (r *rotation) name() string {
	name := r.path
	if r.Every > 0 {
		name = formatTime(r.path, time.Unix(0, r.since))
	}
	switch {
	case r.Files > 0 && r.Size > 0:
		return fmt.Sprintf("%s%0*d", name, len(strconv.Itoa(r.Files-1)), r.count)
	case r.count > 0:
		return name + strconv.Itoa(r.count)
	}
	return name
}

// Rotate completes the present file and begins the next; after an error that says which
// one could not be made, the Writer goes on with the present one. Without a Rotation that is the
// path again when somebody has moved the file away, otherwise the path with a number.
func (w *Writer) Rotate(now int64) error {
	if w.file == nil {
		return nil // standard output
	}
	linkType, begun := w.linkType, w.begun
	if err := w.Begin(linkTypeEthernet); err != nil { // of a file without frames
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	file, err := w.create(now)
	if err != nil {
		return fmt.Errorf("cannot write the file after %s: %w", w.name, err)
	}
	if err := w.file.Close(); err != nil {
		return w.wrap(errors.Join(err, file.Close()))
	}
	w.name, w.file, w.begun = file.Name(), file, false
	w.out.Reset(file)
	if !begun {
		return nil
	}
	return w.Begin(linkType)
}

// create makes the next file.
func (w *Writer) create(now int64) (*os.File, error) {
	if w.rotation != nil {
		w.rotation.next(now)
		return os.Create(w.rotation.name())
	}
	for n := 0; ; n++ {
		name := w.path
		if n > 0 {
			name += strconv.Itoa(n)
		}
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// formatTime is strftime(3), as far as file names need it, in local time.
func formatTime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch layout, known := timeLayouts[format[i]]; {
		case known:
			b.WriteString(t.Format(layout))
		case format[i] == 's':
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case format[i] == '%':
			b.WriteByte('%')
		default:
			b.WriteString(format[i-1 : i+1])
		}
	}
	return b.String()
}

// timeLayouts are conversions of strftime as layouts of package time.
var timeLayouts = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'j': "002",
	'b': "Jan", 'a': "Mon", 'Z': "MST", 'z': "-0700", 'F': "2006-01-02", 'T': "15:04:05",
}
