package ci

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/outfile"
)

// format is one that the command line can name.
type format struct {
	name  string
	write func(io.Writer, *check.Report) error
	log   bool // lines for a log, which can share standard output with others
}

// formats are all but "text", which the caller lays out.
var formats = []format{
	{"junit", JUnit, false},
	{"sarif", SARIF, false},
	{"github", GitHub, true},
	{"gitlab", GitLab, false},
	{"tap", TAP, false},
}

const text = "text"

// Output is a format and where it goes.
type Output struct {
	format
	Path string // "" is standard output
}

// ParseOutputs reads the values of --format: NAME or NAME=FILE. What they leave
// of standard output is for the text.
func ParseOutputs(values []string) ([]Output, error) {
	var outputs []Output
	var free, documents = true, 0 // standard output: unclaimed; formats that need it alone
	for _, value := range values {
		name, path, toFile := strings.Cut(value, "=")
		if toFile && path == "" {
			return nil, fmt.Errorf("--format %s names no file: write %s=FILE", value, name)
		}
		f, ok := find(name)
		if !ok {
			return nil, fmt.Errorf("--format %s: there are text, junit, sarif, github, gitlab and tap", name)
		}
		outputs = append(outputs, Output{f, path})
		if path == "" {
			free = false
			if !f.log {
				documents++
			}
		}
	}
	if free {
		outputs = append(outputs, Output{format{name: text, log: true}, ""})
	}
	// Files first: they are written even when nobody reads standard output any more.
	slices.SortStableFunc(outputs, func(a, b Output) int { return cmp.Compare(b.Path, a.Path) })
	return outputs, separate(outputs, documents)
}

// separate refuses two formats on standard output of which one is a document, and
// two that would overwrite each other.
func separate(outputs []Output, documents int) error {
	on, paths := 0, map[string]bool{}
	for _, o := range outputs {
		if o.Path == "" {
			on++
		} else if paths[o.Path] {
			return fmt.Errorf("two formats are to be written to %s: give each a file of its own", o.Path)
		}
		paths[o.Path] = true
	}
	if documents > 0 && on > 1 {
		return fmt.Errorf("two formats on standard output would mix: give one a file, as in --format junit=out.xml")
	}
	return nil
}

func find(name string) (format, bool) {
	if name == text {
		return format{name: text, log: true}, true
	}
	for _, f := range formats {
		if f.name == name {
			return f, true
		}
	}
	return format{}, false
}

// Write writes all outputs: files whole or not at all, and the text as it is laid
// out by o.
func Write(outputs []Output, stdout io.Writer, r *check.Report, o TextOptions) error {
	for _, out := range outputs {
		write := out.write
		if out.name == text {
			write = func(w io.Writer, r *check.Report) error { return Text(w, r, o) }
		}
		if out.Path == "" {
			if err := write(stdout, r); err != nil {
				return err
			}
			continue
		}
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			return err
		}
		if err := outfile.Write(out.Path, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
