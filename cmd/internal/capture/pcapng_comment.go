package capture

import (
	"fmt"
	"strings"
)

// comment is the option of any block that holds text about it, in UTF-8.
const comment = 1

// Comment implements Commenter.
func (r *pcapngReader) Comment() string {
	if len(r.options) == 0 {
		return ""
	}
	var texts []string
	for code, value, rest := r.big.option(r.options); code != endOfOptions; code, value, rest = r.big.option(rest) {
		if text := strings.TrimRight(string(value), "\x00"); code == comment && text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}

// Notes implements Noter.
func (r *pcapngReader) Notes() []string {
	var notes []string
	if r.secrets {
		notes = append(notes, "The file carries TLS secrets: whoever has it can decrypt the traffic.")
	}
	if r.number == 0 && r.unknown > 0 {
		notes = append(notes, fmt.Sprintf("The file holds no packet, and %d blocks of kinds that are not known here.", r.unknown))
	}
	return notes
}
