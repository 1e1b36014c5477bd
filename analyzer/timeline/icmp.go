package timeline

import "github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"

// unreachable feeds an ICMP error about a segment of e. It ends a connection
// attempt at once, unless the SYN is seen to go on; anywhere else it is only
// kept until the retransmissions give up (RFC 9293 §3.9.2.2, Linux).
func (t *teller) unreachable(e *endpoint, i int) {
	m := t.mark(i)
	errno := m.ICMP.Errno()
	if errno == "" || !t.outstanding(e, m) {
		m.Fate = Ignored
		return
	}
	if e.state() != tcpstate.SynSent {
		e.softError = errno
		return
	}
	for _, s := range e.sends {
		if o := t.mark(s); o.isSYN() && o.Frame > m.Frame {
			e.softError = errno
			return
		}
	}
	if e.step(tcpstate.Unreachable, 0, m.at(Inferred)) {
		e.closedBy, e.softError = byICMP, errno
	}
}

// outstanding reports whether the segment that an ICMP error quotes was still
// unacknowledged: an error about anything else is ignored (RFC 5927 §4.1).
func (t *teller) outstanding(e *endpoint, m *Mark) bool {
	acked := int64(-1)
	for _, g := range e.gets {
		if o := t.mark(g); o.Frame < m.Frame && o.Fate != Lost {
			acked = max(acked, o.ackNumber())
		}
	}
	return m.ICMP.Seq >= acked && m.ICMP.Seq <= t.Halves[e.side].Next
}

// Errno returns what Linux makes of the error, "" when it is none for TCP (a
// segment size to be lowered, for one). RFC 792, RFC 4443; measured on Linux 6.18.
func (n *ICMPNote) Errno() string {
	if n.V6 {
		return errnoV6(n.Type, n.Code)
	}
	if n.Type == 11 {
		return "EHOSTUNREACH"
	}
	if n.Type != 3 {
		return ""
	}
	switch n.Code {
	case 0, 6, 9, 11:
		return "ENETUNREACH"
	case 2:
		return "ENOPROTOOPT"
	case 3:
		return "ECONNREFUSED"
	case 4:
		return ""
	case 5:
		return "EOPNOTSUPP"
	case 7:
		return "EHOSTDOWN"
	case 8:
		return "ENONET"
	}
	return "EHOSTUNREACH"
}

func errnoV6(kind, code uint8) string {
	switch kind {
	case 1:
		switch code {
		case 0:
			return "ENETUNREACH"
		case 1, 5, 6:
			return "EACCES"
		case 4:
			return "ECONNREFUSED"
		}
		return "EHOSTUNREACH"
	case 3:
		return "EHOSTUNREACH"
	case 4:
		return "EPROTO"
	}
	return ""
}
