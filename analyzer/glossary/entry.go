package glossary

import (
	"slices"
	"sync"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
)

// Kind is what an entry explains.
type Kind uint8

// The kinds, in the order in which they are listed.
const (
	State Kind = iota
	Errno
	Term
	Code
)

// String returns the heading of a list of this kind: "States".
func (k Kind) String() string {
	return [...]string{"States", "Errors of socket calls", "Terms", "Findings"}[k]
}

// Entry explains one word. Texts are plain prose, to be wrapped; what is empty
// has nothing to say.
type Entry struct {
	Kind   Kind
	Name   string   // as the field writes it: "CLOSE_WAIT", "accept queue"
	Also   []string // other names and numbers that it is found under
	Number int      // of an errno, as Linux has it
	Label  string   // what it is: "state", "errno 104", "finding, error"
	Title  string   // one line
	Text   string
	Parts  []Part
	In     []tcpstate.Rule // of a state: the transitions that lead there
	Out    []tcpstate.Rule // and those that lead away
	Myth   string          // what is often said and is not so, and what is
	Check  []string        // commands to look with, ready to paste
	Refs   []string        // "RFC 9293 §3.6", "accept(2)"
	See    []string        // names of other entries
}

// Part is a paragraph of an entry with the question that it answers.
type Part struct{ Label, Text string }

// entries is the whole glossary, in the order of kinds. Who only reads a capture does
// not wait for it.
var entries = sync.OnceValue(func() []Entry {
	return slices.Concat(stateEntries(), errnoEntries(), termEntries(), codeEntries())
})

// Entries returns the whole glossary, in the order of kinds.
func Entries() []Entry { return slices.Clone(entries()) }
