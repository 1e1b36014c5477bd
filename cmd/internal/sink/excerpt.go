package sink

import (
	"io"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// Rows that an excerpt shows before the first of its frames, and after each.
const (
	rowsBefore = 4
	rowsAfter  = 2
)

// WriteExcerpt draws the rows of a connection's ladder around some frames.
func WriteExcerpt(w io.Writer, c *analyzer.Connection, frames []int, o TextOptions) error {
	s := newScreen(w, &o)
	l := &ladder{screen: s, c: c, rows: around(tell(c, o.Verbose > 0), frames), start: c.Start}
	l.measure()
	l.draw()
	return s.flush()
}

// around returns the rows near frames, with a remark for each stretch left out.
func around(rows []row, frames []int) []row {
	near := make([]bool, len(rows))
	for i := range rows {
		for _, f := range frames {
			if rows[i].first <= f && f <= rows[i].last {
				for k := max(0, i-rowsBefore); k < min(len(rows), i+rowsAfter+1); k++ {
					near[k] = true
				}
			}
		}
	}
	var kept []row
	for i := 0; i < len(rows); {
		if near[i] {
			kept = append(kept, rows[i])
			i++
			continue
		}
		from := i
		for i < len(rows) && !near[i] {
			i++
		}
		kept = append(kept, row{first: rows[from].first, last: rows[i-1].last, time: rows[from].time,
			remark: count(i-from, "more line")})
	}
	return kept
}
