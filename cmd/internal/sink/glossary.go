package sink

import (
	"io"
	"strconv"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/glossary"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
)

// Columns of the glossary: what stands beside a label, and the titles of the list.
const (
	entryColumn = 14
	titleColumn = 27
)

// WriteEntries explains each entry in full.
func WriteEntries(w io.Writer, entries []glossary.Entry, o TextOptions) error {
	s := newScreen(w, &o)
	for i := range entries {
		if i > 0 {
			s.end()
		}
		s.glossaryEntry(&entries[i])
	}
	return s.flush()
}

func (s *screen) glossaryEntry(e *glossary.Entry) {
	s.put(Strong, e.Name)
	s.gap(1)
	s.put(Dim, "("+e.Label+")")
	s.end()
	s.pad(3)
	s.wrap(3, Plain, e.Title)
	s.end()
	if e.Text != "" {
		s.wrap(3, Plain, e.Text)
	}
	for _, p := range e.Parts {
		s.labelled(p.Label, Plain, p.Text)
	}
	s.transitions("In", e.In)
	s.transitions("Out", e.Out)
	s.labelled("Myth", Plain, e.Myth)
	for i, check := range e.Check {
		s.entryLabel(i, "Check")
		s.put(Strong, check) // never wrapped: it is to be pasted
		s.end()
	}
	s.labelled("See", Dim, strings.Join(e.Refs, ", "))
	s.labelled("Related", Plain, strings.Join(e.See, ", "))
}

// labelled writes a paragraph beside its label, nothing when it is empty.
func (s *screen) labelled(label string, style Style, text string) {
	if text == "" {
		return
	}
	s.entryLabel(0, label)
	s.wrap(entryColumn, style, text)
}

func (s *screen) transitions(label string, rules []tcpstate.Rule) {
	for i := range rules {
		s.entryLabel(i, label)
		s.wrap(entryColumn, Plain, rules[i].String())
	}
}

// entryLabel names a list at its first line.
func (s *screen) entryLabel(i int, name string) {
	if i == 0 {
		s.pad(3)
		s.put(Dim, name)
	}
	s.pad(entryColumn)
}

// WriteIndex lists the names of entries by kind, each with its title.
func WriteIndex(w io.Writer, entries []glossary.Entry, o TextOptions) error {
	s := newScreen(w, &o)
	for i := range entries {
		e := &entries[i]
		if i == 0 || e.Kind != entries[i-1].Kind {
			if i > 0 {
				s.end()
			}
			s.put(Strong, e.Kind.String())
			s.end()
		}
		s.pad(2)
		s.put(Plain, e.Name)
		s.gap(1)
		if e.Number != 0 {
			s.put(Plain, strconv.Itoa(e.Number))
			s.gap(1)
		}
		s.pad(titleColumn)
		s.wrap(titleColumn, Dim, e.Title)
	}
	return s.flush()
}
