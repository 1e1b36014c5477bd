package glossary

// callErrnos are errors of the call itself: of its arguments, or of what the
// host has left.
var callErrnos = []errno{
	{
		name: "EMFILE", number: 24, bsd: 24, windows: 10024, message: "Too many open files",
		calls: `socket() and accept(), when the process has as many descriptors as RLIMIT_NOFILE allows.`,
		state: `The connections stay ESTABLISHED in the accept queue. When that is full, new SYNs are dropped.`,
		wire: `Handshakes that complete and are followed by silence of the server; later SYNs without an answer. A server that polls without accepting
spins at full load.`,
		check: []string{"ls /proc/PID/fd | wc -l; grep 'open files' /proc/PID/limits", "ss -tanp state close-wait"},
		refs:  []string{"accept(2)", "getrlimit(2)"},
		see:   []string{"ENFILE", "CLOSE_WAIT", "accept queue", "connections full"},
	},
	{
		name: "ENFILE", number: 23, bsd: 23, message: "Too many open files in system",
		calls: `socket() and accept(), when the whole host has as many open files as fs.file-max allows.`,
		state: `As with EMFILE.`,
		wire:  `As with EMFILE.`,
		check: []string{"sysctl fs.file-nr"},
		refs:  []string{"accept(2)"},
		see:   []string{"EMFILE", "connections full"},
	},
	{
		name: "ENOBUFS", number: 105, bsd: 55, windows: 10055, message: "No buffer space available",
		calls: `connect(), send() and accept(), when the kernel has no memory for it. On Windows also when its ports are used up.`,
		wire:  unseen + ` TCP that runs out of memory for closed sockets sends RST: see TCP_ABORT_ON_MEMORY.`,
		check: []string{"cat /proc/net/sockstat", "sysctl net.ipv4.tcp_mem"},
		refs:  []string{"send(2)", "tcp(7)"},
		see:   []string{"ENOMEM", "TCP_ABORT_ON_MEMORY"},
	},
	{
		name: "ENOMEM", number: 12, bsd: 12, message: "Cannot allocate memory",
		calls: `socket(), accept() and send(), when the kernel or the control group has no memory for it.`,
		wire:  unseen,
		check: []string{"cat /proc/net/sockstat"},
		refs:  []string{"accept(2)"},
		see:   []string{"ENOBUFS"},
	},
	{
		name: "EINVAL", number: 22, bsd: 22, windows: 10022, message: "Invalid argument",
		calls: `accept() on a socket that does not listen, bind() on one that is bound already, recv() with MSG_OOB and no urgent byte, an address or option of the wrong
length. connect() where the route is of type blackhole.`,
		wire: unseen,
		refs: []string{"bind(2)", "accept(2)"},
		see:  []string{"ENOTSOCK", "EOPNOTSUPP", "URG"},
	},
	{
		name: "ENOTSOCK", number: 88, bsd: 38, windows: 10038, message: "Socket operation on non-socket",
		calls: `Any socket call on a descriptor that is something else: a file or a pipe, often because the number was closed and used again.`,
		wire:  unseen,
		refs:  []string{"accept(2)"},
		see:   []string{"EBADF"},
	},
	{
		name: "EBADF", number: 9, bsd: 9, windows: 10009, message: "Bad file descriptor",
		calls: `Any call on a descriptor that is not open: mostly closed already, by another thread or twice.`,
		wire:  unseen + ` The close() before it shows as a FIN, or as a RST if data was unread.`,
		refs:  []string{"close(2)"},
		see:   []string{"ENOTSOCK"},
	},
	{
		name: "EFAULT", number: 14, bsd: 14, windows: 10014, message: "Bad address",
		calls: `Any call with a pointer to memory that is not the program's.`,
		wire:  unseen,
		refs:  []string{"send(2)"},
		see:   []string{"EINVAL"},
	},
	{
		name: "EOPNOTSUPP", number: 95, windows: 10045, also: []string{"ENOTSUP"}, message: "Operation not supported",
		calls: `listen() or accept() on a socket that is no stream; send() with MSG_FASTOPEN where
net.ipv4.tcp_fastopen does not allow it. connect(), after an ICMP "source route failed".`,
		state: `SYN_SENT to CLOSED after the ICMP error; else none.`,
		wire:  `ICMP 3/5 as the answer to the SYN; else nothing.`,
		refs:  []string{"accept(2)", "icmp(7)"},
		see:   []string{"EINVAL", "unreachable"},
	},
	{
		name: "EAFNOSUPPORT", number: 97, bsd: 47, windows: 10047, message: "Address family not supported by protocol",
		calls: `connect() and bind() with an address of another family than the socket's; socket(), when IPv6 is not there at all.`,
		wire:  unseen,
		check: []string{"sysctl net.ipv6.conf.all.disable_ipv6"},
		refs:  []string{"connect(2)"},
		see:   []string{"EINVAL"},
	},
}
