package glossary

import (
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
)

// state explains a state of one endpoint, "this end".
type state struct {
	is    tcpstate.State
	also  []string
	title string
	end   string // what this end has sent and got
	other string // what the other end is in meanwhile
	calls string // what its program sees
	lasts string // how long Linux stays
	many  string // what it means to have many
	myth  string
	check []string
	see   []string
}

// stateEntries joins the texts with the rows of the transition table.
func stateEntries() []Entry {
	var out []Entry
	for _, s := range states {
		e := Entry{
			Kind: State, Name: s.is.String(), Also: s.also, Label: "state", Title: s.title,
			Parts: []Part{
				{"This end", s.end}, {"Other end", s.other}, {"Program", s.calls},
				{"How long", s.lasts}, {"Many", s.many},
			},
			Myth: s.myth, Check: s.check, Refs: []string{"RFC 9293 §3.3.2"}, See: s.see,
		}
		for _, r := range tcpstate.Rules() {
			if r.To == s.is && r.From != s.is {
				e.In = append(e.In, r)
			}
			if r.From == s.is && r.To != s.is {
				e.Out = append(e.Out, r)
			}
		}
		out = append(out, e)
	}
	return slices.Clip(out)
}

var states = []state{
	{
		is: tcpstate.Listen, also: []string{"LISTENING"}, title: "waits for SYNs",
		end: `A socket on which listen() was called. It holds the port, the requests whose handshake is under way, and the accept queue of those that
are complete. The socket itself never leaves LISTEN: each SYN makes an endpoint of its own, which counts from CLOSED. That is why the transition
table has no row for LISTEN, and no segment shows it.`,
		other: `Learns from the answer to its SYN: SYN,ACK from a listener, RST,ACK where none is, and nothing from a filter, a dead host, or a listener whose accept
queue is full.`,
		calls: `accept() takes a connection that is complete already. The kernel answers the SYN and finishes the handshake whether or not the program ever calls it.`,
		lasts: `Until the socket is closed. Connections that then still wait in the accept queue are reset.`,
		many:  `One for each address and port, more with SO_REUSEPORT. In ss, Recv-Q of a listener is the length of its accept queue and Send-Q the limit.`,
		myth:  `"accept() answers the SYN": it does not. accept() is no part of the handshake and leaves no trace on the wire.`,
		check: []string{"ss -ltnp", "nstat -az TcpExtListenOverflows TcpExtListenDrops"},
		see:   []string{"accept queue", "port state", "three-way handshake"},
	},
	{
		is: tcpstate.SynSent, also: []string{"SYN-SENT"}, title: "has sent a SYN and waits for the answer",
		end:   `connect() was called and the SYN sent; no acceptable answer has come. With Fast Open the state may begin before the SYN is on the wire.`,
		other: `Not there, or the SYN did not arrive; or in SYN_RCVD, with its SYN,ACK under way; or in SYN_SENT too, when both open at once.`,
		calls: `connect() blocks. A non-blocking one has returned EINPROGRESS, and poll() reports the socket writable when the attempt is decided: 0, ECONNREFUSED
(an acceptable RST), EHOSTUNREACH and its like (ICMP), or ETIMEDOUT.`,
		lasts: `With tcp_syn_retries = 6, Linux 6.5 and later sends the SYN at 0, 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s and gives up after 131 to 134 s. Older
kernels send it at 0, 1, 3, 7, 15, 31 and 63 s and give up after 127 s.`,
		many: `To one address: it is down or filtered, or its accept queue is full. To many addresses at one port: this host scans, or something on it
spreads. To everything: a route or the gateway is gone.`,
		myth: `"SYN retries come at 1, 3, 7, 15, 31 and 63 s": true before Linux 6.5 only. "A RST gives ECONNRESET": in SYN_SENT it gives ECONNREFUSED.`,
		check: []string{
			"ss -tanop state syn-sent",
			"sysctl net.ipv4.tcp_syn_retries net.ipv4.tcp_syn_linear_timeouts",
		},
		see: []string{"SYN retries", "ECONNREFUSED", "ETIMEDOUT", "syn-unanswered", "simultaneous open"},
	},
	{
		is: tcpstate.SynReceived, also: []string{"SYN_RECV", "SYN-RECV", "SYN_RECEIVED", "SYN-RECEIVED", "NEW_SYN_RECV"}, title: "has answered a SYN and waits for the ACK",
		end: `A SYN came and SYN,ACK was sent. For a listener Linux keeps no socket yet, only a request; with SYN cookies it keeps nothing at all.
With TCP_DEFER_ACCEPT a connection stays here until data comes, and so does a connection whose ACK met a full accept queue.`,
		other: `SYN_SENT, until the SYN,ACK arrives; then ESTABLISHED, and it may send. If that ACK is lost the two disagree until the SYN,ACK or data is sent again.`,
		calls: `Nothing: accept() does not know of it yet, and a RST that ends it reaches no program.`,
		lasts: `The SYN,ACK is repeated after 1, 3, 7, 15 and 31 s (tcp_synack_retries = 5), and the request is forgotten after 63 s.`,
		many: `From many addresses that never answer: a SYN flood. From few: clients that cannot receive the SYN,ACK, a slow link, or a scanner. With
the clients' ACKs captured: a full accept queue.`,
		myth: `"A full accept queue makes the server repeat its SYN,ACK": only when the queue fills between SYN and ACK. Where it is full already, Linux today drops the SYN,
and the client stays in SYN_SENT.`,
		check: []string{"ss -tano state syn-recv", "nstat -az TcpExtSyncookiesSent TcpExtListenOverflows TcpExtTCPReqQFullDoCookies"},
		see:   []string{"embryonic", "SYN flood", "SYN cookies", "accept queue", "half-open-handshake", "TCP_DEFER_ACCEPT"},
	},
	{
		is: tcpstate.Established, also: []string{"ESTAB"}, title: "open: data may go both ways",
		end:   `This end's SYN is acknowledged, and it has the other's. Neither FIN nor RST has been sent or received.`,
		other: `Mostly ESTABLISHED too. It can still be in SYN_RCVD when the handshake's ACK was lost, be closing with its FIN under way, or be gone without a trace.`,
		calls: `send() puts bytes into a buffer and succeeds: that says nothing about arrival. recv() returns data, 0 after the other's FIN, or the error of a reset.`,
		lasts: `Without limit as long as nothing is sent. Data that is never acknowledged ends it after tcp_retries2 = 15 repetitions, 924.6 s at the
least; keep-alive, if the program asks for it, after 7200 s + 9 × 75 s of silence.`,
		many: `As many as there are clients, in health. Several of one client, of which only the newest moves: ghost connections, whose end the
server never heard of.`,
		myth: `"ESTABLISHED means that the other side is there": it means that this kernel has not heard otherwise. "The final ACK of a close proves that the process is
alive": a kernel sends it without any process.`,
		check: []string{"ss -tanopi state established", `ss -tn state established | awk 'NR>1 {sub(/:[0-9]+$/, "", $4); print $4}' | sort | uniq -c | sort -rn | head`},
		see:   []string{"half-open", "keep-alive", "ghost connections", "retransmission timeout"},
	},
	{
		is: tcpstate.FinWait1, also: []string{"FIN_WAIT1", "FIN-WAIT-1"}, title: "has closed first; its FIN is not acknowledged yet",
		end: `close() or shutdown() was called here first. The FIN goes out behind the data that is still queued, so it may be on the wire much later, or never if
the other end's window is 0.`,
		other: `ESTABLISHED until the FIN arrives, CLOSE_WAIT after that.`,
		calls: `After close() nothing more: an error reaches no program. After shutdown(SHUT_WR) recv() still works.`,
		lasts: `A round trip. Without an answer: tcp_retries2 when the socket is still held, and when it is an orphan tcp_orphan_retries (0 stands for 8), some
100 s at the shortest timeout. It ends without a RST.`,
		many:  `A server was stopped or restarted and closed connections whose clients are gone: their hosts are down, or a middlebox has forgotten them.`,
		myth:  `"FIN_WAIT_1 begins with the FIN on the wire": it begins with close(). The FIN waits behind queued data.`,
		check: []string{"ss -tano state fin-wait-1", "sysctl net.ipv4.tcp_orphan_retries net.ipv4.tcp_max_orphans", "nstat -az TcpExtTCPAbortOnTimeout"},
		see:   []string{"orphan", "fin-unanswered", "fin-retransmitted", "CLOSING"},
	},
	{
		is: tcpstate.FinWait2, also: []string{"FIN_WAIT2", "FIN-WAIT-2"}, title: "has closed, and the other end knows; waits for its FIN",
		end:   `This end's FIN is acknowledged. The direction towards it is still open: it is half-closed.`,
		other: `CLOSE_WAIT: its program has not called close() yet, because it still sends, is slow, or forgot.`,
		calls: `After shutdown(SHUT_WR): recv() goes on returning data until the FIN comes. After close(): nothing; data that arrives is answered by RST.`,
		lasts: `A closed socket (an orphan) is dropped silently after tcp_fin_timeout, 60 s. A socket that was only shut down waits for ever. On the wire the two
look the same until data comes.`,
		many: `The other ends do not close: look there for CLOSE_WAIT.`,
		myth: `"tcp_fin_timeout is the length of TIME_WAIT": it is the limit of an orphan in FIN_WAIT_2, nothing else. "FIN_WAIT_2 is half-open": it is half-closed. Half-open
means that one end has lost the connection; a handshake that is not complete is embryonic.`,
		check: []string{"ss -tanop state fin-wait-2", "sysctl net.ipv4.tcp_fin_timeout"},
		see:   []string{"half-closed", "CLOSE_WAIT", "tcp_fin_timeout", "orphan", "close-wait-stuck"},
	},
	{
		is: tcpstate.CloseWait, also: []string{"CLOSE-WAIT"}, title: "the other end has closed; this program has not called close()",
		end: `The other end's FIN came, and the kernel has acknowledged it by itself. What is missing is close() of the program here: no other
thing leads on.`,
		other: `FIN_WAIT_2: for tcp_fin_timeout if its socket was closed, for ever if it was shut down. After that it is CLOSED, and knows nothing of this end.`,
		calls: `recv() returns 0, end-of-file, once all data is read. send() still works, and is right as long as the other end only shut down its sending side. If the
other end had closed, its answer is a RST: then Linux gives EPIPE to the next send(), and recv() goes on returning 0.`,
		lasts: `For ever. No timer and no sysctl ends it. Keep-alive probes, if enabled, notice only that the other host is gone or has forgotten the connection.`,
		many: `A leak in the program: a socket that is not closed after end-of-file or in an error path, a pool that does not check its idle connections, or a
program that hangs. Each holds a descriptor; in the end accept() fails with EMFILE.`,
		myth: `"A RST always gives ECONNRESET": in CLOSE_WAIT Linux gives EPIPE, and only to send(), poll() and SO_ERROR. "Kernel settings clear CLOSE_WAIT": none does.`,
		check: []string{
			"ss -tanp state close-wait   # which process; Recv-Q above 1: unread data",
			"ls /proc/PID/fd | wc -l; grep 'open files' /proc/PID/limits",
		},
		see: []string{"close-wait-stuck", "FIN_WAIT_2", "EPIPE", "EMFILE", "half-closed"},
	},
	{
		is: tcpstate.Closing, title: "both have closed, and the FINs crossed",
		end:   `This end sent FIN, and the other's FIN came before the acknowledgment of this one's.`,
		other: `CLOSING as well, if neither FIN had arrived when the other was sent.`,
		calls: `Mostly close() was called, and the program sees nothing more.`,
		lasts: `A round trip, then TIME_WAIT. If the last ACK is lost the FIN is repeated, as in FIN_WAIT_1.`,
		many:  `Rare. Many that stay: the ACKs of their FINs are lost or filtered.`,
		myth: `"Both FINs were captured before their ACKs, so it was a simultaneous close": the order at the point of capture is not the order at the ends. What
counts is whether the second FIN acknowledges the first.`,
		check: []string{"ss -tano state closing"},
		see:   []string{"simultaneous close", "TIME_WAIT"},
	},
	{
		is: tcpstate.LastAck, also: []string{"LAST-ACK"}, title: "closed second; its FIN is not acknowledged yet",
		end:   `The other end's FIN came first, then this end called close() and sent its own. Only the last ACK is missing.`,
		other: `TIME_WAIT, where it acknowledges the FIN again whenever that is repeated; or already CLOSED, where a RST does the same service.`,
		calls: `Nothing: close() was called.`,
		lasts: `A round trip. Without the ACK the FIN is repeated; an orphan gives up after tcp_orphan_retries, some 100 s at the shortest timeout, without a RST.`,
		many:  `The other ends vanished after their FIN: a load generator that was killed, hosts switched off, a filter that forgets a connection at the first FIN.`,
		myth:  `"The last ACK was captured, so the connection is closed": captured is not arrived. The FIN that comes again says that it was lost.`,
		check: []string{"ss -tano state last-ack", "sysctl net.ipv4.tcp_orphan_retries"},
		see:   []string{"final ACK lost", "final-ack-missing", "orphan", "TIME_WAIT"},
	},
	{
		is: tcpstate.TimeWait, also: []string{"TIME-WAIT"}, title: "closed first, and keeps the addresses and ports for a while",
		end: `Both FINs are acknowledged, as far as this end knows. It waits to acknowledge the other's FIN again, should its ACK be lost, and to keep old
segments out of a next connection on the same addresses and ports.`,
		other: `CLOSED, or still in LAST_ACK if the last ACK was lost. In a simultaneous close both ends are in TIME_WAIT.`,
		calls: `Nothing: no process holds it. Linux keeps a small record; its ACKs carry IP identification 0. bind() to its port fails with EADDRINUSE unless
SO_REUSEADDR is set, on the old socket as well as the new.`,
		lasts: `60 s on Linux, a constant of the kernel (60.0 to 61.9 s measured). RFC 9293 asks for 2 MSL, four minutes; Windows has 120 s or 240 s. More than
tcp_max_tw_buckets are dropped at once.`,
		many: `This host closes first, and often. Harmless on a server. On a client or proxy it uses up source ports: about 28,000 to one address and port,
held 60 s each, are some 470 connections a second.`,
		myth: `"tcp_fin_timeout shortens it": it does not. "Turn on tcp_tw_recycle": it broke clients behind NAT and was removed in Linux 4.12. "tcp_tw_reuse
is 0 by default": it is 2, loopback only. "TIME_WAIT is on the client": it is on the side that closed first.`,
		check: []string{"ss -tan state time-wait | wc -l", "ss -tan state time-wait | awk 'NR>1 {print $4}' | sort | uniq -c | sort -rn | head", "sysctl net.ipv4.tcp_tw_reuse net.ipv4.tcp_max_tw_buckets net.ipv4.ip_local_port_range"},
		see:   []string{"2MSL", "port exhaustion", "tcp_tw_reuse", "TIME_WAIT reuse", "TIME_WAIT assassination", "EADDRINUSE"},
	},
	{
		is: tcpstate.Closed, also: []string{"CLOSE", "UNCONN"}, title: "no connection",
		end: `There is no connection at this end: not yet, or not any more. A kernel answers a segment for it with RST: with RST,ACK and sequence number 0 where the
segment had no ACK (a SYN), else with a RST whose sequence number is the segment's acknowledgment number.`,
		other: `Whatever it believes. If it still has the connection, the pair is half-open, until its next segment draws that RST.`,
		calls: `After a failure the error waits on the socket: the next call returns it once, a further send() gives EPIPE, a further recv() 0.`,
		lasts: `No time: there is nothing to keep.`,
		many:  `They are not shown: netstat and ss list what is open. A socket without a connection appears in "ss -a" as UNCONN at most.`,
		myth:  `"A RST without ACK, window 0 and IP identification 0 is forged": a kernel without a socket sends just that.`,
		check: []string{"nstat -az TcpOutRsts TcpEstabResets"},
		see:   []string{"RST", "half-open", "NO_SOCKET", "ECONNRESET"},
	},
}
