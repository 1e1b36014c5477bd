package glossary

// openErrnos are the errors of a connection that was open.
var openErrnos = []errno{
	{
		name: "ECONNRESET", number: 104, bsd: 54, windows: 10054, message: "Connection reset by peer", also: []string{"connection reset"},
		calls: `recv(), send() and poll(), once; then recv() returns 0 and send() gives EPIPE. The first recv() of a server, if its client reset the connection before
accept(). Data that had arrived before the RST can still be read first.`,
		state: `ESTABLISHED, FIN_WAIT_1 and FIN_WAIT_2 to CLOSED, by an acceptable RST. Not in SYN_SENT (ECONNREFUSED) and not in CLOSE_WAIT (EPIPE).`,
		wire: `A RST to this end whose sequence number is exactly the next one expected. RST without ACK and with window 0: no socket there any more. RST,ACK: a
socket that was aborted.`,
		myth:  `"RST received, so ECONNRESET": it depends on the state. Two resets that cross give no error to either side.`,
		check: []string{"nstat -az TcpEstabResets TcpOutRsts", "tcpdump -ni any 'tcp[tcpflags] & tcp-rst != 0'"},
		refs:  []string{"recv(2)", "RFC 9293 §3.10.7.4", "RFC 5961 §3"},
		see:   []string{"RST", "abortive-close", "half-open-peer-gone", "EPIPE", "ECONNREFUSED"},
	},
	{
		name: "EPIPE", number: 32, bsd: 32, message: "Broken pipe",
		calls: `send() and write(), with SIGPIPE unless that is ignored or MSG_NOSIGNAL is given: after this end's own shutdown(SHUT_WR); after a RST that came in CLOSE_WAIT;
after an error that was reported already. On Linux also on a socket that was never connected.`,
		state: `CLOSE_WAIT to CLOSED by a RST; or CLOSED already.`,
		wire: `The other end's FIN, then data of this end, answered by RST: the first send() after the FIN had succeeded. The call that fails sends
nothing.`,
		myth: `"ECONNRESET first, then EPIPE": after a FIN Linux gives EPIPE alone, and recv() goes on returning 0.`,
		refs: []string{"send(2)", "tcp(7)"},
		see:  []string{"SIGPIPE", "CLOSE_WAIT", "data-after-close", "ECONNRESET"},
	},
	{
		name: "ENOTCONN", number: 107, bsd: 57, windows: 10057, message: "Transport endpoint is not connected",
		calls: `recv(), shutdown() and getpeername() on a socket that has no connection: never had, or has none since a RST or timeout.`,
		state: `CLOSED or LISTEN.`,
		wire:  unseen,
		myth:  `"send() on an unconnected socket gives ENOTCONN": on Linux it gives EPIPE.`,
		refs:  []string{"recv(2)", "getpeername(2)"},
		see:   []string{"EPIPE", "ECONNRESET"},
	},
	{
		name: "ENETRESET", number: 102, bsd: 52, windows: 10052, message: "Network dropped connection on reset",
		calls: `None of TCP on Linux. Windows gives it when keep-alive finds the other end gone.`,
		wire:  `On Windows, keep-alives without an answer.`,
		myth:  `"A host that crashed and came back gives ENETRESET": on Linux it answers with a RST, and that gives ECONNRESET; silence gives ETIMEDOUT.`,
		refs:  []string{"POSIX, errno.h"},
		see:   []string{"ETIMEDOUT", "ECONNRESET", "keep-alive"},
	},
	{
		name: "EAGAIN", number: 11, bsd: 35, windows: 0, also: []string{"EWOULDBLOCK", "WSAEWOULDBLOCK", "10035"}, message: "Resource temporarily unavailable",
		calls: `On a non-blocking socket: recv() with nothing to read, send() with a full send buffer, accept() with an empty queue, either of the first two while
connect() is under way. On a blocking one: SO_RCVTIMEO or SO_SNDTIMEO ran out. EWOULDBLOCK is the same number; Windows has 10035.`,
		state: `None changes. The connection is well.`,
		wire:  `Nothing by itself. recv(): no data came. send(): the other end's window is closed or the path is slow, see zero-window.`,
		refs:  []string{"recv(2)", "send(2)", "socket(7)"},
		see:   []string{"EINPROGRESS", "zero window"},
	},
	{
		name: "EINTR", number: 4, bsd: 4, windows: 10004, message: "Interrupted system call",
		calls: `Any call that blocks, when a signal is handled before anything was transferred. Call it again; but after an interrupted connect() do not: the attempt goes
on, so poll() for writing.`,
		state: `None changes.`,
		wire:  unseen,
		refs:  []string{"signal(7)"},
		see:   []string{"EALREADY"},
	},
}
