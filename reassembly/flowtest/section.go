package flowtest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Section is the place in a text file whose content is made by a program: what stands
// between two lines that mark it.
type Section struct{ Path, Begin, End string }

// split returns what is before the section, in it and after it, the marks left out.
func (s Section) split() (before, held, after string, err error) {
	text, err := os.ReadFile(s.Path)
	if err != nil {
		return "", "", "", err
	}
	before, rest, found := strings.Cut(string(text), s.Begin)
	held, after, closed := strings.Cut(rest, s.End)
	if !found || !closed {
		return "", "", "", fmt.Errorf("%s has no place between %q and %q", s.Path, s.Begin, s.End)
	}
	return before, held, after, nil
}

// Write replaces what the section holds.
func (s Section) Write(text string) error {
	before, _, after, err := s.split()
	if err != nil {
		return err
	}
	return os.WriteFile(s.Path, []byte(before+s.Begin+text+s.End+after), 0o644)
}

// Hold fails a test when the section holds anything but text; update rewrites it instead.
func (s Section) Hold(tb testing.TB, text string, update bool) {
	tb.Helper()
	_, held, _, err := s.split()
	switch {
	case err != nil:
		tb.Fatal(err)
	case held == text:
	case !update:
		tb.Fatalf("%s holds something else after %q; -update rewrites it", s.Path, strings.TrimSpace(s.Begin))
	default:
		if err := s.Write(text); err != nil {
			tb.Fatal(err)
		}
	}
}
