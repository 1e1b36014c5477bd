package detect

import (
	"fmt"
	"slices"
)

// onAbsence names the findings that rest on something that never came.
var onAbsence = []string{
	"syn-unanswered", "half-open-handshake", "handshake-ack-lost", "final-ack-missing", "fin-unanswered", "half-closed",
	"close-wait-stuck", "half-open-peer-gone", "peer-unresponsive", "keepalive-timeout", "idle-drop", "zero-window-stuck",
}

// doubtAbsence adds to the findings that rest on absence that the capturing host has
// dropped frames: what did not come may only not have been captured.
func doubtAbsence(c *Case, found []Finding) {
	if c.Dropped == 0 {
		return
	}
	text := fmt.Sprintf(" The capturing host dropped %s while this connection was open: what is missing here was not captured, which does not prove that it was not sent.",
		count(int(c.Dropped), "frame"))
	for i := range found {
		if slices.Contains(onAbsence, found[i].Code) {
			found[i].Explanation += text
		}
	}
}
