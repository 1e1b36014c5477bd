package glossary

// openingTerms are about how connections begin, or do not.
var openingTerms = []Entry{
	{
		Name: "three-way handshake", Also: []string{"handshake", "3WHS"}, Title: "SYN, SYN,ACK, ACK",
		Text: `The client sends SYN with its initial sequence number, the server acknowledges it and sends its own (SYN,ACK), the client acknowledges that. The client is
ESTABLISHED when the SYN,ACK arrives, the server when the ACK does: for half a round trip, or longer if the ACK is lost, they disagree. Both kernels do all of it;
the server's program is not involved.`,
		Myth:  `"The handshake completes when accept() is called": it is complete before, and accept() only takes it from the queue.`,
		Check: []string{"tcpdump -ni any 'tcp[tcpflags] & tcp-syn != 0'"},
		Refs:  []string{"RFC 9293 §3.5"},
		See:   []string{"SYN_SENT", "SYN_RCVD", "accept queue", "ISN", "handshake-ack-lost"},
	},
	{
		Name: "ISN", Also: []string{"ISS", "IRS", "initial sequence number"}, Title: "the number that a side begins to count from",
		Text: `Each side picks one, hard to guess, and sends it in its SYN; SYN and FIN take a number each, as bytes do. This program prints numbers relative to it: SYN is 0, the
first byte 1. It also tells connections on the same addresses and ports apart. A Linux that reuses a TIME_WAIT starts 65537 above the last number of the old connection,
exactly.`,
		Refs: []string{"RFC 9293 §3.4.1", "RFC 6528"},
		See:  []string{"incarnation", "TIME_WAIT reuse", "isn-mismatch"},
	},
	{
		Name: "accept queue", Also: []string{"backlog", "listen backlog", "somaxconn", "completed connection queue"}, Title: "connections that are open and not accepted yet",
		Text: `A finished handshake waits here for accept(). The limit is the smaller of listen()'s backlog and net.core.somaxconn; the queue takes one more than that.
The client is ESTABLISHED, may send, and is acknowledged, while the program knows nothing of it. On the wire: a handshake, the client's data acknowledged, no answer.`,
		Myth: `"When the accept queue is full the server repeats its SYN,ACK, and the client sees ESTABLISHED": so it was on older kernels, and so it is when the queue fills between
SYN and ACK. Linux 6.18 drops the SYN itself: on the wire that is the same as a firewall that drops. A RST comes only with tcp_abort_on_overflow = 1.`,
		Check: []string{"ss -ltn   # Recv-Q: waiting now, Send-Q: the limit", "nstat -az TcpExtListenOverflows TcpExtListenDrops", "sysctl net.core.somaxconn net.ipv4.tcp_abort_on_overflow"},
		Refs:  []string{"listen(2)", "tcp(7)"},
		See:   []string{"LISTEN", "SYN queue", "accept-queue-overflow", "accept-stall", "syn-unanswered", "connections full"},
	},
	{
		Name: "SYN queue", Also: []string{"request queue", "incomplete connection queue", "tcp_max_syn_backlog", "半连接队列"}, Title: "requests whose handshake is not complete",
		Text: `Each SYN that was answered is a request of a few hundred bytes, not yet a socket. When there are as many as the accept queue's limit allows, Linux answers with SYN cookies and keeps
nothing. A small backlog brings cookies without any flood.`,
		Myth:  `"net.ipv4.tcp_max_syn_backlog is its length": that limit counts only where cookies are switched off (tcp_syncookies = 0).`,
		Check: []string{"ss -tano state syn-recv | wc -l", "nstat -az TcpExtTCPReqQFullDoCookies TcpExtTCPReqQFullDrop TcpExtSyncookiesSent"},
		Refs:  []string{"RFC 4987", "tcp(7)"},
		See:   []string{"SYN_RCVD", "embryonic", "SYN cookies", "SYN flood"},
	},
	{
		Name: "embryonic", Also: []string{"embryonic connection", "half-open handshake", "半连接"}, Title: "a handshake that is begun and not complete",
		Text: `The server is in SYN_RCVD: it has a request, no socket, and repeats its SYN,ACK until the request is dropped, after 63 s by default. Firewalls count embryonic
connections to notice floods.`,
		Myth: `"Half-open" is said of these too. In RFC 9293 half-open is something else: one end has lost a connection that was open.`,
		Refs: []string{"RFC 4987 §2"},
		See:  []string{"SYN_RCVD", "SYN queue", "half-open", "half-closed"},
	},
	{
		Name: "SYN retries", Also: []string{"connect timeout", "SYN timeout", "tcp_syn_retries", "tcp_syn_linear_timeouts", "tcp_synack_retries"}, Title: "when a SYN is sent again, and how often",
		Text: `Linux 6.5 and later: at 0, 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s, ETIMEDOUT after 131 s in theory and 133.9 s as measured. Before: at 0, 1, 3, 7, 15, 31 and 63 s,
ETIMEDOUT after 127 s. BSD of the textbooks: 6 and 24 s, ETIMEDOUT after 75 s. Windows: 3 and 9 s, ETIMEDOUT after 21 s. A server repeats its SYN,ACK after 1, 3, 7, 15 and 31 s. Programs
mostly have a shorter limit of their own; then the SYNs just stop.`,
		Myth:  `"1, 3, 7, 15, 31, 63": kernels before 6.5. The new ones send five SYNs a second apart before the intervals grow.`,
		Check: []string{"sysctl net.ipv4.tcp_syn_retries net.ipv4.tcp_syn_linear_timeouts net.ipv4.tcp_synack_retries"},
		Refs:  []string{"RFC 9293 §3.8.3", "RFC 6298 §2"},
		See:   []string{"SYN_SENT", "ETIMEDOUT", "syn-retransmitted", "syn-unanswered"},
	},
	{
		Name: "port state", Also: []string{"open, closed, filtered", "filtered", "firewall drop", "reject", "closed port", "open port"}, Title: "what the answer to a SYN tells about a port",
		Text: `SYN,ACK: something listens. RST,ACK: the host is up and nothing listens, or a firewall rejects in its name. ICMP error: a router or firewall says why. Nothing: a
filter that drops, a dead host, no route back, or a full accept queue. The last four cannot be told apart from one connection. SYNs that tcpdump shows on the server can
still be dropped behind it, by the firewall or by a full queue.`,
		Myth:  `"No answer means a firewall": a full accept queue looks the same on kernels of today.`,
		Check: []string{"ss -ltn", "nft list ruleset", "nstat -az TcpExtListenDrops"},
		Refs:  []string{"RFC 9293 §3.10.7"},
		See:   []string{"connection-refused", "syn-unanswered", "unreachable", "port scan"},
	},
	{
		Name: "connections full", Also: []string{"too many connections", "max connections", "连接满"}, Title: "the server takes no more connections",
		Text: `TCP has no such state; one of these limits was met. Descriptors (EMFILE, ENFILE): handshakes complete, then silence, later no answer to SYNs. Accept queue: SYNs
unanswered. The program's own maximum: it accepts and closes at once, or leaves connections in the accept queue. Connection tracking of a firewall (nf_conntrack_max): SYNs
dropped, "table full" in its log. Source ports of a client or proxy: EADDRNOTAVAIL, and nothing on the wire. A port is not used up on the server's side: it serves any number of clients.`,
		Myth:  `"A server can have 65,535 connections": that limit is for one client address towards one server address and port.`,
		Check: []string{"ss -s", "ss -ltn", "nstat -az TcpExtListenOverflows", "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max"},
		Refs:  []string{"accept(2)", "listen(2)"},
		See:   []string{"accept queue", "EMFILE", "port exhaustion", "ghost connections", "CLOSE_WAIT"},
	},
	{
		Name: "SYN flood", Also: []string{"SYN attack", "spoofed source"}, Title: "SYNs that are not meant to become connections",
		Text: `Many SYNs, mostly from addresses that are not the sender's, fill the server's queue of requests. On the wire: SYN,ACKs without ACK to many sources, repeated. Where a forged
address belongs to a real host, that answers with RST and frees the request. Slow clients and a way back that is broken look alike for one source, not for thousands. The
queue itself cannot be seen in a capture.`,
		Myth:  `"Shorten the timeout and enlarge the backlog": SYN cookies, on by default, do more than both.`,
		Check: []string{"nstat -az TcpExtSyncookiesSent TcpExtSyncookiesRecv TcpExtSyncookiesFailed", "ss -tan state syn-recv | awk 'NR>1 {print $4}' | sort | uniq -c | sort -rn | head"},
		Refs:  []string{"RFC 4987"},
		See:   []string{"SYN cookies", "SYN queue", "SYN_RCVD", "half-open-handshake", "backscatter"},
	},
	{
		Name: "SYN cookies", Also: []string{"tcp_syncookies", "syncookies"}, Title: "a server that keeps the handshake in its sequence number",
		Text: `When its queue of requests is full, the server keeps nothing and puts what it must know into the SYN,ACK's sequence number; the ACK brings it back. So there is no
SYN_RCVD in ss, and no SYN,ACK is repeated: if the ACK is lost, the client is ESTABLISHED and the server knows nothing. Window scale and SACK survive only beside timestamps,
and the segment size is rounded to one of a few. A capture can be consistent with cookies, never prove them.`,
		Check: []string{"sysctl net.ipv4.tcp_syncookies", "nstat -az TcpExtSyncookiesSent TcpExtSyncookiesFailed"},
		Refs:  []string{"RFC 4987 §3.6"},
		See:   []string{"SYN flood", "SYN queue", "handshake-options"},
	},
	{
		Name: "backscatter", Title: "answers to what somebody else sent in our name",
		Text: `SYN,ACKs, RSTs and ICMP errors for connections that this host never opened: someone floods a victim with this address as the forged source, and the victim answers. Whoever
sends them is the victim, not a scanner.`,
		Refs: []string{"RFC 4987 §2"},
		See:  []string{"SYN flood", "port scan", "RST"},
	},
	{
		Name: "port scan", Also: []string{"scan", "SYN scan", "FIN scan", "NULL scan", "XMAS scan", "worm"}, Title: "one source asks many ports or hosts",
		Text: `Many SYNs of one source, most refused or unanswered. A SYN scan answers the SYN,ACK with RST and never opens. FIN, NULL and XMAS scans send segments that no TCP
sends: a closed port answers RST, an open one nothing. Many SYN_SENT on one of your own hosts are a scan by it, a worm for instance, if the addresses spread, and a
service that is down if they are one. A load balancer's health check, SYN, SYN,ACK, RST at a steady period, is none.`,
		Check: []string{"ss -tan state syn-sent | awk 'NR>1 {print $4}' | sort | uniq -c | sort -rn | head"},
		Refs:  []string{"RFC 9293 §3.10.7.1"},
		See:   []string{"SYN_SENT", "bad-flags", "backscatter", "port state"},
	},
	{
		Name: "simultaneous open", Title: "both ends call connect() to each other, and the SYNs cross",
		Text: `Neither SYN acknowledges the other. Both ends go SYN_SENT, SYN_RCVD, ESTABLISHED, and one connection results, not two. There is neither client nor server;
this program calls the one whose SYN was captured first the client. Needs both source ports to be chosen on purpose, as in hole punching.`,
		Refs: []string{"RFC 9293 §3.5, figure 7"},
		See:  []string{"self-connect", "split handshake", "SYN_RCVD"},
	},
	{
		Name: "self-connect", Title: "a socket that is connected to itself",
		Text: `connect() to a port of the own host where nothing listens, in the range of ephemeral ports: sooner or later the kernel picks that port as the source. The SYN meets
its own socket, a simultaneous open with oneself. All that is sent is read back.`,
		Check: []string{"sysctl net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports"},
		Refs:  []string{"RFC 6056 §3.1"},
		See:   []string{"simultaneous open"},
	},
	{
		Name: "split handshake", Title: "a SYN that is answered by a bare SYN",
		Text: `The server sends ACK and SYN apart, or only a SYN. The client goes through SYN_RCVD as in a simultaneous open, and the connection works. Filters that wait for a
SYN,ACK can be led to mistake who is the client.`,
		Refs: []string{"RFC 9293 §3.5"},
		See:  []string{"simultaneous open", "three-way handshake"},
	},
	{
		Name: "Fast Open", Also: []string{"TFO", "TCP Fast Open", "tcp_fastopen", "MSG_FASTOPEN"}, Title: "data on the SYN",
		Text: `A client that has a cookie of the server sends its first data on the SYN. The server takes it and may answer before the handshake is complete, or acknowledges the
SYN alone; then the data comes again, and nothing was lost.`,
		Check: []string{"sysctl net.ipv4.tcp_fastopen", "nstat -az TcpExtTCPFastOpenActive TcpExtTCPFastOpenPassive TcpExtTCPFastOpenActiveFail"},
		Refs:  []string{"RFC 7413"},
		See:   []string{"SYN_RCVD", "EOPNOTSUPP"},
	},
	{
		Name: "TCP_DEFER_ACCEPT", Also: []string{"defer accept", "deferred"}, Title: "accept() waits for the first data",
		Text: `With this option of the listening socket the handshake's ACK is ignored, and the connection stays in SYN_RCVD until the client sends data. A client that waits for the
server to speak first waits in vain. The SYN,ACK may be repeated, as if the ACK had been lost.`,
		Refs: []string{"tcp(7)"},
		See:  []string{"SYN_RCVD", "accept-queue-overflow", "handshake-ack-lost"},
	},
}
