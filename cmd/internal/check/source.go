package check

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// source is a file that errors point into.
type source struct {
	name  string
	lines []string
}

func newSource(name string, data []byte) *source {
	return &source{name, strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")}
}

// fault is an error at a place: line and column from 1, in characters.
func (s *source) fault(line, column int, message string) error {
	text := ""
	if line >= 1 && line <= len(s.lines) {
		text = s.lines[line-1]
	}
	// A tab stays one, so that the caret stands below what it points at.
	before := []rune(text)[:min(max(column-1, 0), len([]rune(text)))]
	for i, r := range before {
		if r != '\t' {
			before[i] = ' '
		}
	}
	return fmt.Errorf("%s:%d:%d: %s\n%5d | %s\n      | %s^", s.name, line, column, message, line, text, string(before))
}

// find returns the place of a character of an expression that begins at or after a
// place of the file. Blanks do not count: YAML folds lines. An expression that is
// written with escapes is not found, and the place where it begins is returned.
func (s *source) find(text string, at fault, line, column int) (int, int) {
	var want []rune
	before := 0 // characters of want ahead of the one sought
	for i, l := range strings.Split(text, "\n") {
		for k, r := range []rune(l) {
			if unicode.IsSpace(r) {
				continue
			}
			want = append(want, r)
			if i+1 < at.line || i+1 == at.line && k+1 < at.column {
				before++
			}
		}
	}
	have := s.characters(line, column)
	for i := 0; i+len(want) <= len(have); i++ {
		if !slices.EqualFunc(have[i:i+len(want)], want, func(c character, r rune) bool { return c.r == r }) {
			continue
		}
		if before < len(want) {
			return have[i+before].line, have[i+before].column
		}
		last := have[i+len(want)-1] // something is missing at the end
		return last.line, last.column + 1
	}
	return line, column
}

// character is one of a file that is no blank.
type character struct {
	r            rune
	line, column int
}

func (s *source) characters(line, column int) []character {
	var all []character
	for i := line - 1; i < len(s.lines); i++ {
		for k, r := range []rune(s.lines[i]) {
			if (i > line-1 || k+1 >= column) && !unicode.IsSpace(r) {
				all = append(all, character{r, i + 1, k + 1})
			}
		}
	}
	return all
}

// hint tells what is behind an error of YAML that speaks of something else: an
// expression may begin with a quotation mark, a plain scalar may not.
func (s *source) hint(line int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	_, value, found := strings.Cut(s.lines[line-1], ": ")
	if value = strings.TrimSpace(value); !found || value == "" {
		return ""
	}
	if strings.ContainsAny(value[:1], "\"'!#[{&*|>%@`") || strings.Contains(value, ": ") {
		return "; an expression that begins with a sign, or holds a colon, stands in single quotes"
	}
	return ""
}
