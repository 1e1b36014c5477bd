package glossary

import "slices"

// termEntries returns the terms in the order of a connection's life.
func termEntries() []Entry {
	var out []Entry
	for _, e := range slices.Concat(openingTerms, closingTerms, goneTerms, transferTerms, resetTerms, socketTerms) {
		e.Kind, e.Label = Term, "term"
		out = append(out, e)
	}
	return out
}
