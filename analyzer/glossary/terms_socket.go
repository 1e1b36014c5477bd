package glossary

// socketTerms are about what a program sees, and how to look at its host.
var socketTerms = []Entry{
	{
		Name: "SIGPIPE", Title: "the signal behind \"Broken pipe\"",
		Text: `send() or write() on a socket that cannot send any more raises it and, if the process survives, returns EPIPE. By default it ends the process without a word. Servers ignore it or use MSG_NOSIGNAL.
The write that provoked the RST had succeeded; the signal comes with the next.`,
		Refs: []string{"signal(7)", "send(2)"},
		See:  []string{"EPIPE", "data-after-close", "CLOSE_WAIT"},
	},
	{
		Name: "end of file", Also: []string{"EOF", "recv returns 0", "read returns 0"}, Title: "recv() returns 0: the other end's FIN, with all data before it",
		Text: `No error, and no statement about the other program except that it sends nothing more. The answer is close(), or to go on sending if the protocol is made for that. Not calling close() is CLOSE_WAIT. Zero also follows an
error that was reported once.`,
		Refs: []string{"recv(2)", "RFC 9293 §3.6"},
		See:  []string{"FIN", "CLOSE_WAIT", "half-closed"},
	},
	{
		Name: "accept()", Also: []string{"accept"}, Title: "takes a finished connection from the accept queue",
		Text: `It sends nothing and is not visible on the wire. On Linux it also returns connections that their clients have reset meanwhile: the first recv() then gives ECONNRESET. Elsewhere accept() gives ECONNABORTED (POSIX),
EPROTO (System V), or waits for the next one (BSD). A server must take all of these as one lost connection, and go on; and never block in accept() after poll().`,
		Refs: []string{"accept(2)"},
		See:  []string{"accept queue", "reset-before-accept", "ECONNABORTED", "three-way handshake"},
	},
	{
		Name: "non-blocking connect", Title: "connect() that returns at once",
		Text: `It returns EINPROGRESS; poll() for writing, then read SO_ERROR: 0, or the errno of the attempt. Calling connect() again gives EALREADY while it lasts. On the wire it is like any other; a program that gives up early closes, and
the SYNs just stop, or a late SYN,ACK is answered by RST.`,
		Refs: []string{"connect(2)"},
		See:  []string{"EINPROGRESS", "EALREADY", "EISCONN", "SYN retries"},
	},
	{
		Name: "Recv-Q and Send-Q", Also: []string{"Recv-Q", "Send-Q"}, Title: "what waits in a socket",
		Text:  `Recv-Q: bytes received that the program has not read; a FIN counts as one. Send-Q: bytes that the other kernel has not acknowledged, queued ones included. For a listener: connections that wait for accept(), and their limit.`,
		Check: []string{"ss -tanp"},
		Refs:  []string{"ss(8)"},
		See:   []string{"zero window", "accept queue", "CLOSE_WAIT"},
	},
	{
		Name: "netstat | awk", Also: []string{"netstat", "count states", "ss | awk", `netstat -n | awk '/^tcp/ {++S[$NF]} END {for(a in S) print a, S[a]}'`}, Title: "how many connections are in each state",
		Text: `The first command of every article. What to make of it: many SYN_SENT: a service that is down, or a scan by this host. SYN_RCVD: a flood, or a full accept queue. ESTABLISHED: ghosts, if there are more than
clients. FIN_WAIT_1: clients that are gone. FIN_WAIT_2: others that do not close. CLOSE_WAIT: this host's program does not close. LAST_ACK: others that vanished after their FIN. TIME_WAIT: this host closes
first; harmless but for its source ports.`,
		Myth: `It says nothing about the other ends, nor about how long each has been there: a capture does, and this program's summary counts the states of both.`,
		Check: []string{
			"ss -tan | awk 'NR>1 {++s[$1]} END {for (a in s) print s[a], a}' | sort -rn",
			"netstat -n | awk '/^tcp/ {++S[$NF]} END {for (a in S) print a, S[a]}'",
		},
		Refs: []string{"ss(8)", "netstat(8)"},
		See:  []string{"SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT"},
	},
	{
		Name: "Zeek's letters", Title: "conn_state and history, as Zeek's conn.log has them",
		Also: []string{"Zeek", "Bro", "conn_state", "history", "S0", "S1", "S2", "S3", "SF", "REJ", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH", "ShADadFf"},
		Text: `States: S0 a SYN without answer, REJ refused, S1 open, SF closed by both, S2 and S3 closed by the originator or the responder only, RSTO and RSTR reset by one of them, RSTOS0 a SYN and then a RST of the
originator, RSTRH a SYN,ACK and then a RST of a responder whose SYN was not seen, SH and SHR a FIN in their place, OTH anything else. Letters, upper case for the originator: s SYN, h SYN,ACK, a bare ACK, d data, f FIN,
r RST, t data again, g a gap in the capture, w a window of 0, i FIN with RST, q SYN with FIN or RST, ^ the roles are not those of the first segment. a, d, i and q come once; s, h, f and r again with another number; t, g
and w the first, tenth, hundredth time. This program never says c, a bad checksum: senders leave those to the network card, so a capture at one shows them all wrong.`,
		Myth: `"SF is a clean close": two FINs were sent. Whether they and their ACKs arrived it does not say; the states of both ends here do.`,
		Refs: []string{"Zeek documentation, base/protocols/conn/main.zeek"},
		See:  []string{"orderly close", "netstat | awk"},
	},
}
