package glossary

// transferTerms are about windows and flags of segments.
var transferTerms = []Entry{
	{
		Name: "zero window", Also: []string{"window full", "win=0"}, Title: "the receiver's buffer is full: stop sending",
		Text: `The receiving program does not read as fast as data comes. The sender stops and probes. Neither the network nor the sender is at fault. As long as probes are answered this may last for ever; the FIN of a
program that closes meanwhile waits behind the data, though ss says FIN_WAIT_1.`,
		Check: []string{"ss -tanp   # Recv-Q at the receiver, Send-Q at the sender", "nstat -az TcpExtTCPToZeroWindowAdv TcpExtTCPWantZeroWindowAdv"},
		Refs:  []string{"RFC 9293 §3.8.6"},
		See:   []string{"zero-window-stuck", "window probe"},
	},
	{
		Name: "window probe", Also: []string{"zero-window probe", "ZWP", "persist timer"}, Title: "asks if a closed window is open again",
		Text: `The update that opens a window is an ACK and can be lost; so the sender probes, at growing intervals up to 120 s. Linux sends no data with it: sequence number one below the first that is not
acknowledged. Unanswered probes end the connection like unanswered data: ETIMEDOUT, no RST.`,
		Myth: `"Length 0 and a sequence number one too low: keep-alive": many analysers say so of these. After a window of 0 it is a probe.`,
		Refs: []string{"RFC 9293 §3.8.6.1"},
		See:  []string{"zero window", "keep-alive", "zero-window-stuck"},
	},
	{
		Name: "silly window syndrome", Also: []string{"SWS", "Nagle", "TCP_NODELAY", "delayed ACK"}, Title: "many small segments where few large ones would do",
		Text: `A receiver that announces every few bytes read, and a sender that fills them, come down to tiny segments. Receivers therefore open a closed window only by a full segment or half the buffer, and senders
wait for the ACK of a small one (Nagle's rule, off with TCP_NODELAY). With a delayed ACK at the other end that wait is the well-known 40 ms.`,
		Refs: []string{"RFC 9293 §3.8.6.2", "RFC 9293 §3.7.4"},
		See:  []string{"zero window", "window-full"},
	},
	{
		Name: "flags", Also: []string{"control bits", "SYN", "ACK"}, Title: "which combinations a TCP sends",
		Text: `SYN; SYN,ACK; then ACK on every segment, with PSH or URG beside it; FIN,ACK; RST, and RST,ACK. tcpdump writes [S], [S.], [.], [P.], [F.], [R], [R.]: the dot is ACK. SYN with FIN or RST, FIN without ACK, no flags
at all, and FIN,PSH,URG are sent by scanners and broken boxes, not by TCP.`,
		Refs: []string{"RFC 9293 §3.1"},
		See:  []string{"bad-flags", "port scan", "PSH", "URG", "RST", "FIN"},
	},
	{
		Name: "PSH", Also: []string{"push"}, Title: "the sender had nothing more to send",
		Text: `Set on the last segment of what a send() wrote. It marks no message, says nothing about urgency, and Linux delivers data without waiting for it.`,
		Refs: []string{"RFC 9293 §3.9.1.2"},
		See:  []string{"flags"},
	},
	{
		Name: "URG", Also: []string{"urgent data", "MSG_OOB", "out-of-band"}, Title: "a pointer to an urgent byte",
		Text: `send() with MSG_OOB marks one byte; the receiver gets SIGURG or reads it with MSG_OOB. It travels in line with all other data. New programs should not use it, middleboxes clear it.`,
		Refs: []string{"RFC 6093"},
		See:  []string{"flags", "EINVAL"},
	},
	{
		Name: "tcpdump line", Also: []string{"tcpdump", "seq and ack", "relative numbers"}, Title: "how to read seq and ack",
		Text: `"seq 1:101, ack 1, length 100" are bytes 1 to 100; 101 is the next one. ack is the next byte expected, so it says what has arrived, all before it. A keep-alive has seq one too low; a RST without ACK carries the
receiver's own ack as its seq. tcpdump prints relative numbers after the first segments of each direction that it sees, absolute ones with -S.`,
		Check: []string{"tcpdump -nr FILE -S 'tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0'"},
		Refs:  []string{"tcpdump(1)"},
		See:   []string{"flags", "ISN"},
	},
}
