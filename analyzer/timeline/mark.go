package timeline

import "github.com/tcpflow-explain/tcpflow-explain/reassembly"

// control returns the flags that change states.
func (m *Mark) control() reassembly.Flags {
	return m.Flags & (reassembly.SYN | reassembly.FIN | reassembly.RST)
}

// extend folds a later segment of the same side and kind into m.
func (m *Mark) extend(later *Mark) {
	m.Count += later.Count
	m.Bare += later.Bare
	m.LastFrame, m.LastTime = later.LastFrame, later.LastTime
	m.End = max(m.End, later.End)
	m.LastAck = later.LastAck
	m.Len += later.Len
	m.Window = later.Window
	m.SACKed = max(m.SACKed, later.SACKed)
	m.TSVal, m.TSEcr, m.HasTS = later.TSVal, later.TSEcr, later.HasTS
	m.Flags |= later.Flags & reassembly.PSH
	m.Notes &^= passing
}

func (m *Mark) has(f reassembly.Flags) bool { return m.Flags.Has(f) }

// isSYN reports a SYN without ACK. A reset is one, whatever other flags it has.
func (m *Mark) isSYN() bool {
	return m.Flags&(reassembly.SYN|reassembly.ACK|reassembly.RST) == reassembly.SYN
}

// isSYNACK reports a SYN with ACK.
func (m *Mark) isSYNACK() bool {
	return m.Flags&(reassembly.SYN|reassembly.ACK|reassembly.RST) == reassembly.SYN|reassembly.ACK
}

// ackNumber returns the highest number that m acknowledges, -1 without ACK.
func (m *Mark) ackNumber() int64 {
	if !m.has(reassembly.ACK) {
		return -1
	}
	return m.LastAck
}

// occupies reports whether m holds sequence numbers.
func (m *Mark) occupies() bool { return m.End > m.Seq }

// proof returns the acknowledgment number that proves that m arrived. The SYN
// alone counts for a SYN with data: the data may be refused (RFC 7413 §4.2).
func (m *Mark) proof() int64 {
	if m.has(reassembly.SYN) {
		return m.Seq + 1
	}
	return m.End
}

// socketless reports the RST of a kernel that has no socket for the segment it
// answers (RFC 9293 §3.10.7.1): no ACK, and on Linux window 0.
func (m *Mark) socketless() bool {
	return m.has(reassembly.RST) && !m.has(reassembly.ACK) && m.Window == 0
}

// samePacket reports whether m is the packet o once more: a sender that repeats a
// segment gives it another IP identification.
func (m *Mark) samePacket(o *Mark) bool {
	return m.HasIPID && o.HasIPID && m.IPID != 0 && m.IPID == o.IPID && m.HasTS == o.HasTS && m.TSVal == o.TSVal
}
