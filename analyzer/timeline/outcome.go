package timeline

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// outcome sums up the story: how the connection opened and closed, and what the
// applications saw.
func (t *teller) outcome() {
	t.story.Handshake = t.handshake()
	if t.story.Handshake == HandshakeComplete || t.story.Handshake == HandshakeSimultaneous {
		t.story.HandshakeRTT = t.handshakeRTT()
	}
	t.story.Teardown = t.teardown()
	t.story.ClosedBy = t.firstToClose()
	for side := range t.ends {
		t.story.App[side] = t.app(&t.ends[side])
	}
}

func (e *endpoint) passed(s tcpstate.State) bool {
	for i := range e.states {
		if e.states[i].State == s {
			return true
		}
	}
	return false
}

func (t *teller) handshake() Handshake {
	client, server := &t.ends[Client], &t.ends[Server]
	switch {
	case !t.mark(0).has(reassembly.SYN) || t.mark(0).has(reassembly.RST):
		return HandshakeNotCaptured
	case client.passed(tcpstate.SynReceived) && server.passed(tcpstate.SynReceived) &&
		(client.passed(tcpstate.Established) || server.passed(tcpstate.Established)):
		return HandshakeSimultaneous
	case client.passed(tcpstate.Established) && server.passed(tcpstate.Established):
		return HandshakeComplete
	case client.closedBy == byReset && client.passed(tcpstate.SynSent) && !client.passed(tcpstate.Established):
		return HandshakeRefused
	case client.closedBy == byICMP:
		return HandshakeUnreachable
	case len(server.sends) == 0:
		return HandshakeUnanswered
	}
	return HandshakeIncomplete
}

// handshakeRTT returns the time from the SYN that was answered to the ACK that
// completes the handshake.
func (t *teller) handshakeRTT() time.Duration {
	syn, synack := int64(-1), int64(-1)
	for i := range t.story.Marks {
		m := t.mark(i)
		switch {
		case m.Notes&void != 0:
		case m.isSYN() && m.From == Client && synack < 0:
			syn = m.Time
		case m.isSYNACK():
			synack = m.Time
		case synack >= 0 && syn >= 0 && m.From == Client && m.has(reassembly.ACK) && !m.has(reassembly.RST):
			return time.Duration(m.Time - syn)
		}
	}
	return -1
}

func (t *teller) teardown() Teardown {
	client, server := &t.ends[Client], &t.ends[Server]
	reset := func(e *endpoint) bool { return e.closedBy == byReset || e.closedBy == byOwnReset }
	switch {
	case client.sentFIN && server.sentFIN && client.orderly() && server.orderly():
		if client.passed(tcpstate.Closing) && server.passed(tcpstate.Closing) {
			return TeardownSimultaneous
		}
		return TeardownFIN
	case reset(client) || reset(server):
		return TeardownReset
	case client.closedBy == byTimer || server.closedBy == byTimer:
		return TeardownTimeout
	case client.sentFIN && server.sentFIN:
		return TeardownFIN
	case client.sentFIN || server.sentFIN:
		return TeardownHalfClosed
	}
	return TeardownNone
}

// orderly reports whether e's direction was closed by a FIN that was
// acknowledged, whatever stray reset came after.
func (e *endpoint) orderly() bool {
	return e.passed(tcpstate.TimeWait) || e.closedBy == byAck
}

func (t *teller) firstToClose() Side {
	for i := range t.story.Marks {
		m := t.mark(i)
		e := &t.ends[m.From]
		switch {
		case m.Notes&void != 0:
		case m.has(reassembly.FIN) && e.sentFIN && m.End == t.Halves[m.From].FIN, m.has(reassembly.RST) && t.story.Ended(m):
			return m.From
		}
	}
	for side := range t.ends {
		if t.ends[side].sentFIN {
			return Side(side)
		}
	}
	return Nobody
}

// app says what the application of e saw (Linux, as measured; RFC 9293 §3.9.1).
func (t *teller) app(e *endpoint) App {
	a := App{EOF: e.receivedFIN, Error: t.errno(e)}
	foundOpen := t.story.Handshake == HandshakeNotCaptured && e.side == Client && len(e.states) > 0
	opened := e.passed(tcpstate.SynSent) || foundOpen
	if opened {
		a.Connect = t.connect(e)
	}
	a.Accept = !opened && e.side == Server && (e.passed(tcpstate.Established) || e.sentFIN || t.early(e) != 0)
	return a
}

// connect returns what connect() gave e: "ok", "pending" or an errno name.
func (t *teller) connect(e *endpoint) string {
	switch {
	case e.passed(tcpstate.Established):
		return "ok"
	case e.closedBy == notClosed || e.closedBy == byOwnReset:
		return "pending"
	}
	return t.errno(e)
}

// errno returns the error that e's socket was left with, "" for none.
func (t *teller) errno(e *endpoint) string {
	switch e.closedBy {
	case byICMP:
		return e.softError
	case byOwnReset:
		if t.probesUnanswered(e) {
			return "ETIMEDOUT" // the only timer of Linux that sends a reset
		}
	case byTimer:
		if e.before() == tcpstate.SynReceived && !e.passed(tcpstate.SynSent) {
			return "" // a request of a listener: no application has seen it yet
		}
		if e.softError != "" && e.softError != "ECONNREFUSED" {
			return e.softError
		}
		return "ETIMEDOUT"
	case byReset:
		return e.resetErrno()
	}
	return ""
}

// before returns the state that e left last.
func (e *endpoint) before() tcpstate.State {
	if n := len(e.states); n > 1 {
		return e.states[n-2].State
	}
	return tcpstate.Unknown
}

// probesUnanswered reports whether e's reset came after keep-alives that nothing
// answered: the last probe came later than anything else that e had or sent.
func (t *teller) probesUnanswered(e *endpoint) bool {
	probe, other := 0, 0
	for i := range t.story.Marks {
		m := t.mark(i)
		switch {
		case m.ICMP != nil:
		case m.From == e.side && m.Notes&KeepAlive != 0:
			probe = m.LastFrame
		case m.From == e.side && !m.has(reassembly.RST), m.From != e.side && m.Fate != Lost:
			other = max(other, m.LastFrame)
		}
	}
	return probe > other
}

// resetErrno returns what a reset in the state before CLOSED leaves behind.
func (e *endpoint) resetErrno() string {
	switch e.before() {
	case tcpstate.SynSent:
		return "ECONNREFUSED"
	case tcpstate.SynReceived:
		if e.passed(tcpstate.SynSent) {
			return "ECONNRESET"
		}
		return "" // a request of a listener: no application has seen it yet
	case tcpstate.CloseWait:
		return "EPIPE"
	}
	return "ECONNRESET"
}
