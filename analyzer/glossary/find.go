package glossary

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Find returns every entry that goes by word, in any case and with any or no
// signs between its parts: "syn-recv", "SYN_RCVD", "half closed", "104". A term
// and a finding may share a name.
func Find(word string) []Entry {
	var out []Entry
	k := key(word)
	for _, e := range entries() {
		if k != "" && slices.ContainsFunc(e.names(), func(n string) bool { return key(n) == k }) {
			out = append(out, e)
		}
	}
	return out
}

func (e *Entry) names() []string { return append([]string{e.Name}, e.Also...) }

// key is what spellings of one name have in common: letters and digits in lower case.
func key(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// Nearest returns the names of at most n entries that word may have meant,
// likeliest first: those that it is a part of, and those a few letters away.
func Nearest(word string, n int) []string {
	type candidate struct {
		name     string
		distance int
	}
	var all []candidate
	k := []rune(key(word))
	for _, e := range entries() {
		best := len(k)/3 + 1 // farther is not near
		for _, name := range e.names() {
			best = min(best, distance(k, []rune(key(name))))
		}
		if best <= len(k)/3 && !slices.ContainsFunc(all, func(c candidate) bool { return c.name == e.Name }) {
			all = append(all, candidate{e.Name, best})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, c := range all[:min(n, len(all))] {
		names = append(names, c.name)
	}
	return names
}

// distance is 1 where a is a part of b, or the letters to change, insert and
// take out to make the one of the other, two that changed places counting once
// (optimal string alignment).
func distance(a, b []rune) int {
	if len(a) >= 3 && strings.Contains(string(b), string(a)) {
		return 1
	}
	row, above := make([]int, len(b)+1), []int(nil) // the last row of the table, and the one above
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			next[j+1] = min(row[j+1], next[j]) + 1
			switch {
			case a[i] == b[j]:
				next[j+1] = min(next[j+1], row[j])
			case i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j]:
				next[j+1] = min(next[j+1], row[j]+1, above[j-1]+1)
			default:
				next[j+1] = min(next[j+1], row[j]+1)
			}
		}
		above, row = row, next
	}
	return row[len(b)]
}
