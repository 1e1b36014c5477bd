package netsim

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// connect is the application's active open.
func (e *endpoint) connect() {
	if e.away || e.state != tcpstate.Closed || len(e.out.States) > 0 {
		return
	}
	e.active, e.out.Connect = true, "pending"
	e.nxt = 1
	syn := e.segment(reassembly.SYN, 0, 0)
	e.step(tcpstate.SendSYN, 0, syn)
	e.net.send(syn)
	e.expect()
}

// established starts the application's script.
func (e *endpoint) established() {
	if e.active {
		e.out.Connect = "ok"
	} else {
		e.out.Accepted = true
	}
	e.restartKeepAlive()
	for _, w := range e.host.Writes {
		e.later(w.At, func() { e.write(w.Len) })
	}
	switch e.host.Ending {
	case Closes:
		e.later(e.host.EndingAt, e.close)
	case ShutsDown:
		e.later(e.host.EndingAt, e.shutdown)
	case Aborts:
		e.later(e.host.EndingAt, func() {
			e.closed = true
			switch e.state {
			case tcpstate.Established, tcpstate.CloseWait, tcpstate.FinWait1, tcpstate.FinWait2:
				e.abort()
			}
		})
	}
}

// later lets the application do something, unless it has let go by then.
func (e *endpoint) later(d time.Duration, do func()) {
	e.after(d, func() {
		if !e.away && !e.closed && e.state != tcpstate.Closed {
			do()
		}
	})
}

func (e *endpoint) write(n int) {
	if !e.closing {
		e.written += int64(n)
		e.push()
	}
}

// shutdown is shutdown(SHUT_WR).
func (e *endpoint) shutdown() {
	e.closing = true
	e.push()
}

// close is close(): a RST when data was left unread, otherwise a FIN.
func (e *endpoint) close() {
	unread := e.rcv - e.taken
	if e.out.EOF {
		unread--
	}
	e.closed = true
	if unread > 0 && e.state.Synchronized() && e.state != tcpstate.TimeWait {
		e.abort()
		return
	}
	e.shutdown()
	e.orphan()
}

// readEOF lets the application come upon end-of-file.
func (e *endpoint) readEOF() {
	if e.host.ClosesOnEOF {
		e.later(e.host.Think, e.close)
	}
}
