package sink

import (
	"strconv"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// part is a piece of an arrow's label. When room is short, the pieces of the
// highest rank go first; rank 0 stays.
type part struct {
	text string
	rank int
}

// markLabel says what a mark is: flags and numbers, then what was recognised in
// it. since is how long after an earlier copy it came, where it is one.
func markLabel(m *timeline.Mark, since string, verbose bool) []part {
	if m.ICMP != nil {
		return []part{{icmpName(m.ICMP), 0}, {"from " + router(m.ICMP), 1}}
	}
	label := segmentLabel(m, verbose)
	if notes := noteText(m); notes != "" {
		label = append(label, part{notes + since, 0})
	}
	if m.Fate == timeline.Ignored {
		label = append(label, part{"ignored", 0})
	}
	return label
}

// segmentLabel is "SYN,ACK seq=0 ack=1 len=5", the window where it is asked for.
func segmentLabel(m *timeline.Mark, window bool) []part {
	label := []part{{m.Flags.String(), 0}}
	bare := m.Seq == m.End
	seq := part{"seq=" + strconv.FormatInt(m.Seq, 10), 1}
	if bare {
		seq.rank = 3
	}
	label = append(label, seq)
	if m.Flags.Has(reassembly.ACK) {
		ack := part{"ack=" + strconv.FormatInt(m.Ack, 10), 3}
		if bare {
			ack.rank = 1
		}
		label = append(label, ack)
	}
	if m.Len > 0 {
		label = append(label, part{"len=" + strconv.FormatInt(m.Len, 10), 2})
	}
	if window {
		label = append(label, part{"win=" + strconv.FormatInt(m.Window, 10), 4})
	}
	return label
}

// noteText joins the words for a mark's notes.
func noteText(m *timeline.Mark) string {
	text := ""
	for i := range noteWords {
		if m.Notes&noteWords[i].note == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += noteWords[i].words
	}
	return text
}

// fit joins the parts of a label, leaving out the least important where all are
// too long.
func fit(label []part, room int) string {
	for rank := 4; rank > 0 && len(labelText(label)) > room; rank-- {
		var kept []part
		for _, p := range label {
			if p.rank != rank {
				kept = append(kept, p)
			}
		}
		label = kept
	}
	return labelText(label)
}

func labelText(label []part) string {
	texts := make([]string, len(label))
	for i, p := range label {
		texts[i] = p.text
	}
	return strings.Join(texts, " ")
}

// head is the end of an arrow and its colour: by fate first, then by sender.
func (s *screen) head(m *timeline.Mark) (string, Style) {
	head := s.right
	switch {
	case m.Fate == timeline.Lost:
		head = s.lost
	case m.Fate == timeline.Ignored:
		head = s.ignored
	case m.From == timeline.Server:
		head = s.left
	}
	return head, arrowStyle(m)
}

func arrowStyle(m *timeline.Mark) Style {
	switch {
	case m.Fate == timeline.Lost:
		return Warn
	case m.Fate == timeline.Ignored:
		return Dim
	case m.ICMP != nil || m.Flags.Has(reassembly.RST):
		return Bad
	case m.From == timeline.Server:
		return Server
	}
	return Client
}
