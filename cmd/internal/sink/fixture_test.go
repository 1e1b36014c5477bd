package sink

import (
	"net/netip"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Short names for what fixtures repeat.
const (
	client = timeline.Client
	server = timeline.Server

	syn    = reassembly.SYN
	ack    = reassembly.ACK
	synAck = reassembly.SYN | reassembly.ACK
	finAck = reassembly.FIN | reassembly.ACK
	rst    = reassembly.RST
	psh    = reassembly.PSH | reassembly.ACK
)

// epoch is the time of the first frame of each fixture: 2026-11-20 10:32:40.886341457 UTC.
const epoch = 1795170760886341457

// story builds a connection by hand, frame by frame.
type story struct{ analyzer.Connection }

func newStory(id int, from, to string) *story {
	s := new(story)
	s.ID = id
	s.Ends = [2]reassembly.Endpoint{
		reassembly.EndpointFrom(netip.MustParseAddrPort(from)), reassembly.EndpointFrom(netip.MustParseAddrPort(to)),
	}
	s.HandshakeRTT = -1
	s.ClosedBy = timeline.Nobody
	return s
}

// seg adds a segment; at is in seconds since epoch.
func (s *story) seg(frame int, at float64, from timeline.Side, flags reassembly.Flags, seq, ack, length int64) *timeline.Mark {
	m := timeline.Mark{From: from, Fate: timeline.Arrived, Flags: flags, Count: 1, Frame: frame, LastFrame: frame,
		Time: when(at), LastTime: when(at), Seq: seq, Ack: ack, LastAck: ack, End: seq + length, Len: length, Window: 64512}
	if flags.Any(syn | reassembly.FIN) {
		m.End++
	}
	if len(s.Marks) == 0 {
		s.Start, s.FirstFrame = m.Time, frame
	}
	s.End, s.LastFrame = m.Time, frame
	s.Counters[from].Packets++
	s.Counters[from].Bytes += length
	s.Marks = append(s.Marks, m)
	return &s.Marks[len(s.Marks)-1]
}

// enters adds a transition; by is the confirming frame, or 0.
func (s *story) enters(side timeline.Side, state tcpstate.State, frame int, basis timeline.Basis, by int) {
	at := int64(0)
	for _, m := range s.Marks {
		if m.Frame == frame {
			at = m.Time
		}
	}
	s.States[side] = append(s.States[side], timeline.Transition{State: state, Time: at, Frame: frame, Basis: basis, ConfirmedBy: by})
}

func (s *story) times(side timeline.Side, at float64) {
	s.States[side] = append(s.States[side], timeline.Transition{State: tcpstate.Closed, Time: when(at), Basis: timeline.Timed})
}

func when(at float64) int64 { return epoch + int64(at*1e9+0.5) }

// finalAckLost is a real connection of two kernels, as captured at the client.
func finalAckLost() *analyzer.Connection {
	s := newStory(1, "192.168.101.113:40819", "192.168.101.41:1714")
	s.seg(3, 0.020902588, client, syn, 0, 0, 0)
	s.seg(4, 0.041785152, server, synAck, 0, 1, 0)
	s.seg(5, 0.041845045, client, ack, 1, 1, 0)
	s.seg(6, 0.053841181, client, psh, 1, 1, 939)
	s.seg(7, 0.076068687, server, ack, 1, 940, 0)
	s.seg(8, 0.076083776, server, psh, 1, 940, 386)
	s.seg(9, 0.076090806, client, ack, 940, 387, 0)
	s.seg(10, 0.190177010, client, finAck, 940, 387, 0)
	s.seg(11, 0.257729232, server, ack, 387, 941, 0)
	s.seg(12, 0.407339964, server, finAck, 387, 941, 0)
	s.seg(13, 0.407362484, client, ack, 941, 388, 0).Fate = timeline.Lost
	s.seg(14, 0.630097939, server, finAck, 387, 941, 0).Notes = timeline.Retransmission
	s.seg(15, 0.630126300, client, ack, 941, 388, 0).Fate = timeline.Presumed
	s.enters(client, tcpstate.SynSent, 3, timeline.Observed, 0)
	s.enters(client, tcpstate.Established, 4, timeline.Confirmed, 5)
	s.enters(client, tcpstate.FinWait1, 10, timeline.Observed, 0)
	s.enters(client, tcpstate.FinWait2, 11, timeline.Confirmed, 13)
	s.enters(client, tcpstate.TimeWait, 12, timeline.Confirmed, 13)
	s.enters(server, tcpstate.SynReceived, 3, timeline.Confirmed, 4)
	s.enters(server, tcpstate.Established, 5, timeline.Confirmed, 7)
	s.enters(server, tcpstate.CloseWait, 10, timeline.Confirmed, 11)
	s.enters(server, tcpstate.LastAck, 12, timeline.Observed, 0)
	s.enters(server, tcpstate.Closed, 15, timeline.Inferred, 0)
	s.App = [2]timeline.App{{Connect: "ok", EOF: true}, {Accept: true, EOF: true}}
	s.Handshake, s.HandshakeRTT = timeline.HandshakeComplete, 20942457*time.Nanosecond
	s.Teardown, s.ClosedBy = timeline.TeardownFIN, client
	s.Counters[server].RetransmittedPackets = 1
	s.ZeekState, s.ZeekHistory = "SF", "ShADadFfT"
	s.Verdict = "Closed by the client with FIN on both sides; the client's last ACK was lost and sent again."
	s.Findings = []detect.Finding{{
		Code: "final-ack-lost", Severity: detect.Warning, Endpoint: server, Frames: []int{13, 14}, Time: when(0.407362484),
		Summary: "The server sent its FIN again 0.22 s after frame 13 had acknowledged it.",
		Explanation: "That ACK passed the point of capture and did not reach the server, which stayed in LAST_ACK. " +
			"TIME_WAIT did its work: the client answered the second FIN (frame 15). No application noticed: both had read end-of-file.",
		Causes: []string{"packet loss from the client towards the server", "a firewall that drops the last ACK of a connection"},
		Checks: []string{"nstat -az TcpRetransSegs   # on 192.168.101.41", "ss -tin dst 192.168.101.113"},
		Refs:   []string{"RFC 9293 §3.6", "RFC 9293 §3.10.7.4"},
	}}
	return &s.Connection
}

// refused is answered by a RST.
func refused() *analyzer.Connection {
	s := newStory(2, "172.22.30.234:55194", "172.22.30.136:8990")
	s.seg(18, 1.004662529, client, syn, 0, 0, 0)
	s.seg(19, 1.012339345, server, rst|ack, 0, 1, 0)
	s.enters(client, tcpstate.SynSent, 18, timeline.Observed, 0)
	s.enters(client, tcpstate.Closed, 19, timeline.Inferred, 0)
	s.enters(server, tcpstate.Closed, 19, timeline.Observed, 0)
	s.App[client] = timeline.App{Connect: "ECONNREFUSED", Error: "ECONNREFUSED"}
	s.Handshake, s.Teardown, s.ClosedBy = timeline.HandshakeRefused, timeline.TeardownReset, server
	s.ZeekState, s.ZeekHistory = "REJ", "Sr"
	s.Verdict = "Refused: nothing listens on 172.22.30.136:8990."
	s.Findings = []detect.Finding{{
		Code: "connection-refused", Severity: detect.Error, Endpoint: client, Frames: []int{18, 19}, Time: when(1.012339345),
		Summary:     "The server answered the SYN by a RST after 7.7 ms.",
		Explanation: "No socket listens on port 8990 of 172.22.30.136, and its kernel said so. connect() failed with ECONNREFUSED.",
		Causes:      []string{"the service is not running", "it listens on another address or port"},
		Checks:      []string{"ss -tln sport = :8990   # on 172.22.30.136"},
		Refs:        []string{"RFC 9293 §3.10.7.1"},
	}}
	return &s.Connection
}

// halfOpen is left in SYN_RCVD until the server's timer ends it.
func halfOpen() *analyzer.Connection {
	s := newStory(3, "[2001:db8::58:252]:53938", "[2001:db8::58:143]:22")
	s.seg(20, 2, client, syn, 0, 0, 0)
	for i, at := range []float64{2.000039515, 3.029208940, 5.045232003} {
		m := s.seg(21+i, at, server, synAck, 0, 1, 0)
		m.Fate = timeline.Presumed
		if i > 0 {
			m.Notes = timeline.Retransmission
			s.Counters[server].RetransmittedPackets++
		}
	}
	s.enters(client, tcpstate.SynSent, 20, timeline.Observed, 0)
	s.enters(server, tcpstate.SynReceived, 20, timeline.Confirmed, 21)
	s.times(server, 65.5)
	s.App[client] = timeline.App{Connect: "pending"}
	s.App[server] = timeline.App{Error: "ETIMEDOUT"}
	s.Handshake, s.Teardown = timeline.HandshakeIncomplete, timeline.TeardownTimeout
	s.ZeekState, s.ZeekHistory = "S1", "Sht"
	s.Conditions = []string{"one-direction"}
	s.Verdict = "Half open: the server's SYN-ACK was sent 3 times and never acknowledged."
	s.Findings = []detect.Finding{{
		Code: "half-open-handshake", Severity: detect.Warning, Endpoint: server, Frames: []int{21, 22, 23}, Time: when(2.000039515),
		Summary:     "The SYN-ACK was sent 3 times in 3.05 s and never acknowledged.",
		Explanation: "The server waited in SYN_RCVD. No application saw anything: accept() had nothing to return.",
		Causes:      []string{"the SYN-ACK does not reach the client", "the source address of the SYN is forged"},
		Checks:      []string{"ss -tn state syn-recv sport = :22"},
		Refs:        []string{"RFC 9293 §3.5"},
	}, {
		Code: "one-direction", Severity: detect.Capture, Endpoint: timeline.Nobody, Frames: []int{21}, Time: when(2),
		Summary: "After the SYN only the server's packets were captured.",
	}}
	return &s.Connection
}

// troubled has what an ordinary ladder lacks: a start in mid-stream, a probe, a
// closed window, lost and ignored segments, an ICMP error, a RST.
func troubled() *analyzer.Connection {
	s := newStory(4, "10.0.0.1:1000", "10.0.0.2:80")
	s.Guessed = true
	s.seg(30, 3, client, psh, 1, 1, 1448).Notes = timeline.Retransmission
	s.Marks[0].Fate = timeline.Lost
	run := s.seg(31, 3.1, client, psh, 1, 1, 14480)
	run.Count, run.LastFrame, run.LastTime = 10, 52, when(3.2)
	back := s.seg(33, 3.11, server, ack, 1, 1449, 0)
	back.Count, back.LastFrame, back.LastTime = 9, 51, when(3.2)
	zero := s.seg(53, 3.3, server, ack, 1, 15929, 0)
	zero.Window, zero.Notes = 0, timeline.ZeroWindow
	s.seg(54, 3.5, client, ack, 15928, 1, 0).Notes = timeline.WindowProbe
	s.seg(55, 3.6, server, ack, 1, 15929, 0).Notes = timeline.WindowUpdate
	s.seg(56, 60.2, client, ack, 15928, 1, 0).Notes = timeline.KeepAlive
	s.seg(57, 60.3, server, ack, 1, 15929, 0).Notes = timeline.KeepAliveAck
	s.seg(58, 61, server, rst, 99999, 0, 0).Fate = timeline.Ignored
	s.seg(59, 61.1, client, ack, 15929, 1, 0).Notes = timeline.ChallengeAck | timeline.DuplicateAck
	icmp := s.seg(60, 61.2, server, 0, 0, 0, 0)
	icmp.ICMP = &timeline.ICMPNote{Router: netip.MustParseAddr("10.0.0.254").As16(), Type: 3, Code: 1}
	s.seg(61, 61.3, server, rst|ack, 1, 15929, 0).Fate = timeline.Presumed
	s.enters(client, tcpstate.Established, 30, timeline.MidStream, 0)
	s.enters(server, tcpstate.Established, 30, timeline.MidStream, 0)
	s.enters(server, tcpstate.Closed, 61, timeline.Observed, 0)
	s.enters(client, tcpstate.Closed, 61, timeline.Inferred, 0)
	s.App = [2]timeline.App{{Connect: "ok", Error: "ECONNRESET"}, {Accept: true}}
	s.Handshake, s.Teardown, s.ClosedBy = timeline.HandshakeNotCaptured, timeline.TeardownReset, server
	s.ZeekState, s.ZeekHistory = "RSTR", "Dar"
	s.Conditions = []string{"mid-stream"}
	s.Verdict = "Reset by the server while it was open."
	s.Findings = []detect.Finding{{
		Code: "abortive-close", Severity: detect.Warning, Endpoint: server, Frames: []int{61}, Time: when(61.3),
		Summary: "The server reset the connection with no FIN before.", Explanation: "The client's next read failed with ECONNRESET.",
		Causes: []string{"SO_LINGER with time 0", "close() with unread data"}, Refs: []string{"RFC 9293 §3.10.5"},
	}}
	return &s.Connection
}

// clean has nothing to tell but that it went well.
func clean() *analyzer.Connection {
	s := newStory(5, "10.9.0.1:40000", "10.9.0.2:9000")
	s.seg(70, 70, client, syn, 0, 0, 0)
	s.seg(71, 70.0001, server, synAck, 0, 1, 0)
	s.seg(72, 70.0002, client, ack, 1, 1, 0)
	s.enters(client, tcpstate.SynSent, 70, timeline.Observed, 0)
	s.enters(client, tcpstate.Established, 71, timeline.Confirmed, 72)
	s.enters(server, tcpstate.SynReceived, 70, timeline.Confirmed, 71)
	s.enters(server, tcpstate.Established, 72, timeline.Inferred, 0)
	s.App = [2]timeline.App{{Connect: "ok"}, {Accept: true}}
	s.Handshake, s.HandshakeRTT = timeline.HandshakeComplete, 200*time.Microsecond
	s.ZeekState, s.ZeekHistory = "S1", "ShA"
	s.Conditions = []string{"not-closed"}
	s.Verdict = "Open when the capture ended."
	return &s.Connection
}

// summaryOf closes a report over these connections.
func summaryOf(cs ...*analyzer.Connection) *analyzer.Summary {
	sum := &analyzer.Summary{Files: []string{"client.pcap"}, LinkType: "EN10MB", Frames: 15, Segments: 13,
		Skipped: map[string]int{"not IP": 2}, Connections: len(cs), First: epoch, Last: when(0.63), Vantage: "near the client",
		Findings: map[string]int{}, ByState: [2]map[string]int{{}, {}}, Elapsed: 1500 * time.Microsecond}
	for _, c := range cs {
		sum.Last = max(sum.Last, c.End)
		sum.Frames = max(sum.Frames, c.LastFrame)
		for side := range timeline.Nobody {
			sum.ByState[side][c.Last(side).String()]++
		}
		for _, f := range c.Findings {
			sum.Findings[f.Code]++
		}
	}
	return sum
}
