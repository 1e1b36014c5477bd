package netsim

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// segment makes a segment of a live socket.
func (e *endpoint) segment(flags reassembly.Flags, seq, length int64) *segment {
	s := &segment{
		id: len(e.result.Packets) + 1, from: e.side, flags: flags, seq: seq, len: length,
		window: window, stamped: e.plan.Timestamps, val: e.clock(), ipid: e.ipid,
		sack: e.plan.SACK,
	}
	if flags.Has(reassembly.ACK) {
		if e.said == 0 || e.peerFIN > e.said && e.rcv >= e.peerFIN {
			e.out.Proofs = append(e.out.Proofs, s.id)
		}
		e.said = e.rcv
		s.ack, s.ecr = e.rcv, e.recent
		e.acked, e.unacked = e.rcv, 0
		e.disarm(delayedACK)
		s.blocks = e.blocks()
	}
	switch {
	case flags.Has(reassembly.SYN | reassembly.ACK), e.state == tcpstate.TimeWait:
		s.ipid = 0 // Linux
	default:
		e.ipid++
	}
	return s
}

// blocks returns the selective acknowledgments that are due. TIME_WAIT sends none.
func (e *endpoint) blocks() (blocks [][2]int64) {
	if !e.plan.SACK || e.state == tcpstate.TimeWait {
		return nil
	}
	if e.again[1] > 0 {
		blocks = append(blocks, e.again)
		e.again = [2]int64{}
	}
	if e.island[1] > e.rcv {
		blocks = append(blocks, e.island)
	}
	return blocks
}

// clock counts milliseconds from a start that differs by host.
func (e *endpoint) clock() uint32 {
	return [...]uint32{3_000_000_000, 1_000_000_000}[e.side] + uint32(e.now/time.Millisecond)
}

func (e *endpoint) sendACK() { e.net.send(e.segment(reassembly.ACK, e.nxt, 0)) }

// challenge sends an ACK that Linux sends at most twice a second.
func (e *endpoint) challenge() {
	if e.now-e.lastOOW >= oowInterval {
		e.lastOOW = e.now
		e.sendACK()
	}
}

// refuse is the answer of a kernel without a socket (RFC 9293 §3.10.7.1).
func (e *endpoint) refuse(s *segment) *segment {
	if s.has(reassembly.RST) {
		return nil
	}
	rst := &segment{id: len(e.result.Packets) + 1, from: e.side, flags: reassembly.RST}
	if s.has(reassembly.ACK) {
		rst.seq = s.ack
	} else {
		rst.flags |= reassembly.ACK
		rst.seq, rst.ack = -int64(isn(e.side)), s.end()
	}
	e.net.send(rst)
	return rst
}

// abort closes a socket with a RST (RFC 9293 §3.10.5).
func (e *endpoint) abort() {
	rst := e.segment(reassembly.RST|reassembly.ACK, e.nxt, 0)
	e.net.send(rst)
	e.step(tcpstate.SendRST, 0, rst)
}

func (e *endpoint) sendSYN() { e.net.send(e.segment(reassembly.SYN, 0, 0)) }

func (e *endpoint) sendSYNACK() { e.net.send(e.segment(reassembly.SYN|reassembly.ACK, 0, 0)) }

// push sends what was written and what was closed, as far as the window allows.
func (e *endpoint) push() {
	if e.state != tcpstate.Established && e.state != tcpstate.CloseWait &&
		!(e.state == tcpstate.SynReceived && e.closing) {
		return
	}
	idle := e.una == e.nxt
	for e.nxt < e.written && e.nxt-e.una < inPipe {
		length := min(mss, e.written-e.nxt)
		s := e.segment(reassembly.ACK|reassembly.PSH, e.nxt, length)
		e.nxt += length
		if e.closing && e.host.LastOnData && e.nxt == e.written {
			e.sendFIN(s)
			break
		}
		e.net.send(s)
	}
	if e.closing && e.fin == 0 && e.nxt == e.written {
		e.sendFIN(e.segment(reassembly.ACK, e.nxt, 0))
	}
	if idle && e.una < e.nxt {
		e.expect()
	}
}

// sendFIN sends s with a FIN.
func (e *endpoint) sendFIN(s *segment) {
	s.flags |= reassembly.FIN
	e.nxt++
	e.fin, e.keepsFIN = e.nxt, s.len > 0
	e.net.send(s)
	e.step(tcpstate.SendFIN, 0, s)
}

// expect starts the retransmission timer.
func (e *endpoint) expect() { e.arm(retransmission, e.rto, e.timeout) }

// timeout sends the first unacknowledged segment again, or gives up.
func (e *endpoint) timeout() {
	limit := e.host.Retries
	if e.una == 0 {
		limit = e.host.SYNRetries
	}
	if e.retries >= limit {
		e.fail("ETIMEDOUT")
		e.step(tcpstate.RetriesUsedUp, 0, nil)
		return
	}
	e.retries++
	e.rto *= 2
	e.recover = e.nxt
	e.retransmit()
	e.expect()
}

// retransmit sends the segment at SND.UNA again.
func (e *endpoint) retransmit() {
	switch {
	case e.una == 0 && e.state == tcpstate.SynSent:
		e.sendSYN()
	case e.una == 0:
		e.sendSYNACK()
	case e.fin > 0 && e.una == e.fin-1:
		e.net.send(e.segment(reassembly.FIN|reassembly.ACK, e.una, 0))
	default:
		flags, length := reassembly.ACK|reassembly.PSH, min(mss, e.written-e.una, e.nxt-e.una)
		if e.keepsFIN && e.una+length+1 == e.fin {
			flags |= reassembly.FIN
		}
		e.net.send(e.segment(flags, e.una, length))
	}
}

// restartKeepAlive starts the keep-alive timer, as whatever arrives does.
func (e *endpoint) restartKeepAlive() {
	e.probes = 0
	if e.host.KeepAlive > 0 && e.state != tcpstate.TimeWait {
		e.arm(keepAlive, e.host.KeepAlive, e.probe)
	}
}

// probe sends a keep-alive, or gives up (RFC 9293 §3.8.4).
func (e *endpoint) probe() {
	switch {
	case e.una < e.nxt || e.state == tcpstate.Closed: // the other timer is at work
	case e.probes >= e.host.Probes:
		e.fail("ETIMEDOUT")
		e.abort()
		return
	default:
		e.probes++
		e.net.send(e.segment(reassembly.ACK, e.nxt-1, 0))
	}
	e.arm(keepAlive, e.host.KeepAlive, e.probe)
}
