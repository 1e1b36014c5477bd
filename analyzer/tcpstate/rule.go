package tcpstate

import (
	"fmt"
	"strings"
)

// Input is something that happens at an endpoint. A segment is fed as one input
// for each thing it does, in the order of RFC 9293 §3.10.7.4: reset, SYN,
// acknowledgment, FIN.
type Input uint8

// What an endpoint sends, what reaches it, and its timers.
const (
	SendSYN Input = iota
	SendSYNACK
	Send // any segment that is neither SYN nor RST: data, a bare ACK, the ACK of a FIN segment
	SendFIN
	SendRST
	ReceiveRST // acceptable (RFC 5961 §3); others are no input
	ReceiveSYN
	ReceiveACK
	ReceiveFIN    // in order: all data before it has arrived
	Unreachable   // an ICMP error that is fatal in this state
	RetriesUsedUp // retransmissions or probes went unanswered to the last
	TimeWaitOver
	numInputs
)

var inputNames = [numInputs]string{
	"sends SYN", "sends SYN,ACK", "sends a segment", "sends FIN", "sends RST",
	"gets RST", "gets SYN", "gets ACK", "gets FIN",
	"gets an ICMP error", "gives up", "2 MSL have passed",
}

// String returns the input in words: "gets FIN".
func (i Input) String() string { return inputNames[i] }

// Guard is a set of conditions on an input.
type Guard uint8

// The conditions that a row can ask for.
const (
	AcksSYN   Guard = 1 << iota // the segment acknowledges this endpoint's SYN
	AcksFIN                     // the segment acknowledges this endpoint's FIN
	EarlyData                   // Fast Open data was accepted: data may precede the handshake's last ACK
)

var guardNames = [...]string{"of its SYN", "of its FIN", "Fast Open"}

// String joins the conditions in words.
func (g Guard) String() string {
	var names []string
	for i, name := range guardNames {
		if g&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Rule is a row of the transition table.
type Rule struct {
	From  State
	Input Input
	Guard Guard // all of these must hold
	To    State
	Ref   string // RFC and section, or the stack that behaves so
}

// String returns the row as one line: "FIN_WAIT_1 gets ACK (of its FIN) → FIN_WAIT_2, RFC 9293 §3.10.7.4".
func (r *Rule) String() string {
	guard := ""
	if r.Guard != 0 {
		guard = " (" + r.Guard.String() + ")"
	}
	return fmt.Sprintf("%s %s%s → %s, %s", r.From, r.Input, guard, r.To, r.Ref)
}
