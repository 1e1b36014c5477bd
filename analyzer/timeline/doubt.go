package timeline

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
)

// Doubt is a place in a story where the capture allows two histories. The story
// holds the likelier one.
type Doubt struct {
	Side  Side
	State tcpstate.State // what is reported
	Or    string         // the other history
	Tells string         // what would tell the two apart
}

// doubts says where two histories of e remain possible.
func (t *teller) doubts(e *endpoint) {
	add := func(or, tells string) {
		t.story.Doubts = append(t.story.Doubts, Doubt{Side: e.side, State: e.state(), Or: or, Tells: tells})
	}
	switch {
	case e.unheard && e.state() == tcpstate.TimeWait:
		add("it is gone since FIN_WAIT_2 and never had the last FIN: then nothing answers any more",
			fmt.Sprintf("a capture at %s: does the FIN arrive, is it acknowledged", t.Ends[e.side].Addr()))
	case e.cutOff && e.state() == tcpstate.SynReceived && t.ends[e.side.Other()].passed(tcpstate.Established):
		add("it was ESTABLISHED and became unreachable before the first data came",
			fmt.Sprintf("ss -tan on %s, or its accept queue (ss -ltn): full, it drops the handshake's ACK", t.Ends[e.side].Addr()))
	case e.state() == tcpstate.FinWait2:
		add("only its sending side was shut down: it waits for ever, and still reads; a closed socket is gone after 60 s (Linux)",
			"data from the other side: a closed socket answers it with a reset")
	}
}
