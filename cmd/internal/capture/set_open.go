package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// OpenAll opens what the command line names: one file as Open does, several as a Set.
// A directory stands for the captures in it, a pattern for the files that it matches.
func OpenAll(args []string) (Source, error) {
	inputs, err := resolve(args)
	if err != nil {
		return nil, err
	}
	if len(inputs) == 1 && !inputs[0].found {
		return Open(inputs[0].path)
	}
	return openSet(inputs)
}

// openSet looks for the first frame of each file and sorts the files by its time: the
// names of a ring (tcpdump -W) say nothing about the order.
func openSet(inputs []input) (*Set, error) {
	s := &Set{}
	for _, in := range inputs {
		m, err := s.probe(in)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		if m != nil {
			s.members = append(s.members, m)
		}
	}
	if len(s.members) == 0 {
		return nil, fmt.Errorf("there is no capture with packets among the %d files. %s", len(inputs), strings.Join(s.Notes(), " "))
	}
	slices.SortStableFunc(s.members, func(a, b *member) int { return cmp.Compare(a.first, b.first) })
	for i, name := range shortNames(s.Paths()) {
		s.members[i].name = name
	}
	return s, nil
}

// probe reads the first frame of a file. A file that has none is left out, with a note
// or with its damage; so is what a directory holds besides captures.
func (s *Set) probe(in input) (*member, error) {
	source, err := Open(in.path)
	var empty *emptyError
	switch {
	case errors.As(err, &empty), err != nil && in.found:
		s.notes = append(s.notes, fmt.Sprintf("Left out: %v.", err))
		return nil, nil
	case err != nil:
		return nil, err
	}
	m := &member{path: in.path, source: source}
	err = source.Next(&m.head)
	var damage *DamageError
	switch {
	case errors.As(err, &damage):
		s.damages = append(s.damages, &DamageError{File: in.path, Offset: damage.Offset, Reason: damage.Reason})
		s.notes = append(s.notes, fmt.Sprintf("Left out: %s has no whole packet.", shown(in.path)))
		return nil, source.Close()
	case err == io.EOF:
		s.notes = append(s.notes, fmt.Sprintf("Left out: %s holds no packet.", shown(in.path)))
		return nil, source.Close()
	case err != nil:
		return nil, errors.Join(err, source.Close())
	}
	m.first = m.head.Time
	if in.path == "-" {
		return m, nil // it cannot be opened again
	}
	m.source = nil
	return m, source.Close()
}
