package glossary

// closingTerms are about how connections end in order, and what is left of them.
var closingTerms = []Entry{
	{
		Name: "orderly close", Also: []string{"orderly release", "orderly shutdown", "graceful close", "four-way close", "four-way handshake", "teardown"}, Title: "FIN and ACK in both directions",
		Text: `Each direction is closed by a FIN and the ACK of it. Who closes first goes through FIN_WAIT_1, FIN_WAIT_2 and TIME_WAIT; the other through CLOSE_WAIT and LAST_ACK. Both
programs read end-of-file, and neither sees an error. Three segments (FIN, FIN with the ACK, ACK) are as clean as four: the ACK rides on the FIN when the second program
closes at once. A server that is stopped in order does this to all its clients.`,
		Myth: `"A RST after the FINs is normal": the clean end has none. It has a cause each time.`,
		Refs: []string{"RFC 9293 §3.6"},
		See:  []string{"active close", "half-closed", "simultaneous close", "final ACK lost", "rst-after-fin"},
	},
	{
		Name: "active close", Also: []string{"active closer", "passive close", "passive closer"}, Title: "the side that sends the first FIN",
		Text: `The active closer ends in TIME_WAIT and keeps the port; the passive one is done when its FIN is acknowledged. Either may be the client. Who closes first decides which
host collects TIME_WAIT, so protocols often let the client do it.`,
		Myth: `"TIME_WAIT is on the client": on the active closer, on both after a simultaneous close, on neither after a RST.`,
		Refs: []string{"RFC 9293 §3.6"},
		See:  []string{"TIME_WAIT", "FIN_WAIT_1", "CLOSE_WAIT"},
	},
	{
		Name: "FIN", Title: "no more data in this direction",
		Text: `FIN takes a sequence number, is acknowledged and repeated as data is, and counts only when everything before it has arrived. recv() then returns 0. Whether its sender called
close() or shutdown(SHUT_WR) cannot be seen until data reaches it: a closed socket resets, one that was shut down takes it.`,
		Refs: []string{"RFC 9293 §3.6"},
		See:  []string{"half-closed", "fin-retransmitted", "fin-unanswered", "data-after-fin", "end of file"},
	},
	{
		Name: "half-closed", Also: []string{"half-close", "shutdown", "shutdown()", "SHUT_WR", "半关闭"}, Title: "one direction has ended, the other goes on",
		Text: `One FIN is acknowledged, the other side may still send: FIN_WAIT_2 here, CLOSE_WAIT there. shutdown(SHUT_WR) does this on purpose. It may last as long as both like;
stuck it is when the program in CLOSE_WAIT forgot to close.`,
		Myth: `Not half-open, where one end has lost the connection, and not embryonic, where the handshake is not complete.`,
		Refs: []string{"RFC 9293 §3.6.1"},
		See:  []string{"FIN_WAIT_2", "CLOSE_WAIT", "half-open", "embryonic", "close-wait-stuck"},
	},
	{
		Name: "orphan", Also: []string{"tcp_orphan_retries", "tcp_max_orphans"}, Title: "a socket that is closed while its connection is not",
		Text: `After close() no process holds the socket; the kernel finishes the close alone. It has fewer retries (tcp_orphan_retries; 0 stands for 8), at most tcp_fin_timeout in FIN_WAIT_2,
and answers new data with RST, in FIN_WAIT_1 already. Beyond tcp_max_orphans it is reset. Its end reaches no program.`,
		Check: []string{"grep TCP: /proc/net/sockstat   # orphan N", "sysctl net.ipv4.tcp_orphan_retries net.ipv4.tcp_max_orphans"},
		Refs:  []string{"tcp(7)"},
		See:   []string{"FIN_WAIT_1", "FIN_WAIT_2", "LAST_ACK", "TCP_TIMEWAIT_SOCKET", "data-after-close"},
	},
	{
		Name: "simultaneous close", Title: "both FINs are on their way at once",
		Text: `Neither FIN acknowledges the other. Both ends go FIN_WAIT_1, CLOSING, TIME_WAIT, and both hold their ports. The proof is in the second FIN's acknowledgment number, not in the
order of the capture.`,
		Refs: []string{"RFC 9293 §3.6, figure 13"},
		See:  []string{"CLOSING", "TIME_WAIT"},
	},
	{
		Name: "final ACK lost", Also: []string{"lost final ACK", "last ACK lost"}, Title: "the last segment of the close does not arrive",
		Text: `Its sender is in TIME_WAIT and content; the other stays in LAST_ACK and repeats its FIN. Four cases. The ACK was captured and the FIN came again: lost behind the point of
capture. No ACK captured, FIN repeated: lost before it, or never sent. No ACK captured, FIN not repeated: the capture missed it, or ended. The repeated FIN was answered by
RST: TIME_WAIT was over already. No program sees an error in any of them, unless it still reads.`,
		Myth:  `"Two FINs and their ACKs were captured, so it closed cleanly": captured is not arrived. "The final ACK proves that the process is alive": TIME_WAIT answers without one.`,
		Check: []string{"ss -tano state last-ack"},
		Refs:  []string{"RFC 9293 §3.6.1"},
		See:   []string{"final-ack-missing", "LAST_ACK", "TIME_WAIT"},
	},
	{
		Name: "2MSL", Also: []string{"MSL", "maximum segment lifetime"}, Title: "how long TIME_WAIT should last",
		Text: `The maximum segment lifetime is how long a segment can wander about: two minutes by RFC 9293. Twice that lets the last ACK get lost, the FIN come again, and both die out. Linux takes
60 s in all and cannot be told otherwise; BSD twice its configurable MSL; Windows 120 s or 240 s.`,
		Myth: `"1000 connections a second × 240 s = 240,000 in TIME_WAIT": the sum is right, the 240 s are not those of Linux, where it makes 60,000.`,
		Refs: []string{"RFC 9293 §3.4.2", "RFC 9293 §3.6.1"},
		See:  []string{"TIME_WAIT", "port exhaustion"},
	},
	{
		Name: "tcp_fin_timeout", Title: "how long an orphan waits in FIN_WAIT_2",
		Text:  `60 s by default; TCP_LINGER2 sets it for one socket. It applies to a socket that was closed, not to one that was shut down.`,
		Myth:  `"It shortens TIME_WAIT": it does not. TIME_WAIT on Linux is 60 s, whatever this says.`,
		Check: []string{"sysctl net.ipv4.tcp_fin_timeout"},
		Refs:  []string{"tcp(7)"},
		See:   []string{"FIN_WAIT_2", "TIME_WAIT", "orphan"},
	},
	{
		Name: "tcp_tw_reuse", Title: "lets connect() take a port that is in TIME_WAIT",
		Text:  `Only for connections that this host opens, only with timestamps, and after a second. 0 is off, 1 on, 2 on for loopback only. The new connection starts 65537 above the old numbers.`,
		Myth:  `"It is off by default": 2 on kernels of today. "It helps a server": a server does not open the connections.`,
		Check: []string{"sysctl net.ipv4.tcp_tw_reuse net.ipv4.tcp_timestamps"},
		Refs:  []string{"RFC 6191", "tcp(7)"},
		See:   []string{"TIME_WAIT", "port exhaustion", "TIME_WAIT reuse", "tcp_tw_recycle"},
	},
	{
		Name: "tcp_tw_recycle", Title: "gone since Linux 4.12",
		Text: `It ended TIME_WAIT early, and remembered one timestamp for each remote address. Several hosts behind one translated address have different clocks: SYNs of all but one were
dropped without a word.`,
		Myth: `"Enable it against TIME_WAIT", as many articles say: it does not exist any more, and was harmful while it did.`,
		Refs: []string{"tcp(7)"},
		See:  []string{"tcp_tw_reuse", "TIME_WAIT"},
	},
	{
		Name: "TIME_WAIT reuse", Also: []string{"port reuse", "TIME_WAIT recycling", "TIME_WAIT collision"}, Title: "a SYN that meets TIME_WAIT",
		Text: `It is accepted if its sequence number is above the old ones or its timestamp later: TIME_WAIT ends, a new connection begins. Otherwise the answer is an ACK of the old one, the client
sends RST, and tries again. A Linux that recycles its own TIME_WAIT picks the old number + 65537, which proves it.`,
		Refs: []string{"RFC 6191 §2", "RFC 9293 §3.6.1"},
		See:  []string{"port-reused", "time-wait-reuse-refused", "incarnation", "ISN"},
	},
	{
		Name: "incarnation", Title: "one connection of several on the same addresses and ports",
		Text: `The four numbers, two addresses and two ports, come back. What tells the connections apart is a SYN with another initial sequence number, and the answer to it. A SYN with the same number is
the same attempt, repeated.`,
		Refs: []string{"RFC 9293 §3.4.1"},
		See:  []string{"port-reused", "TIME_WAIT reuse", "ISN"},
	},
	{
		Name: "TIME_WAIT assassination", Also: []string{"tcp_rfc1337"}, Title: "a RST that ends TIME_WAIT early",
		Text: `An old segment reaches the end in TIME_WAIT, which answers with an ACK; the other end is closed and answers that with RST; the RST ends TIME_WAIT. Nobody sees an error. Linux ignores such
a RST with net.ipv4.tcp_rfc1337 = 1; the default is 0.`,
		Check: []string{"sysctl net.ipv4.tcp_rfc1337"},
		Refs:  []string{"RFC 1337"},
		See:   []string{"TIME_WAIT"},
	},
	{
		Name: "port exhaustion", Also: []string{"ephemeral ports", "ip_local_port_range", "source ports"}, Title: "no source port is left towards one address and port",
		Text: `A connection is told from others by both addresses and both ports. From one address to one service the ephemeral range is all there is: 28,232 ports by default on Linux. Held for 60 s in
TIME_WAIT, they allow 470 new connections a second that this side closes first. Then connect() gives EADDRNOTAVAIL (bind() to port 0: EADDRINUSE), and nothing is sent. Proxies and load
balancers with one source address meet this first.`,
		Myth:  `"4,000 ports" (old BSD and Windows: 1024 to 5000) and "60,000" are other systems' ranges. The limit holds for each destination, not for the host.`,
		Check: []string{"sysctl net.ipv4.ip_local_port_range", "ss -tan state time-wait | awk 'NR>1 {print $4}' | sort | uniq -c | sort -rn | head"},
		Refs:  []string{"RFC 6056", "ip(7)"},
		See:   []string{"EADDRNOTAVAIL", "TIME_WAIT", "tcp_tw_reuse", "port-reused"},
	},
	{
		Name: "SO_LINGER", Also: []string{"linger", "linger 0", "TCP_LINGER2"}, Title: "what close() does with what is not sent yet",
		Text: `Off: close() returns at once and the kernel goes on. On with a time: close() waits that long for the ACKs. On with 0: the connection is aborted, RST instead of FIN, and what is queued
is lost. TCP_LINGER2 is something else: the time in FIN_WAIT_2; below 0, the ACK of the FIN is answered by RST.`,
		Myth:  `Linger 0 as a cure for TIME_WAIT: it works, and gives the other side ECONNRESET and loses data.`,
		Check: []string{"nstat -az TcpExtTCPAbortOnData TcpExtTCPAbortOnLinger"},
		Refs:  []string{"socket(7)", "tcp(7)"},
		See:   []string{"abortive close", "abortive-close", "TCP_STATE", "TCP_ABORT_ON_DATA"},
	},
	{
		Name: "abortive close", Also: []string{"abort", "abortive release"}, Title: "RST instead of FIN",
		Text: `close() with unread data in the receive buffer, SO_LINGER with 0, or the end of a process with either. What was queued is dropped; the other side gets ECONNRESET, or EPIPE in CLOSE_WAIT.
There is no TIME_WAIT on either side. One abort may send several RSTs.`,
		Check: []string{"nstat -az TcpExtTCPAbortOnClose TcpExtTCPAbortOnData"},
		Refs:  []string{"RFC 9293 §3.10.5", "RFC 2525 §2.17"},
		See:   []string{"TCP_ABORT_ON_CLOSE", "SO_LINGER", "ECONNRESET"},
	},
	{
		Name: "idle close race", Also: []string{"keep-alive race", "HTTP keep-alive", "502", "502 Bad Gateway"}, Title: "a request crosses the FIN of an idle server",
		Text: `The server's idle limit ends just when the client sends its next request. The request meets a closed socket, and RST comes back: a sporadic "connection reset" or 502. Cure: the client, or
proxy, stops using idle connections before the server closes them.`,
		Refs: []string{"RFC 9112 §9.5"},
		See:  []string{"data-after-close", "ECONNRESET"},
	},
}
