package dumptext

import (
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// FuzzReader reads any text: every packet of it becomes a frame that can be decoded,
// in rising order, and nothing panics.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		syn,
		strings.Replace(syn, " IP ", " eth0  In  IP (tos 0x0, ttl 64, id 4989, offset 0, flags [DF], proto TCP (6), length 60)\n    ", 1),
		"12:34:56.789012 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 802.1Q (0x8100), length 78: vlan 42, p 0, ethertype IPv6 (0x86dd), ::1.1 > ::2.2: Flags [F.], seq 9, ack 4, win 3, length 0",
		"1795170764.6 IP a.b.http > c.d.2: S 1:2(1) ack 7 win 5840 <mss 1460,sackOK,timestamp 1 0,nop,wscale 7>",
		"IP 10.0.0.1.1 > 10.0.0.2.2: Flags [.], ack 1, win 63, options [nop,nop,sack 2 {1:2}{3:4},tfo  cookie aabb,md5 valid,mptcp 12 capable], length 70000",
		"10:00:00.000000 IP 10.0.0.9 > 10.0.0.1: ICMP host 10.0.0.2 unreachable - need to frag (mtu 1289), length 68\n\tIP (tos 0x0)\n 10.0.0.1.1 > 10.0.0.2.2: Flags [S], seq 1, win 3",
		"10:00:00.000000 IP6 ::9 > ::1: [icmp6 sum ok] ICMP6, destination unreachable, length 88, unreachable port, ::2 tcp port 80",
		"10:00:00.000000 ethertype :: > 0:",
		"listening on eth0\n7 packets dropped by kernel\n0x0000: 4500",
	} {
		f.Add(seed + "\n" + syn)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := NewReader("text", strings.NewReader(text), nil)
		if err != nil {
			return
		}
		var decoder reassembly.Decoder
		var frame reassembly.Frame
		for last := 0; r.Next(&frame) == nil; last = frame.Number {
			var seg reassembly.Segment
			var icmp reassembly.ICMPError
			switch v := decoder.Decode(&frame, &seg, &icmp); v {
			case reassembly.IsTCP, reassembly.IsICMPError, reassembly.NotIP, reassembly.NotTCP, reassembly.CutBySnapLength:
			default:
				t.Errorf("frame %d: %v", frame.Number, v)
			}
			if frame.Number <= last || frame.Length < len(frame.Data) {
				t.Errorf("frame %d after %d has %d of %d bytes", frame.Number, last, len(frame.Data), frame.Length)
			}
		}
	})
}
