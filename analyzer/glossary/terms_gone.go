package glossary

// goneTerms are about a peer that is not there any more, and how one finds out.
var goneTerms = []Entry{
	{
		Name: "half-open", Also: []string{"half-open connection", "dead peer", "半打开"}, Title: "one end has lost the connection, the other does not know",
		Text: `The host crashed, was switched off, lost its address, or a middlebox in between forgot the connection. The end that remains is ESTABLISHED for ever if it sends nothing. When it sends: a
host that is back answers RST (ECONNRESET), a dead one nothing (ETIMEDOUT after a quarter of an hour). Only keep-alive, a heartbeat or TCP_USER_TIMEOUT finds it earlier.`,
		Myth:  `"Half-open" is often said for a handshake that is not complete (embryonic), or for FIN_WAIT_2 (half-closed).`,
		Check: []string{"ss -tanoi state established   # lastrcv: ms since anything came"},
		Refs:  []string{"RFC 9293 §3.5.1"},
		See:   []string{"half-open-peer-gone", "keep-alive", "host crash", "host reboot", "ghost connections", "idle timeout"},
	},
	{
		Name: "process killed", Also: []string{"server process killed", "kill -9", "process crash"}, Title: "the kernel closes for it",
		Text: `The kernel closes every socket of a process that ends, however it ends: FIN, or RST where received data was unread. The other end reads end-of-file at once. If it writes all the same,
the first send() succeeds and draws a RST; the next gives EPIPE. A new connection is refused while nothing listens.`,
		Myth: `"kill -9 leaves the connection hanging": the host is alive, so the FIN comes.`,
		Refs: []string{"RFC 9293 §3.6"},
		See:  []string{"orderly close", "TCP_ABORT_ON_CLOSE", "data-after-close", "host crash"},
	},
	{
		Name: "host crash", Also: []string{"host down", "power failure", "server crash", "cable pulled"}, Title: "silence: no FIN, no RST",
		Text: `Nothing is sent, so the other end notices nothing until it sends itself. Then its data is repeated without an answer: ETIMEDOUT after tcp_retries2, or EHOSTUNREACH if a router reports it. An idle
end finds out by keep-alive only: nine probes 75 s apart.`,
		Check: []string{"ss -tano   # timer:(on) repeats data, timer:(keepalive) probes"},
		Refs:  []string{"RFC 9293 §3.5.1", "RFC 9293 §3.8.3"},
		See:   []string{"peer-unresponsive", "keepalive-timeout", "half-open", "host reboot", "ETIMEDOUT"},
	},
	{
		Name: "host reboot", Also: []string{"crash and reboot", "crash + reboot", "server reboot"}, Title: "the host is back and knows nothing: RST",
		Text: `The first segment that reaches it, data or keep-alive, is answered by a RST without ACK whose sequence number is what that segment acknowledged. The end that remained gets ECONNRESET. A reboot in
order is another story: processes are ended first, and FINs go out.`,
		Refs: []string{"RFC 9293 §3.5.1, figure 9"},
		See:  []string{"half-open-peer-gone", "NO_SOCKET", "ECONNRESET", "host crash"},
	},
	{
		Name: "host unreachable", Also: []string{"network unreachable", "ICMP unreachable"}, Title: "a router says that the way is gone",
		Text: `To a SYN the ICMP error is fatal, and connect() fails at once, unless the same SYN is sent again afterwards. On an open connection it is a soft error: TCP goes on, and if the way comes back in time
nobody notices. If not, the program gets EHOSTUNREACH or ENETUNREACH in place of ETIMEDOUT. Keep-alive ends in ETIMEDOUT all the same.`,
		Check: []string{"ip route get ADDRESS", "tcpdump -ni any 'icmp or icmp6'"},
		Refs:  []string{"RFC 1122 §4.2.3.9", "RFC 5927 §4"},
		See:   []string{"unreachable", "soft error", "EHOSTUNREACH", "ENETUNREACH"},
	},
	{
		Name: "soft error", Also: []string{"ICMP error", "hard error"}, Title: "an ICMP error that is kept, not told",
		Text: `On a synchronized connection ICMP errors must not abort it, anyone could forge them. Linux keeps the errno and gives it to the program when TCP gives up by itself. An error counts only if the
sequence number that it quotes is of data under way.`,
		Refs: []string{"RFC 1122 §4.2.3.9", "RFC 5461", "RFC 5927 §4"},
		See:  []string{"host unreachable", "unreachable", "ETIMEDOUT"},
	},
	{
		Name: "keep-alive", Also: []string{"SO_KEEPALIVE", "tcp_keepalive_time", "TCP_KEEPIDLE"}, Title: "probes on an idle connection, to see if the other end is there",
		Text: `Off unless the program sets SO_KEEPALIVE. After 7200 s of silence (tcp_keepalive_time, TCP_KEEPIDLE) a segment without data, one below the next number; then every 75 s (…_intvl), and after 9
unanswered (…_probes) RST and ETIMEDOUT. Four cases: the host is up, ACK; it is down, ETIMEDOUT; it is back after a crash, RST and ECONNRESET; it cannot be reached, ETIMEDOUT
on Linux whatever ICMP says. With 60/20/3 a dead peer is found 2 minutes after its last segment.`,
		Myth: `"2 h × 9 = 18 hours": 7200 s + 9 × 75 s = 7875 s, 2 h 11 min 15 s. "Sequence number one too low, so a keep-alive": a Linux window probe looks the same; the other end's last window
and the growing intervals tell.`,
		Check: []string{"ss -tano | grep keepalive", "sysctl net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes", "nstat -az TcpExtTCPKeepAlive"},
		Refs:  []string{"RFC 9293 §3.8.4", "RFC 1122 §4.2.3.6"},
		See:   []string{"keepalive-timeout", "TCP_KEEPALIVE_TIMEOUT", "heartbeat", "window probe"},
	},
	{
		Name: "heartbeat", Also: []string{"application heartbeat"}, Title: "the program's own keep-alive",
		Text: `Small messages at a steady period, answered by the other program. It proves what keep-alive cannot, that the program is well and not only its kernel, and it keeps the records of middleboxes fresh.
In a capture its period shows, and who stopped first. It helps only if a program that misses it closes the old connection before it opens the next.`,
		Refs: []string{"RFC 9293 §3.8.4"},
		See:  []string{"keep-alive", "ghost connections", "idle timeout"},
	},
	{
		Name: "ghost connections", Also: []string{"false ESTABLISHED", "ghost sessions", "stale connections", "假ESTABLISHED"}, Title: "old connections of a client that has long come back",
		Text: `The client lost its connection without a FIN (crash, other network, a middlebox) and connects again, and again. The server has one that lives and many in ESTABLISHED, or in CLOSE_WAIT where it
missed the end: ten clients, forty connections. Nothing ends them but keep-alive, a heartbeat that is acted upon, or data that is sent to them.`,
		Check: []string{`ss -tn state established | awk 'NR>1 {sub(/:[0-9]+$/, "", $4); print $4}' | sort | uniq -c | sort -rn | head`},
		Refs:  []string{"RFC 9293 §3.5.1"},
		See:   []string{"half-open", "heartbeat", "CLOSE_WAIT", "keep-alive"},
	},
	{
		Name: "idle timeout", Also: []string{"middlebox", "NAT timeout", "conntrack", "firewall timeout", "load balancer"}, Title: "a box on the way forgets a quiet connection",
		Text: `Firewalls, address translators and load balancers keep a record for each connection and drop it after a quiet time: a few minutes are common, RFC 5382 asks for at least 2 h 4 min, Linux
conntrack has five days. What comes afterwards meets silence or a RST in the other end's name; both ends are still ESTABLISHED. Cure: keep-alive or heartbeats at a shorter period.`,
		Myth:  `"The server reset us": look at the RST's TTL, and at whether the server goes on. It often sent nothing.`,
		Check: []string{"sysctl net.netfilter.nf_conntrack_tcp_timeout_established", "conntrack -L -p tcp --dport PORT"},
		Refs:  []string{"RFC 5382 §5"},
		See:   []string{"idle-drop", "idle-limit", "keep-alive", "half-open", "forged reset"},
	},
	{
		Name: "retransmission timeout", Also: []string{"RTO", "tcp_retries2", "back-off"}, Title: "when data is sent again, and when TCP gives up",
		Text: `The first repetition comes after the measured round trip and a margin, 200 ms at the least on Linux; each further interval is twice as long, up to 120 s. After tcp_retries2 = 15 repetitions, 924.6 s
or more, Linux gives up: ETIMEDOUT, or the soft error kept. It sends no RST, so the other end learns nothing.`,
		Check: []string{"ss -tanoi   # rto:, backoff:, retrans:", "sysctl net.ipv4.tcp_retries2"},
		Refs:  []string{"RFC 6298", "RFC 9293 §3.8.3"},
		See:   []string{"retransmission", "peer-unresponsive", "TCP_USER_TIMEOUT", "ETIMEDOUT"},
	},
	{
		Name: "TCP_USER_TIMEOUT", Title: "the program's own limit for data without an answer",
		Text: `Milliseconds that data may stay unacknowledged, or window probes unanswered, before the connection ends with ETIMEDOUT. It replaces tcp_retries2, and with keep-alive its count of probes.`,
		Refs: []string{"tcp(7)", "RFC 5482"},
		See:  []string{"retransmission timeout", "peer-unresponsive"},
	},
}
