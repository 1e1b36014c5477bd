package sink

import (
	"io"
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// BenchmarkJSON writes the connections that large captures hold most of.
func BenchmarkJSON(b *testing.B) {
	for _, bb := range []struct {
		name string
		c    *analyzer.Connection
	}{
		{"closed", closed()},
		{"lone SYN", loneSYN()},
		{"open", open()},
	} {
		b.Run(bb.name, func(b *testing.B) {
			out := counting{Writer: io.Discard}
			s := NewJSON(&out, JSONOptions{})
			b.ReportAllocs()
			for b.Loop() {
				s.Connection(bb.c)
			}
			b.ReportMetric(float64(out.n)/float64(b.N), "B/line")
		})
	}
}

// counting counts the bytes that pass.
type counting struct {
	io.Writer
	n int
}

func (c *counting) Write(p []byte) (int, error) {
	c.n += len(p)
	return c.Writer.Write(p)
}

// closed is a short connection that was opened and closed as it should be.
func closed() *analyzer.Connection {
	s := newStory(48211, "203.0.113.107:39918", "198.51.100.202:443")
	s.seg(52001, 0, client, syn, 0, 0, 0)
	s.seg(52897, 0.13666, server, synAck, 0, 1, 0)
	s.seg(52950, 0.137058, client, ack, 1, 1, 0)
	s.seg(52951, 0.137142, client, psh, 1, 1, 108)
	s.seg(53477, 0.274102, server, psh, 1, 109, 1155)
	s.seg(53537, 0.275037, client, finAck, 109, 1156, 0)
	s.seg(54854, 0.411697, server, finAck, 1156, 110, 0)
	s.seg(54938, 0.412095, client, ack, 110, 1157, 0)
	s.enters(client, tcpstate.SynSent, 52001, timeline.Observed, 0)
	s.enters(client, tcpstate.Established, 52897, timeline.Confirmed, 52950)
	s.enters(client, tcpstate.FinWait1, 53537, timeline.Observed, 0)
	s.enters(client, tcpstate.FinWait2, 54854, timeline.Confirmed, 54938)
	s.enters(client, tcpstate.TimeWait, 54854, timeline.Confirmed, 54938)
	s.enters(server, tcpstate.SynReceived, 52001, timeline.Confirmed, 52897)
	s.enters(server, tcpstate.Established, 52950, timeline.Confirmed, 53477)
	s.enters(server, tcpstate.CloseWait, 53537, timeline.Confirmed, 54854)
	s.enters(server, tcpstate.LastAck, 54854, timeline.Observed, 0)
	s.enters(server, tcpstate.Closed, 54938, timeline.Inferred, 0)
	s.App = [2]timeline.App{{Connect: "ok", EOF: true}, {Accept: true, EOF: true}}
	s.Handshake, s.HandshakeRTT = timeline.HandshakeComplete, 137058*time.Microsecond
	s.Teardown, s.ClosedBy = timeline.TeardownFIN, client
	s.ZeekState, s.ZeekHistory = "SF", "ShADdFf"
	s.Verdict = "closed by the client"
	return &s.Connection
}

// loneSYN is one of a flood.
func loneSYN() *analyzer.Connection {
	s := newStory(148211, "203.0.113.74:34768", "198.51.100.1:443")
	s.seg(152001, 0, client, syn, 0, 0, 0)
	s.enters(client, tcpstate.SynSent, 152001, timeline.Observed, 0)
	s.App[client].Connect = "pending"
	s.Handshake = timeline.HandshakeUnanswered
	s.ZeekState, s.ZeekHistory = "S0", "S"
	s.Verdict = "the SYN was never answered"
	s.notClosed("when the capture ended: client SYN_SENT, server unknown")
	return &s.Connection
}

// open is an idle connection, kept alive.
func open() *analyzer.Connection {
	s := newStory(148211, "203.0.113.107:39918", "198.51.100.202:443")
	s.seg(152001, 0, client, syn, 0, 0, 0)
	s.seg(152897, 0.13666, server, synAck, 0, 1, 0)
	s.seg(152950, 0.137058, client, ack, 1, 1, 0)
	s.enters(client, tcpstate.SynSent, 152001, timeline.Observed, 0)
	s.enters(client, tcpstate.Established, 152897, timeline.Confirmed, 152950)
	s.enters(server, tcpstate.SynReceived, 152001, timeline.Confirmed, 152897)
	s.enters(server, tcpstate.Established, 152950, timeline.Confirmed, 153477)
	s.App = [2]timeline.App{{Connect: "ok"}, {Accept: true}}
	s.Counters[client].KeepAlives = 2
	s.Handshake, s.HandshakeRTT = timeline.HandshakeComplete, 137058*time.Microsecond
	s.ZeekState, s.ZeekHistory = "S1", "ShADa"
	s.Verdict = "open when the capture ended"
	s.notClosed("when the capture ended: client ESTABLISHED, server ESTABLISHED")
	return &s.Connection
}

// notClosed adds the condition that most connections of a short capture have.
func (s *story) notClosed(summary string) {
	s.Conditions = []string{"not-closed"}
	s.Findings = []detect.Finding{{
		Code: "not-closed", Severity: detect.Capture, Endpoint: timeline.Nobody, Frames: []int{s.LastFrame}, Time: s.End,
		Summary:     summary,
		Explanation: "Its last segment is frame 152950; the capture runs on for 632 µs after it.",
		Checks: []string{
			"ss -tanoi 'src 203.0.113.74:34768 and dst 198.51.100.1:443'   # on 203.0.113.74",
			"ss -tanoi 'src 198.51.100.1:443 and dst 203.0.113.74:34768'   # on 198.51.100.1",
		},
	}}
}
