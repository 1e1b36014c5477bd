package compare

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// MarshalJSON writes counts as integers and timings as seconds, as the NDJSON
// report has them.
func (c Change) MarshalJSON() ([]byte, error) {
	type plain struct {
		What   string      `json:"what"`
		Name   string      `json:"name,omitempty"`
		Before json.Number `json:"before"`
		After  json.Number `json:"after"`
	}
	out := plain{c.What, c.Name, json.Number(strconv.Itoa(c.Before)), json.Number(strconv.Itoa(c.After))}
	if c.Timing {
		out.Before, out.After = seconds(*c.Was), seconds(*c.Is)
	}
	return json.Marshal(out)
}

func seconds(d time.Duration) json.Number {
	return json.Number(strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
}

// WriteJSON writes the difference as one JSON object.
func (d *Difference) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(d)
}

// WriteText writes the difference for people: services that changed with what
// did, the others in a line.
func (d *Difference) WriteText(w io.Writer, p sink.Palette) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%q -> %q\n", d.Before, d.After)
	for _, s := range d.Services {
		if s.changed() {
			s.write(b, p)
		} else {
			fmt.Fprintf(b, "%s: unchanged, connections: %d\n", s.Name, s.Before)
		}
	}
	if !d.Changed() {
		fmt.Fprintln(b, p.Paint(sink.Good, "nothing changed"))
	}
	return b.Flush()
}

func (s *Service) write(w io.Writer, p sink.Palette) {
	head := fmt.Sprintf("%s: connections %d -> %d", s.Name, s.Before, s.After)
	switch {
	case s.Before == 0:
		head += ", new"
	case s.After == 0:
		head += ", gone"
	}
	fmt.Fprintln(w, p.Paint(sink.Strong, head))
	for i := range s.Changes {
		c := &s.Changes[i]
		if c.Timing {
			fmt.Fprintf(w, "   %s, median: %s -> %s%s\n", c.What, c.Was, c.Is, percent(*c.Was, *c.Is))
		} else {
			fmt.Fprintf(w, "   %s %s: %d -> %d\n", c.What, c.Name, c.Before, c.After)
		}
	}
}

// percent is the change relative to what was, "" when that was nothing.
func percent(was, is time.Duration) string {
	if was == 0 {
		return ""
	}
	return fmt.Sprintf(" (%+.0f %%)", 100*float64(is-was)/float64(was))
}
