package glossary

// openingErrnos are the errors of a connection that does not come about.
var openingErrnos = []errno{
	{
		name: "ECONNREFUSED", number: 111, bsd: 61, windows: 10061, message: "Connection refused",
		calls: `connect(), or what asks for its result: poll() and SO_ERROR.`,
		state: `SYN_SENT to CLOSED. The RST counts only if it acknowledges the SYN.`,
		wire: `SYN, answered by RST,ACK with sequence number 0 and window 0. Or an ICMP port unreachable (IPv4 3/3, IPv6 1/4), which a firewall set to
"reject" sends.`,
		myth:  `"Refused means that the server is down": its host is up, or a box on the way answers for it. Only the port has no listener.`,
		check: []string{"ss -ltnp   # on the server: does anything listen, and on which address?", "nft list ruleset | grep -n reject"},
		refs:  []string{"connect(2)", "RFC 9293 §3.10.7.3"},
		see:   []string{"SYN_SENT", "port state"},
	},
	{
		name: "ETIMEDOUT", number: 110, bsd: 60, windows: 10060, message: "Connection timed out", also: []string{"timeout"},
		calls: `connect(), when the SYN was never answered. send(), recv() and poll() on an open connection, when its data, its keep-alive or its window probes went
unanswered to the last, or TCP_USER_TIMEOUT ended it.`,
		state: `Any, to CLOSED. In SYN_SENT after 131 to 134 s (127 s before Linux 6.5); with data under way after tcp_retries2, a quarter of an hour and more; idle with
keep-alive after 7200 s + 9 × 75 s = 2 h 11 min 15 s.`,
		wire: `The same segment again and again at growing intervals, keep-alives at constant ones, without an answer. Then silence: no RST is sent, except by a
keep-alive timeout.`,
		myth: `"2 × 9 = 18 hours until keep-alive gives up": the nine probes are 75 s apart, not two hours. "A timed-out SYN was dropped by a firewall": a dead host and a
full accept queue look the same.`,
		check: []string{"nstat -az TcpExtTCPTimeouts TcpExtTCPAbortOnTimeout", "sysctl net.ipv4.tcp_syn_retries net.ipv4.tcp_retries2 net.ipv4.tcp_keepalive_time"},
		refs:  []string{"connect(2)", "tcp(7)", "RFC 9293 §3.8.3"},
		see:   []string{"syn-unanswered", "peer-unresponsive", "keepalive-timeout", "soft error", "retransmission timeout"},
	},
	{
		name: "EHOSTUNREACH", number: 113, bsd: 65, windows: 10065, message: "No route to host",
		calls: `connect() at once. On an open connection send() or recv(), in place of ETIMEDOUT, when the retransmissions are used up.`,
		state: `SYN_SENT to CLOSED. On a synchronized connection it is a soft error: kept, and told only when TCP gives up.`,
		wire: `ICMP host unreachable (3/1), host or administratively prohibited (3/10, 3/13), TTL exceeded; for IPv6 address unreachable (1/3). Or nothing at all: the
next hop answered no ARP or neighbour solicitation (connect() fails after some 3 s), or the route is of type unreachable.`,
		myth:  `"No route to host" as the text of the error: mostly there is a route, and a host or firewall at its end said no.`,
		check: []string{"ip route get ADDRESS", "ip neigh show", "tcpdump -ni any 'icmp or icmp6 or arp'"},
		refs:  []string{"icmp(7)", "RFC 1122 §4.2.3.9"},
		see:   []string{"unreachable", "soft error", "host unreachable", "ENETUNREACH"},
	},
	{
		name: "ENETUNREACH", number: 101, bsd: 51, windows: 10051, message: "Network is unreachable",
		calls: `connect(), at once.`,
		state: `CLOSED stays CLOSED when this host has no route; SYN_SENT to CLOSED when a router says so. Soft on a synchronized connection.`,
		wire:  `No route: not even a SYN. Else ICMP network unreachable, unknown or prohibited (3/0, 3/6, 3/9), for IPv6 no route (1/0).`,
		check: []string{"ip route get ADDRESS", "ip -6 route"},
		refs:  []string{"connect(2)", "icmp(7)"},
		see:   []string{"EHOSTUNREACH", "unreachable", "soft error"},
	},
	{
		name: "EACCES", number: 13, bsd: 13, windows: 10013, message: "Permission denied",
		calls: `connect(), when ICMPv6 said "administratively prohibited" or the route is of type prohibit. bind(), to a port below net.ipv4.ip_unprivileged_port_start
(1024) without CAP_NET_BIND_SERVICE. Any of them, where a security module forbids it.`,
		state: `SYN_SENT to CLOSED after the ICMPv6 error; else none.`,
		wire:  `ICMPv6 1/1 as the answer to the SYN. The other causes are not visible on the wire. The IPv4 counterpart (3/13) gives EHOSTUNREACH.`,
		check: []string{"ip route get ADDRESS", "sysctl net.ipv4.ip_unprivileged_port_start"},
		refs:  []string{"connect(2)", "bind(2)"},
		see:   []string{"EHOSTUNREACH", "EPERM", "unreachable"},
	},
	{
		name: "EPERM", number: 1, bsd: 1, message: "Operation not permitted",
		calls: `connect() or bind(), refused by a BPF program of the control group or a security module.`,
		wire:  unseen,
		myth:  `"A local DROP rule gives EPERM": for UDP and ping. A dropped SYN is sent again, and connect() ends in ETIMEDOUT.`,
		check: []string{"bpftool cgroup tree"},
		refs:  []string{"connect(2)"},
		see:   []string{"EACCES"},
	},
	{
		name: "ENOPROTOOPT", number: 92, bsd: 42, windows: 10042, message: "Protocol not available",
		calls: `connect(), after an ICMP error. setsockopt() and getsockopt() with an option that the socket does not have.`,
		state: `SYN_SENT to CLOSED; soft on a synchronized connection.`,
		wire:  `ICMP protocol unreachable (3/2) as the answer to the SYN. Of setsockopt() nothing.`,
		refs:  []string{"icmp(7)", "getsockopt(2)"},
		see:   []string{"unreachable", "ECONNREFUSED"},
	},
	{
		name: "EHOSTDOWN", number: 112, bsd: 64, windows: 10064, message: "Host is down",
		calls: `connect(). Linux gives it for ICMP "host unknown" only; BSD for an address that answers no ARP.`,
		state: `SYN_SENT to CLOSED.`,
		wire:  `ICMP 3/7 as the answer to the SYN.`,
		refs:  []string{"icmp(7)"},
		see:   []string{"EHOSTUNREACH", "unreachable"},
	},
	{
		name: "ENETDOWN", number: 100, bsd: 50, windows: 10050, message: "Network is down",
		calls: `connect(), send() and, by POSIX, accept(): the interface that the route leads out of is down. Linux mostly takes the route away with it and gives ENETUNREACH.`,
		state: `SYN_SENT to CLOSED; an open connection waits for the interface to come back until its retransmissions are used up.`,
		wire:  unseen,
		check: []string{"ip -br link; ip route get ADDRESS"},
		refs:  []string{"connect(2)", "accept(2)"},
		see:   []string{"ENETUNREACH", "ETIMEDOUT"},
	},
	{
		name: "ENONET", number: 64, message: "Machine is not on the network",
		calls: `connect().`,
		state: `SYN_SENT to CLOSED.`,
		wire:  `ICMP "source host isolated" (3/8) as the answer to the SYN; hardly any router sends it.`,
		refs:  []string{"icmp(7)"},
		see:   []string{"EHOSTUNREACH", "unreachable"},
	},
	{
		name: "EADDRINUSE", number: 98, bsd: 48, windows: 10048, message: "Address already in use",
		calls: `bind(), when another socket has the port: a listener, a connection, or one in TIME_WAIT. bind() to port 0, when every ephemeral port is taken.
listen(), when another socket listens there.`,
		state: `TIME_WAIT of an earlier connection is the usual cause after a restart. SO_REUSEADDR lets bind() pass over it, if the old socket had it set too;
over a live listener only SO_REUSEPORT does.`,
		wire:  unseen,
		check: []string{"ss -tanp 'sport = :PORT'"},
		refs:  []string{"bind(2)", "socket(7)"},
		see:   []string{"TIME_WAIT", "EADDRNOTAVAIL", "port exhaustion"},
	},
	{
		name: "EADDRNOTAVAIL", number: 99, bsd: 49, windows: 10049, message: "Cannot assign requested address",
		calls: `connect(), when every ephemeral port is in use towards that address and port, or the source port asked for has such a connection already. bind(), to an
address that this host does not have.`,
		wire:  `Nothing: no SYN goes out. Before it a capture shows a great many short connections that this host closes first.`,
		check: []string{"ss -tan state time-wait | wc -l", "sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse", "ip addr show"},
		refs:  []string{"connect(2)", "ip(7)"},
		see:   []string{"port exhaustion", "TIME_WAIT", "EADDRINUSE"},
	},
	{
		name: "EINPROGRESS", number: 115, bsd: 36, windows: 10036, message: "Operation now in progress",
		calls: `connect() on a non-blocking socket: the attempt has begun. connect() with SO_SNDTIMEO, when that time ran out. No failure: poll() for writing, then
read SO_ERROR.`,
		state: `SYN_SENT.`,
		wire:  `The SYN, just sent.`,
		refs:  []string{"connect(2)"},
		see:   []string{"non-blocking connect", "EALREADY", "SYN_SENT"},
	},
	{
		name: "EALREADY", number: 114, bsd: 37, windows: 10037, message: "Operation already in progress",
		calls: `connect() again, while the first attempt is still under way.`,
		state: `SYN_SENT.`,
		wire:  `The SYN, possibly repeated; the second call sends nothing.`,
		refs:  []string{"connect(2)"},
		see:   []string{"EINPROGRESS", "EISCONN", "non-blocking connect"},
	},
	{
		name: "EISCONN", number: 106, bsd: 56, windows: 10056, message: "Transport endpoint is already connected",
		calls: `connect() on a socket that has a connection. On Linux the first call after a non-blocking attempt succeeded returns 0, the ones after it this. Also connect()
on a listening socket.`,
		state: `ESTABLISHED and later; LISTEN.`,
		wire:  unseen,
		refs:  []string{"connect(2)"},
		see:   []string{"EALREADY", "non-blocking connect"},
	},
	{
		name: "ECONNABORTED", number: 103, bsd: 53, windows: 10053, message: "Software caused connection abort",
		calls: `accept() on systems that follow POSIX, for a connection that its client reset while it waited. On Linux never that: recv() or send() on a
socket that an administrator destroyed with "ss -K".`,
		state: `Any, to CLOSED.`,
		wire:  `RST right behind the handshake; with "ss -K" a RST,ACK that this host sends itself.`,
		myth:  `"accept() fails with ECONNABORTED when the client resets first": on Linux accept() succeeds, and the first recv() gives ECONNRESET. BSD hides the connection.`,
		refs:  []string{"accept(2)", "RFC 9293 §3.10.5"},
		see:   []string{"reset-before-accept", "EPROTO", "ECONNRESET"},
	},
	{
		name: "EPROTO", number: 71, message: "Protocol error",
		calls: `connect(), after an ICMP parameter problem. accept() on System V, for a connection that was reset while it waited.`,
		state: `SYN_SENT to CLOSED.`,
		wire:  `ICMP parameter problem (IPv4 12, IPv6 4) as the answer to the SYN; on System V a RST behind the handshake.`,
		refs:  []string{"icmp(7)", "accept(2)"},
		see:   []string{"ECONNABORTED", "reset-before-accept"},
	},
}
