package glossary

// resetTerms are about RST: what makes it count, and why it was sent. The names
// in capitals are those of the kernel's enum sk_rst_reason (Linux 6.10 and
// later), which the tracepoint tcp:tcp_send_reset prints.
var resetTerms = []Entry{
	{
		Name: "RST", Also: []string{"reset", "connection reset", "sk_rst_reason", "RST causes"}, Title: "the connection is ended at once",
		Text: `It is not acknowledged and not repeated, and acknowledges nothing. It counts when its sequence number is exactly the next one expected; elsewhere in the window it draws a challenge ACK, outside it is
ignored; in SYN_SENT it must acknowledge the SYN. Two shapes on Linux. A kernel without a socket answers a segment: RST, window 0, IP identification 0, no timestamps, sequence number = the
acknowledgment number of what it answers; to a SYN RST,ACK with sequence number 0. A socket that is aborted sends RST,ACK with its current numbers, window and timestamps.`,
		Myth:  `"RST normally comes after FIN": it has a cause each time, the kernel knows more than a dozen. "Window 0 and no timestamps: injected": the first shape is just that, and normal.`,
		Check: []string{"perf trace -e tcp:tcp_send_reset -a   # Linux 6.10 and later: with the reason", "nstat -az TcpOutRsts TcpEstabResets"},
		Refs:  []string{"RFC 9293 §3.5.2", "RFC 9293 §3.5.3", "RFC 5961 §3"},
		See:   []string{"NO_SOCKET", "TCP_ABORT_ON_CLOSE", "TCP_STATE", "TCP_TIMEWAIT_SOCKET", "TCP_KEEPALIVE_TIMEOUT", "TCP_INVALID_ACK_SEQUENCE", "challenge ACK", "forged reset", "ECONNRESET"},
	},
	{
		Name: "challenge ACK", Title: "prove that you mean it",
		Text: `The answer to a RST inside the window but not at its left edge, to a SYN on an open connection, and to an ACK far off: a plain ACK that tells where the connection stands. A peer that has
really lost it answers with a RST of the exact number; an attacker cannot. Linux limits their rate, so that one is missing proves nothing.`,
		Refs: []string{"RFC 5961 §3.2", "RFC 5961 §4.2", "RFC 5961 §5.2"},
		See:  []string{"syn-on-established", "reset-ignored"},
	},
	{
		Name: "forged reset", Also: []string{"injected reset", "RST injection", "tampering"}, Title: "a RST that its sender did not send",
		Text: `Firewalls, filters and load balancers end connections in an endpoint's name. Evidence: the endpoint carries on; the TTL is none that this host has; a pair of RSTs with different numbers; data of the real
sender that comes after. No evidence: window 0, IP identification 0, no timestamps, for a kernel without a socket sends that.`,
		Refs: []string{"RFC 3360", "RFC 5961"},
		See:  []string{"reset-forged", "RST", "idle timeout"},
	},
	{
		Name: "NO_SOCKET", Title: "RST: a segment for which there is no socket",
		Text: `A SYN to a port without a listener (ECONNREFUSED); a segment of a connection that this host has forgotten: rebooted, its orphan dropped, its TIME_WAIT over.`,
		Refs: []string{"RFC 9293 §3.10.7.1"},
		See:  []string{"RST", "connection-refused", "half-open-peer-gone", "CLOSED"},
	},
	{
		Name: "TCP_ABORT_ON_CLOSE", Also: []string{"TCPAbortOnClose", "unread data"}, Title: "RST: close() with unread data",
		Text:  `What had been received and not read is lost, so TCP says so with RST,ACK instead of FIN. A server that refuses an upload and closes does this, and so does a process that is killed.`,
		Check: []string{"nstat -az TcpExtTCPAbortOnClose"},
		Refs:  []string{"RFC 2525 §2.17", "RFC 1122 §4.2.2.13"},
		See:   []string{"RST", "abortive-close", "abortive close"},
	},
	{
		Name: "TCP_STATE", Also: []string{"ss -K", "SOCK_DESTROY"}, Title: "RST: a live socket was cut off",
		Text: `SO_LINGER with 0; connect() with AF_UNSPEC; a listener that is closed, for each connection in its accept queue; "ss -K". RST,ACK with the current numbers. SO_LINGER 0 counts in TCPAbortOnData, not in
TCPAbortOnLinger.`,
		Check: []string{"nstat -az TcpExtTCPAbortOnData"},
		Refs:  []string{"RFC 9293 §3.10.5"},
		See:   []string{"RST", "SO_LINGER", "abortive-close", "ECONNABORTED"},
	},
	{
		Name: "TCP_ABORT_ON_LINGER", Also: []string{"TCPAbortOnLinger"}, Title: "RST: TCP_LINGER2 below 0, at close()",
		Text:  `The socket is closed in FIN_WAIT_2 with TCP_LINGER2 below 0: the program does not want to wait for the other FIN.`,
		Myth:  `It is not SO_LINGER with 0: that is TCP_STATE.`,
		Check: []string{"nstat -az TcpExtTCPAbortOnLinger"},
		Refs:  []string{"tcp(7)"},
		See:   []string{"RST", "SO_LINGER", "TCP_STATE"},
	},
	{
		Name: "TCP_ABORT_ON_DATA", Also: []string{"TCPAbortOnData"}, Title: "RST: something came for a socket that was closed",
		Text:  `New data in FIN_WAIT_1 or FIN_WAIT_2 of a closed socket, or the ACK of its FIN when TCP_LINGER2 is below 0.`,
		Check: []string{"nstat -az TcpExtTCPAbortOnData"},
		Refs:  []string{"RFC 1122 §4.2.2.13"},
		See:   []string{"RST", "data-after-close", "orphan", "TCP_TIMEWAIT_SOCKET"},
	},
	{
		Name: "TCP_TIMEWAIT_SOCKET", Title: "RST: data for what is left of a closed socket",
		Text: `Linux keeps an orphan in FIN_WAIT_2 as the same small record as TIME_WAIT. New data, or a FIN that is not the next number, ends it with RST. On the wire it is the RST of a kernel without a socket.`,
		Refs: []string{"RFC 1122 §4.2.2.13"},
		See:  []string{"RST", "FIN_WAIT_2", "data-after-close", "orphan"},
	},
	{
		Name: "TCP_KEEPALIVE_TIMEOUT", Title: "RST: keep-alive gave up",
		Text: `After the last unanswered probe Linux sends RST,ACK, which mostly reaches nobody, and the program gets ETIMEDOUT. No other timeout sends a RST.`,
		Refs: []string{"RFC 9293 §3.8.4"},
		See:  []string{"RST", "keepalive-timeout", "keep-alive"},
	},
	{
		Name: "TCP_INVALID_ACK_SEQUENCE", Title: "RST: an ACK in SYN_SENT that is not for its SYN",
		Text: `A SYN,ACK that answers an older SYN, or the ACK of a peer that still has the old connection. The RST, with that number, clears the other's half; this end goes on in SYN_SENT.`,
		Refs: []string{"RFC 9293 §3.10.7.3", "RFC 9293 §3.5, figure 8"},
		See:  []string{"RST", "isn-mismatch", "syn-on-established", "SYN_SENT"},
	},
	{
		Name: "TCP_FLAGS", Title: "RST: flags that do not fit the state",
		Text: `Mostly an ACK, or SYN,ACK, for a listener that has no such handshake: the request is forgotten, the ACK has a wrong number, or another host behind the same address had it.`,
		Refs: []string{"RFC 9293 §3.10.7.2"},
		See:  []string{"RST", "LISTEN", "bad-flags"},
	},
	{
		Name: "TCP_ACK_UNSENT_DATA", Title: "RST: an ACK in SYN_RCVD for what was never sent",
		Text: `The handshake's ACK has a number beyond the SYN,ACK's, and SYN_RCVD has a socket already: Fast Open or a simultaneous open. A listener's request makes it TCP_FLAGS. On an open connection the same ACK draws a plain ACK.`,
		Refs: []string{"RFC 9293 §3.10.7.4", "RFC 5961 §5"},
		See:  []string{"RST", "TCP_FLAGS", "ack-invalid", "SYN_RCVD"},
	},
	{
		Name: "TCP_OLD_ACK", Also: []string{"TCP_TOO_OLD_ACK"}, Title: "RST: an ACK in SYN_RCVD for less than the SYN",
		Text: `The ACK does not acknowledge the SYN,ACK: it belongs to an earlier connection. As with TCP_ACK_UNSENT_DATA, where SYN_RCVD has a socket. TCP_TOO_OLD_ACK is one that lies further back than a window.`,
		Refs: []string{"RFC 9293 §3.10.7.4", "RFC 5961 §5"},
		See:  []string{"RST", "TCP_FLAGS", "ack-invalid", "SYN_RCVD"},
	},
	{
		Name: "TCP_RFC7323_PAWS", Also: []string{"PAWS"}, Title: "RST, or no answer but an ACK: a timestamp that does not fit",
		Text: `In SYN_SENT a SYN,ACK that echoes a timestamp which was never sent is answered by RST. On an open connection a segment with an older timestamp than the last is dropped and answered by an ACK: PAWS, protection
against wrapped sequence numbers.`,
		Check: []string{"nstat -az TcpExtPAWSActive TcpExtPAWSEstab"},
		Refs:  []string{"RFC 7323 §5"},
		See:   []string{"RST", "paws-reject"},
	},
	{
		Name: "INVALID_SYN", Also: []string{"tcp_abort_on_overflow"}, Title: "RST: a request in SYN_RCVD is given up",
		Text:  `A second SYN with another number inside the window of a handshake under way; or a full accept queue when tcp_abort_on_overflow is 1.`,
		Check: []string{"sysctl net.ipv4.tcp_abort_on_overflow"},
		Refs:  []string{"RFC 9293 §3.10.7.4"},
		See:   []string{"RST", "SYN_RCVD", "accept queue"},
	},
	{
		Name: "TCP_ABORT_ON_MEMORY", Also: []string{"TCPAbortOnMemory"}, Title: "RST: too many orphans, or no memory",
		Text:  `An orphan is dropped because there are more than tcp_max_orphans, or TCP has used up tcp_mem.`,
		Check: []string{"nstat -az TcpExtTCPAbortOnMemory", "cat /proc/net/sockstat"},
		Refs:  []string{"tcp(7)"},
		See:   []string{"RST", "orphan", "ENOBUFS"},
	},
	{
		Name: "TCP_DISCONNECT_WITH_DATA", Title: "RST: disconnected with data still to send",
		Text: `connect() with AF_UNSPEC, in CLOSING or LAST_ACK with data not sent yet. In the states before the reason is TCP_STATE.`,
		Refs: []string{"connect(2)"},
		See:  []string{"RST", "TCP_STATE"},
	},
	{
		Name: "MPTCP_RST", Also: []string{"MPTCP_RST_EUNSPEC", "MPTCP_RST_EMPTCP", "MPTCP_RST_ERESOURCE", "MPTCP_RST_EPROHIBIT", "MPTCP_RST_EWQ2BIG", "MPTCP_RST_EBADPERF", "MPTCP_RST_EMIDDLEBOX", "MP_TCPRST"}, Title: "RST: Multipath TCP ends one of its paths",
		Text: `The option MP_TCPRST on the RST says why: unspecified, an error of MPTCP, no resources, not allowed, too much outstanding data, bad performance, or a middlebox that interferes. The connection may go on over other
paths.`,
		Refs: []string{"RFC 8684 §3.6"},
		See:  []string{"RST"},
	},
}
