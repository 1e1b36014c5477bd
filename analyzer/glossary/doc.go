// Package glossary explains the words of TCP: states, errors of socket calls,
// the field's terms, and the findings of this program.
//
//	tcpstate.Rules ─┐
//	detect.Rules   ─┼─> Entries -> Find, Nearest
//	own texts      ─┘
//
// The texts are data, a file for each kind. What another package knows is taken
// from there: the transitions of a state, the text of a finding. Where Linux is
// meant, it is Linux 6.18 as measured with real sockets, unless a version is named.
package glossary
