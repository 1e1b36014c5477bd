package analyzer

// phrases keeps the short texts of reports, most of which are the same for many
// connections: one that is known takes no memory.
type phrases map[string]string

// mostPhrases bounds what is kept, whatever the capture holds.
const mostPhrases = 1 << 12

// of returns a text as a string.
func (p *phrases) of(text []byte) string {
	if known, ok := (*p)[string(text)]; ok {
		return known
	}
	if *p == nil || len(*p) >= mostPhrases {
		*p = make(phrases)
	}
	s := string(text)
	(*p)[s] = s
	return s
}
