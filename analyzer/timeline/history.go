package timeline

// maxSingles is how many marks a connection's history holds before repeated
// remarks of one kind are folded like plain data. It bounds the memory of a
// connection that retransmits or probes for hours.
const maxSingles = 96

// history is the list of marks of one connection. Runs of plain segments are
// folded as they come: one mark for each direction.
type history struct {
	marks []Mark
	runs  int // how many marks at the tail may still take in more: at most maxRuns
}

// maxRuns is two sides by two kinds: the flow of data, and what is folded
// although it is noteworthy.
const maxRuns = 4

// passing are the remarks that a run does not keep apart: counters have them.
const passing = WindowUpdate | DuplicateAck | OutOfOrder

// add appends m, or folds it into a run of its own side at the tail.
func (h *history) add(m *Mark, plain bool) {
	if !plain && len(h.marks) < maxSingles {
		h.grow()
		h.marks = append(h.marks, *m)
		h.runs = 0
		return
	}
	for i := len(h.marks) - h.runs; i < len(h.marks); i++ {
		if t := &h.marks[i]; t.From == m.From && t.kind() == m.kind() && t.control() == m.control() {
			t.extend(m)
			return
		}
	}
	h.runs = min(h.runs+1, maxRuns)
	h.marks = append(h.marks, *m)
	if len(h.marks) > 4*maxSingles {
		h.thin()
	}
}

// grow makes room for what most connections come to at once.
func (h *history) grow() {
	if h.marks == nil {
		h.marks = make([]Mark, 0, 16)
	}
}

// thin drops the middle of a history that grew in spite of folding: its beginning
// and its end are what states are inferred from.
func (h *history) thin() {
	keep := maxSingles
	h.marks = append(h.marks[:keep], h.marks[len(h.marks)-keep:]...)
}

// kind returns the remarks that keep two marks of one side from sharing a run.
func (m *Mark) kind() Note { return m.Notes &^ passing }
