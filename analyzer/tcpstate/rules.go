package tcpstate

// rules is the transition table: RFC 9293 figure 5, the notes under it, the
// prose of §3.10, and what Linux adds. For one state and input the most
// demanding row comes first. What is not here changes nothing.
//
// The rows whose input is Send are conclusions of an observer: a state that
// cannot send what was captured has been left, whether or not the segment that
// ended it was captured too.
var rules = []Rule{
	// Opening.
	{Closed, SendSYN, 0, SynSent, "RFC 9293 §3.10.1"},
	{Closed, ReceiveSYN, 0, SynReceived, "RFC 9293 §3.10.7.2"}, // a listener: LISTEN itself is never on the wire
	{Closed, SendSYNACK, 0, SynReceived, "RFC 9293 §3.10.7.2"},
	{SynSent, ReceiveSYN, AcksSYN, Established, "RFC 9293 §3.10.7.3"},
	{SynSent, ReceiveSYN, 0, SynReceived, "RFC 9293 §3.10.7.3"}, // simultaneous open
	{SynSent, SendSYNACK, 0, SynReceived, "RFC 9293 §3.10.7.3"},
	{SynSent, Send, 0, Established, "RFC 9293 §3.10.7.3"},
	{SynReceived, ReceiveACK, AcksSYN, Established, "RFC 9293 §3.10.7.4"},
	{SynReceived, Send, EarlyData, SynReceived, "RFC 7413 §4.2"},
	{SynReceived, Send, 0, Established, "RFC 9293 §3.10.7.4"},

	// Closing.
	{SynReceived, SendFIN, 0, FinWait1, "RFC 9293 §3.10.4"},
	{Established, SendFIN, 0, FinWait1, "RFC 9293 §3.10.4"},
	{Established, ReceiveFIN, 0, CloseWait, "RFC 9293 §3.10.7.4"},
	{FinWait1, ReceiveACK, AcksFIN, FinWait2, "RFC 9293 §3.10.7.4"},
	{FinWait1, ReceiveFIN, 0, Closing, "RFC 9293 §3.10.7.4"},
	{FinWait2, ReceiveFIN, 0, TimeWait, "RFC 9293 §3.10.7.4"},
	{CloseWait, SendFIN, 0, LastAck, "RFC 9293 §3.10.4"},
	{Closing, ReceiveACK, AcksFIN, TimeWait, "RFC 9293 §3.10.7.4"},
	{LastAck, ReceiveACK, AcksFIN, Closed, "RFC 9293 §3.10.7.4"},
	{TimeWait, TimeWaitOver, 0, Closed, "RFC 9293 §3.6.1; Linux holds it 60 s"},

	// Resets. One that answers an old acknowledgment in SYN_SENT is no input: the
	// SYN goes on (RFC 9293 §3.10.7.3).
	{SynSent, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.3"},
	{SynReceived, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.4"}, // a listener goes on without it
	{Established, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.4, RFC 5961 §3"},
	{FinWait1, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.4, RFC 5961 §3"},
	{FinWait2, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.4, RFC 5961 §3"},
	{CloseWait, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.4, RFC 5961 §3"},
	{Closing, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.4, RFC 5961 §3"},
	{LastAck, ReceiveRST, 0, Closed, "RFC 9293 §3.10.7.4, RFC 5961 §3"},
	{TimeWait, ReceiveRST, 0, Closed, "RFC 1337; Linux unless tcp_rfc1337 is set"},
	{SynSent, SendRST, 0, Closed, "RFC 9293 §3.10.5"},
	{SynReceived, SendRST, 0, Closed, "RFC 9293 §3.10.5"},
	{Established, SendRST, 0, Closed, "RFC 9293 §3.10.5"},
	{FinWait1, SendRST, 0, Closed, "RFC 9293 §3.10.5; Linux orphans"},
	{FinWait2, SendRST, 0, Closed, "RFC 9293 §3.10.5; Linux orphans"},
	{CloseWait, SendRST, 0, Closed, "RFC 9293 §3.10.5"},
	{Closing, SendRST, 0, Closed, "RFC 9293 §3.10.5"},
	{LastAck, SendRST, 0, Closed, "RFC 9293 §3.10.5"},
	{TimeWait, SendRST, 0, Closed, "RFC 9293 §3.10.7.1"}, // no socket any more: TIME_WAIT was over

	// Giving up.
	{SynSent, Unreachable, 0, Closed, "RFC 9293 §3.9.2.2; Linux at once"},
	{SynSent, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
	{SynReceived, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
	{Established, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
	{FinWait1, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
	{FinWait2, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
	{CloseWait, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
	{Closing, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
	{LastAck, RetriesUsedUp, 0, Closed, "RFC 9293 §3.8.3"},
}

// Rules returns a copy of the transition table in its order.
func Rules() []Rule { return append([]Rule(nil), rules...) }
