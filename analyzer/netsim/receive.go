package netsim

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// receive is SEGMENT ARRIVES (RFC 9293 §3.10.7).
func (e *endpoint) receive(s *segment) {
	switch {
	case e.state == tcpstate.Closed && e.listening && s.kind() == KindSYN:
		e.request(s)
	case e.state == tcpstate.Closed:
		e.refuse(s)
	case e.state == tcpstate.SynSent:
		e.inSynSent(s)
	case e.state == tcpstate.SynReceived && !e.active:
		e.inRequest(s)
	case e.state == tcpstate.TimeWait:
		e.inTimeWait(s)
	default:
		e.synchronized(s)
	}
}

// request takes up a connection from a listener (§3.10.7.2). There is one only.
func (e *endpoint) request(s *segment) {
	e.listening = false
	e.hear(s)
	e.step(tcpstate.ReceiveSYN, 0, s)
	e.nxt = 1
	e.sendSYNACK()
	e.expect()
}

// hear takes in the numbers of a SYN.
func (e *endpoint) hear(s *segment) {
	e.rcv, e.acked, e.taken = s.end(), s.end(), s.end()
	e.recent = s.val
}

// inSynSent is §3.10.7.3.
func (e *endpoint) inSynSent(s *segment) {
	acks := s.has(reassembly.ACK)
	if acks && (s.ack <= 0 || s.ack > e.nxt) {
		e.refuse(s)
		return
	}
	switch {
	case s.has(reassembly.RST) && acks:
		e.reset(s)
	case s.has(reassembly.RST) || !s.has(reassembly.SYN):
	case acks:
		e.hear(s)
		e.advance(s.ack)
		e.step(tcpstate.ReceiveSYN, tcpstate.AcksSYN, s)
		e.sendACK()
		e.push()
	default:
		e.hear(s)
		e.step(tcpstate.ReceiveSYN, 0, s)
		e.sendSYNACK()
		e.rto, e.retries = firstRT, 0
		e.expect()
	}
}

// inRequest is SYN_RCVD where Linux has no socket yet (tcp_check_req).
func (e *endpoint) inRequest(s *segment) {
	switch {
	case s.kind() == KindSYN && s.end() == e.rcv:
		if e.now-e.lastOOW >= oowInterval {
			e.lastOOW = e.now
			e.sendSYNACK()
			e.expect()
		}
	case !e.acceptable(s):
		if !s.has(reassembly.RST) {
			e.challenge()
		}
	case s.has(reassembly.RST):
		if s.seq == e.rcv && (!s.has(reassembly.ACK) || s.ack == e.nxt) {
			e.reset(s)
		}
	case s.has(reassembly.SYN) || !s.has(reassembly.ACK):
	case s.ack != e.nxt:
		e.refuse(s)
	default:
		e.stamp(s)
		e.advance(s.ack)
		e.step(tcpstate.ReceiveACK, tcpstate.AcksSYN, s)
		e.text(s)
		e.push()
	}
}

// inTimeWait answers what comes late (tcp_timewait_state_process).
func (e *endpoint) inTimeWait(s *segment) {
	switch {
	case s.has(reassembly.RST):
		if s.seq == e.rcv {
			e.reset(s)
		}
	case s.seq == e.rcv && s.end() == s.seq:
		e.stamp(s)
		e.restartTimeWait()
	default:
		if s.has(reassembly.ACK) {
			e.restartTimeWait()
		}
		if s.end() > s.seq && !s.has(reassembly.SYN) {
			e.sendACK()
		} else {
			e.challenge()
		}
	}
}

// acceptable is the first test of §3.10.7.4, as Linux does it (tcp_sequence).
func (e *endpoint) acceptable(s *segment) bool {
	return s.end() >= e.acked && s.seq <= e.rcv+window
}

// synchronized is §3.10.7.4 with RFC 5961.
func (e *endpoint) synchronized(s *segment) {
	switch {
	case s.has(reassembly.RST) && e.resets(s):
		e.reset(s)
	case !e.acceptable(s):
		e.unacceptable(s)
	case s.has(reassembly.RST):
		e.challenge()
	case s.has(reassembly.SYN) && !e.crossed(s):
		e.challenge()
	case !s.has(reassembly.ACK):
	case s.ack > e.nxt:
		e.challenge()
	case e.state == tcpstate.SynReceived && s.ack <= 0:
		e.refuse(s)
	default:
		e.restartKeepAlive()
		e.stamp(s)
		e.acknowledged(s)
		if e.state != tcpstate.Closed && !e.lateData(s) {
			e.text(s)
			e.push()
		}
	}
}

// resets reports whether a RST stands where it is believed (RFC 5961 §3, tcp_reset_check).
func (e *endpoint) resets(s *segment) bool {
	switch e.state {
	case tcpstate.CloseWait, tcpstate.Closing, tcpstate.LastAck:
		if s.seq == e.rcv-1 {
			return true
		}
	}
	return s.seq == e.rcv || e.plan.SACK && e.island[1] > e.rcv && s.seq == e.island[1]
}

// crossed reports whether a SYN,ACK is that of a simultaneous open.
func (e *endpoint) crossed(s *segment) bool {
	return e.state == tcpstate.SynReceived && s.kind() == KindSYNACK && s.end() == e.rcv && s.ack == e.nxt
}

// unacceptable answers a segment out of the window. Data always draws an ACK.
func (e *endpoint) unacceptable(s *segment) {
	switch {
	case s.has(reassembly.RST):
	case s.end() > s.seq && !s.has(reassembly.SYN):
		e.restartKeepAlive()
		e.twice(s)
		e.sendACK()
	default:
		e.restartKeepAlive()
		e.challenge()
	}
}

// twice keeps what to report as a duplicate.
func (e *endpoint) twice(s *segment) {
	if s.seq < e.rcv {
		e.again = [2]int64{s.seq, min(s.end(), e.rcv)}
	}
}

// stamp keeps the timestamp to echo (RFC 7323 §4.3).
func (e *endpoint) stamp(s *segment) {
	if s.stamped && s.seq <= e.acked && int32(s.val-e.recent) >= 0 {
		e.recent = s.val
	}
}

// acknowledged takes in an acknowledgment number.
func (e *endpoint) acknowledged(s *segment) {
	if s.ack > e.una {
		e.advance(s.ack)
		if e.state == tcpstate.SynReceived {
			e.step(tcpstate.ReceiveACK, tcpstate.AcksSYN, s)
		}
		if e.fin > 0 && e.una >= e.fin {
			e.step(tcpstate.ReceiveACK, tcpstate.AcksFIN, s)
		}
		return
	}
	if s.ack == e.una && s.kind() == KindACK && e.una < e.nxt {
		if e.dupAcks++; e.dupAcks == 3 {
			e.retransmit()
		}
	}
}

// advance moves SND.UNA on, and the timer with it.
func (e *endpoint) advance(ack int64) {
	e.una, e.retries, e.dupAcks = ack, 0, 0
	e.rto = leastRT + 2*e.plan.Delay
	e.disarm(retransmission)
	if e.una < e.nxt {
		if e.una < e.recover {
			e.retransmit()
		}
		e.expect()
	}
}

// lateData answers data for a closed socket with a RST, as Linux does.
func (e *endpoint) lateData(s *segment) bool {
	if !e.closed || s.seq+s.len <= e.rcv || s.len == 0 {
		return false
	}
	switch e.state {
	case tcpstate.FinWait1, tcpstate.FinWait2:
		rst := e.refuse(s)
		e.step(tcpstate.SendRST, 0, rst)
		return true
	}
	return false
}

// text takes in data and FIN.
func (e *endpoint) text(s *segment) {
	if s.end() == s.seq {
		return
	}
	if s.has(reassembly.FIN) {
		e.peerFIN = s.end()
	}
	if s.end() <= e.rcv || e.state.ReceivedFIN() {
		e.twice(s)
		e.sendACK()
		return
	}
	before := e.rcv
	e.waiting.Add(s.seq, s.end())
	if s.seq > e.rcv {
		e.island = [2]int64{s.seq, s.end()}
	}
	e.rcv = max(e.rcv, e.waiting.Gap(e.rcv))
	if e.host.Reads {
		e.taken = e.rcv
	}
	if e.peerFIN > 0 && e.rcv >= e.peerFIN {
		e.endOfFile(s)
		return
	}
	e.acknowledge(e.rcv == before || s.seq > before)
}

// acknowledge sends an ACK: at once, for every second segment, or a while later.
func (e *endpoint) acknowledge(atOnce bool) {
	e.unacked++
	if atOnce || e.unacked >= 2 || e.host.DelayedACK == 0 {
		e.sendACK()
		return
	}
	e.arm(delayedACK, e.host.DelayedACK, e.sendACK)
}

// endOfFile is the peer's FIN in order. The ACK may ride on what the application
// does at once.
func (e *endpoint) endOfFile(s *segment) {
	e.out.EOF = true
	e.step(tcpstate.ReceiveFIN, 0, s)
	if e.host.ClosesOnEOF && e.host.Think == 0 && e.host.DelayedACK > 0 && e.state == tcpstate.CloseWait {
		e.close()
		if e.acked == e.rcv {
			return
		}
	} else {
		e.readEOF()
	}
	if e.state != tcpstate.Closed {
		e.sendACK()
	}
}
