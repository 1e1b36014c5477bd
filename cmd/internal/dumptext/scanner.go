package dumptext

import "strings"

// scanner is what is left of a text. Its methods take what they read off its front,
// and leave it alone when they find something else.
type scanner string

// take takes a prefix.
func (s *scanner) take(prefix string) bool {
	rest, ok := strings.CutPrefix(string(*s), prefix)
	*s = scanner(rest)
	return ok
}

// skip takes all bytes of a set.
func (s *scanner) skip(set string) {
	*s = scanner(strings.TrimLeft(string(*s), set))
}

// word takes everything up to a space, and the spaces after it.
func (s *scanner) word() string {
	w, rest, _ := strings.Cut(string(*s), " ")
	*s = scanner(strings.TrimLeft(rest, " "))
	return w
}

// number takes a decimal number of at most ten digits, as fits every field of a
// header, and reports how many digits it had; 0 when there is no such number.
func (s *scanner) number() (n uint64, digits int) {
	const most = 10
	for digits < len(*s) && isDigit((*s)[digits]) {
		if digits == most {
			return 0, 0
		}
		n = n*10 + uint64((*s)[digits]-'0')
		digits++
	}
	*s = (*s)[digits:]
	return n, digits
}

// uint32 takes a number of 32 bits.
func (s *scanner) uint32() (uint32, bool) {
	n, digits := s.number()
	return uint32(n), digits > 0 && n <= 1<<32-1
}

// after returns the number behind the last occurrence of a label.
func after(text, label string) (uint32, bool) {
	i := strings.LastIndex(text, label)
	if i < 0 {
		return 0, false
	}
	s := scanner(text[i+len(label):])
	return s.uint32()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
