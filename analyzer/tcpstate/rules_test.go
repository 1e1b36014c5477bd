package tcpstate_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

var update = flag.Bool("update", false, "rewrite the transition table in the README")

// table writes the rules as a Markdown table.
func table() string {
	var b strings.Builder
	b.WriteString("| from | when it | to | source |\n| --- | --- | --- | --- |\n")
	for _, r := range tcpstate.Rules() {
		when := r.Input.String()
		if r.Guard != 0 {
			when += " (" + r.Guard.String() + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.From, when, r.To, r.Ref)
	}
	return b.String()
}

func TestREADMEHoldsTheTable(t *testing.T) {
	flowtest.Section{
		Path:  "../../README.md",
		Begin: "<!-- transition table: go test ./analyzer/tcpstate -update -->\n",
		End:   "<!-- end of transition table -->",
	}.Hold(t, table(), *update)
}

// TestFigure5 holds the table to every edge of RFC 9293 figure 5 and of the notes under it.
func TestFigure5(t *testing.T) {
	for _, edge := range []struct {
		from  tcpstate.State
		input tcpstate.Input
		guard tcpstate.Guard
		to    tcpstate.State
	}{
		{tcpstate.Closed, tcpstate.SendSYN, 0, tcpstate.SynSent},
		{tcpstate.Closed, tcpstate.ReceiveSYN, 0, tcpstate.SynReceived},
		{tcpstate.SynSent, tcpstate.ReceiveSYN, 0, tcpstate.SynReceived},
		{tcpstate.SynSent, tcpstate.ReceiveSYN, tcpstate.AcksSYN, tcpstate.Established},
		{tcpstate.SynReceived, tcpstate.ReceiveACK, tcpstate.AcksSYN, tcpstate.Established},
		{tcpstate.SynReceived, tcpstate.SendFIN, 0, tcpstate.FinWait1},
		{tcpstate.SynReceived, tcpstate.ReceiveRST, 0, tcpstate.Closed},
		{tcpstate.Established, tcpstate.SendFIN, 0, tcpstate.FinWait1},
		{tcpstate.Established, tcpstate.ReceiveFIN, 0, tcpstate.CloseWait},
		{tcpstate.FinWait1, tcpstate.ReceiveACK, tcpstate.AcksFIN, tcpstate.FinWait2},
		{tcpstate.FinWait1, tcpstate.ReceiveFIN, 0, tcpstate.Closing},
		{tcpstate.FinWait2, tcpstate.ReceiveFIN, 0, tcpstate.TimeWait},
		{tcpstate.Closing, tcpstate.ReceiveACK, tcpstate.AcksFIN, tcpstate.TimeWait},
		{tcpstate.CloseWait, tcpstate.SendFIN, 0, tcpstate.LastAck},
		{tcpstate.LastAck, tcpstate.ReceiveACK, tcpstate.AcksFIN, tcpstate.Closed},
		{tcpstate.TimeWait, tcpstate.TimeWaitOver, 0, tcpstate.Closed},
	} {
		r := tcpstate.Step(edge.from, edge.input, edge.guard)
		if r == nil || r.To != edge.to {
			t.Errorf("%s %s (%s): got %v, want %s", edge.from, edge.input, edge.guard, r, edge.to)
		}
	}
}

// TestNoAckMovesWithoutItsGuard asks for the demanding row only where its
// condition holds.
func TestNoAckMovesWithoutItsGuard(t *testing.T) {
	for _, s := range []tcpstate.State{tcpstate.SynReceived, tcpstate.FinWait1, tcpstate.Closing, tcpstate.LastAck} {
		if r := tcpstate.Step(s, tcpstate.ReceiveACK, 0); r != nil {
			t.Errorf("an ACK of nothing moves %s: %v", s, r)
		}
	}
}

// TestEveryLiveStateCanEnd asks that a reset and a timer lead out of every state
// that has a connection.
func TestEveryLiveStateCanEnd(t *testing.T) {
	for s := tcpstate.SynSent; s <= tcpstate.TimeWait; s++ {
		for _, in := range []tcpstate.Input{tcpstate.ReceiveRST, tcpstate.SendRST} {
			if r := tcpstate.Step(s, in, 0); r == nil || r.To != tcpstate.Closed {
				t.Errorf("%s %s: got %v, want CLOSED", s, in, r)
			}
		}
		timer := tcpstate.RetriesUsedUp
		if s == tcpstate.TimeWait {
			timer = tcpstate.TimeWaitOver
		}
		if r := tcpstate.Step(s, timer, 0); r == nil || r.To != tcpstate.Closed {
			t.Errorf("%s %s: got %v, want CLOSED", s, timer, r)
		}
	}
}

// TestRowsCanBeReached asks that no row stands behind a less demanding one.
func TestRowsCanBeReached(t *testing.T) {
	for i, r := range tcpstate.Rules() {
		if got := tcpstate.Step(r.From, r.Input, r.Guard); got == nil || *got != r {
			t.Errorf("row %d (%v) is hidden by %v", i, &r, got)
		}
		if r.Ref == "" {
			t.Errorf("row %d (%v) names no source", i, &r)
		}
	}
}

func ExampleStep() {
	r := tcpstate.Step(tcpstate.FinWait1, tcpstate.ReceiveACK, tcpstate.AcksFIN)
	fmt.Println(r)
	// Output: FIN_WAIT_1 gets ACK (of its FIN) → FIN_WAIT_2, RFC 9293 §3.10.7.4
}
