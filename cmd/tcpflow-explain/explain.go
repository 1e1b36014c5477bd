package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/glossary"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// newExplain returns the subcommand that explains words; show is called with the
// word, "" for the list of all, and with raw's colour and width, checked.
func newExplain(raw *rawFlags, show func(word string, o options) error) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE | STATE | ERRNO | TERM]",
		Short: "Explain a finding, a state, an error of a socket call or a term; alone: list them all",
		Example: `  tcpflow-explain explain CLOSE_WAIT
  tcpflow-explain explain final-ack-lost
  tcpflow-explain explain 104
  tcpflow-explain explain accept queue`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, words []string) error {
			for _, check := range []func([]string) error{raw.checkNumbers, raw.checkWords} {
				if err := check(nil); err != nil {
					return err
				}
			}
			return show(strings.Join(words, " "), options{color: raw.color, width: raw.width})
		},
	}
}

// explain prints what goes by word, or the list of all that can be explained.
func (c console) explain(word string, o options) error {
	if word == "" {
		return sink.WriteIndex(c.stdout, glossary.Entries(), c.textOptions(o))
	}
	entries := glossary.Find(word)
	if len(entries) == 0 {
		return usagef("%s", notExplained(word))
	}
	return sink.WriteEntries(c.stdout, entries, c.textOptions(o))
}

// notExplained says that word is unknown, and what it may have meant.
func notExplained(word string) string {
	const most = 4
	near := glossary.Nearest(word, most)
	if len(near) == 0 {
		return fmt.Sprintf("nothing is called %q: type tcpflow-explain explain for the list", word)
	}
	last := len(near) - 1
	meant := near[last]
	if last > 0 {
		meant = strings.Join(near[:last], ", ") + " or " + meant
	}
	return fmt.Sprintf("nothing is called %q: did you mean %s?", word, meant)
}
