package netsim

import (
	"fmt"
	"strings"
)

// String returns the plan, what became of every segment, and both true
// timelines.
func (r *Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan %v\n", &r.Plan)
	for i := range r.Packets {
		fmt.Fprintln(&b, &r.Packets[i])
	}
	for side, end := range r.Ends {
		fmt.Fprintf(&b, "%s was:", [...]string{"client", "server"}[side])
		for _, c := range end.States {
			fmt.Fprintf(&b, " %v(%.6f #%d)", c.State, c.At.Seconds(), c.Segment)
		}
		fmt.Fprintf(&b, " connect=%q accepted=%v eof=%v error=%q\n", end.Connect, end.Accepted, end.EOF, end.Error)
	}
	return b.String()
}
