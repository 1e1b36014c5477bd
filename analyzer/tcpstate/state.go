package tcpstate

// State is the state of one endpoint of a connection (RFC 9293 §3.3.2).
type State uint8

// The eleven states, and Unknown for an endpoint of a connection that was
// picked up mid-stream before anything told its state.
const (
	Unknown State = iota
	Closed
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
	numStates
)

var stateNames = [numStates]string{
	"UNKNOWN", "CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED",
	"FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT",
}

// String returns the name as Linux and netstat write it, "SYN_RCVD".
func (s State) String() string { return stateNames[s] }

// Synchronized reports whether both ends have agreed on sequence numbers
// (RFC 9293 §3.5.2 calls ESTABLISHED and all later states so).
func (s State) Synchronized() bool {
	switch s {
	case Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait:
		return true
	}
	return false
}

// SentFIN reports whether an endpoint in this state has closed its direction.
func (s State) SentFIN() bool {
	switch s {
	case FinWait1, FinWait2, Closing, LastAck, TimeWait:
		return true
	}
	return false
}

// ReceivedFIN reports whether an endpoint in this state has the peer's FIN.
func (s State) ReceivedFIN() bool {
	switch s {
	case CloseWait, Closing, LastAck, TimeWait:
		return true
	}
	return false
}

// Over reports whether an endpoint in this state has no connection any more;
// one in TIME_WAIT counts as over when asked so.
func (s State) Over(timeWaitCounts bool) bool {
	return s == Closed || s == Unknown || timeWaitCounts && s == TimeWait
}
