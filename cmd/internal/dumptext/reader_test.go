package dumptext

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// show decodes a text and returns a line for each frame: number, time, what is in it.
func show(t *testing.T, text string) string {
	t.Helper()
	r := reader(t, text)
	var decoder reassembly.Decoder
	var b strings.Builder
	for {
		var f reassembly.Frame
		if r.Next(&f) != nil {
			return b.String()
		}
		var seg reassembly.Segment
		var icmp reassembly.ICMPError
		fmt.Fprintf(&b, "%d %s ", f.Number, time.Unix(0, f.Time).UTC().Format("02T15:04:05.000000"))
		switch v := decoder.Decode(&f, &seg, &icmp); v {
		case reassembly.IsTCP:
			fmt.Fprintf(&b, "%v > %v %v %d ack %d win %d len %d\n", seg.Src, seg.Dst, seg.Flags, seg.Seq, seg.Ack, seg.Window, seg.Len)
		case reassembly.IsICMPError:
			fmt.Fprintf(&b, "icmp %d/%d mtu %d about %v > %v %d\n", icmp.Type, icmp.Code, icmp.MTU, icmp.Src, icmp.Dst, icmp.Seq)
		default:
			fmt.Fprintln(&b, v)
		}
	}
}

const (
	syn = "10:32:44.607744 IP 10.0.0.1.60993 > 10.0.0.2.80: Flags [S], seq 564870853, win 64240, options [mss 1460,nop,wscale 10], length 0"
	// What becomes of syn.
	synFrame = "1 01T10:32:44.607744 10.0.0.1:60993 > 10.0.0.2:80 SYN 564870853 ack 0 win 64240 len 0\n"
)

// TestLines reads one packet, the same whenever no other result is given, as it comes
// out of different versions and options of tcpdump, and out of mails and web pages.
func TestLines(t *testing.T) {
	front, rest, _ := strings.Cut(syn, " IP ")
	tests := []struct{ name, text, want string }{
		{"plain", syn, synFrame},
		{"carriage return", syn + "\r\n", synFrame},
		{"banner and statistics", "tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n" + syn +
			"\n^C1 packet captured\n2 packets received by filter\n0 packets dropped by kernel\n", synFrame},
		{"quoted in a mail", "> > " + syn, synFrame},
		{"indented", "    " + syn, synFrame},
		{"markdown", "```\n" + syn + "\n```", synFrame},
		{"non-breaking spaces", strings.ReplaceAll(syn, " ", "\u00a0"), synFrame},
		{"escaped for a web page", strings.ReplaceAll(syn, ">", "&gt;"), synFrame},
		{"behind a shell prompt", "$ sudo tcpdump -n port 80\n" + syn, synFrame},
		{"behind the prefix of a log", "Nov 20 10:32:45 host tcpdump[77]: " + syn, synFrame},
		{"by docker compose", "sniffer-1  | " + syn, synFrame},
		{"wrapped", strings.Replace(syn, "options ", "\noptions\n", 1), synFrame},
		{"wrapped and quoted", "> " + strings.Replace(syn, "options ", "\n> options\n> ", 1), synFrame},
		{"grep -n", "1:" + syn, synFrame},
		{"cat -n", "     7\t" + syn, "7" + synFrame[1:]},
		{"-#", "    7  " + syn, "7" + synFrame[1:]},
		{"-tttt", "2026-11-20 " + syn, strings.Replace(synFrame, "01T", "20T", 1)},
		{"-tt", "1795170764.607744 IP " + rest, strings.Replace(synFrame, "01T", "20T", 1)},
		{"-t", "IP " + rest, strings.Replace(synFrame, "10:32:44.607744", "00:00:00.000000", 1)},
		{"nanoseconds", strings.Replace(syn, ".607744", ".607744999", 1), synFrame},
		{"-i any", front + " eth0  Out IP " + rest, synFrame},
		{"-e", front + " 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 74: " + rest, synFrame},
		{"-e with a VLAN tag", front + " 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 802.1Q (0x8100), length 78: vlan 42, p 0, ethertype IPv4 (0x0800), " + rest, synFrame},
		{"-e -i any", front + " eth0  Out ifindex 2 02:d2:e0:a7:13:b2 ethertype IPv4 (0x0800), length 80: " + rest, synFrame},
		{"-e on a Linux cooked v1 capture", front + "  In 02:2e:8f:af:09:9d ethertype IPv4 (0x0800), length 76: " + rest, synFrame},
		{"-v", front + " IP (tos 0x0, ttl 64, id 4989, offset 0, flags [DF], proto TCP (6), length 60)\n    " +
			strings.Replace(rest, "[S],", "[S], cksum 0xbc4e (incorrect -> 0x31a1),", 1), synFrame},
		{"-X", syn + "\n\t0x0000:  4500 003c 137d 4000 4006 0f1e 0ad3 01db  E..<.}@.@.......\n\t0x0010:  0ad3 019d", synFrame},
		{"-A", syn + "\nE..<.}@.@...\n.......P IP 1.2.3.4.5 > 6.7.8.9.10: Flags [R], seq 1, win 0", synFrame},
		{"in a tunnel", front + " IP 192.0.2.1 > 192.0.2.2: GREv0, length 64: IP " + rest, synFrame},
		{"behind labels", front + " MPLS (label 16, tc 0, [S], ttl 64) IP " + rest, synFrame},
		{"with payload explained", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: Flags [P.], seq 1:78, ack 9, win 63, length 77: HTTP: GET / HTTP/1.1",
			"1 01T10:32:44.607744 10.0.0.1:60993 > 10.0.0.2:80 PSH,ACK 1 ack 9 win 63 len 77\n"},
		{"version 3", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: S 564870853:564870853(0) win 64240 <mss 1460,sackOK,timestamp 1 0,nop,wscale 7>", synFrame},
		{"version 3, -v", front + " IP (tos 0x0, ttl 64, id 5, offset 0, flags [DF], proto: TCP (6), length: 60) 10.0.0.1.60993 > 10.0.0.2.80: S, cksum 0x1234 (correct), 564870853:564870853(0) win 64240 <mss 1460>", synFrame},
		{"version 3, an acknowledgment", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: . ack 9 win 63",
			"1 01T10:32:44.607744 10.0.0.1:60993 > 10.0.0.2:80 ACK 0 ack 9 win 63 len 0\n"},
		{"OpenBSD", front + " 10.0.0.1.60993 > 10.0.0.2.80: S 564870853:564870853(0) win 64240 <mss 1460,nop,nop,sackOK> (DF)", synFrame},
		{"IPv6", front + " IP6 2001:db8::1.60993 > 2001:db8::2.80: Flags [S], seq 1, win 64240, length 0",
			"1 01T10:32:44.607744 [2001:db8::1]:60993 > [2001:db8::2]:80 SYN 1 ack 0 win 64240 len 0\n"},
		{"IPv6 with extension headers", front + " IP6 2001:db8::1 > 2001:db8::2: HBH 60993 > 80: Flags [P.], seq 1:80001, ack 1, win 2, length 80000",
			"1 01T10:32:44.607744 [2001:db8::1]:60993 > [2001:db8::2]:80 PSH,ACK 1 ack 1 win 2 len 80000\n"},
		{"names", front + " IP client-7.example.60993 > www.example.https: Flags [S], seq 1, win 64240, length 0",
			"1 01T10:32:44.607744 198.18.0.1:60993 > 198.18.0.2:443 SYN 1 ack 0 win 64240 len 0\n"},
		{"names, IPv6", front + " IP6 client.example.60993 > www.example.https: Flags [S], seq 1, win 64240, length 0",
			"1 01T10:32:44.607744 [3fff::1]:60993 > [3fff::2]:443 SYN 1 ack 0 win 64240 len 0\n"},
		{"all flags", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: Flags [SFRP.UEWe], seq 1, ack 2, win 3, urg 4, length 0",
			"1 01T10:32:44.607744 10.0.0.1:60993 > 10.0.0.2:80 SYN,FIN,RST,PSH,URG,ECE,CWR,AE,ACK 1 ack 2 win 3 len 0\n"},
		{"no flags", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: Flags [none], seq 1, win 3, length 0",
			"1 01T10:32:44.607744 10.0.0.1:60993 > 10.0.0.2:80 none 1 ack 0 win 3 len 0\n"},
		{"cut options", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: Flags [S], seq 564870853, win 64240, options [mss 1460,sackOK,TS [|tcp]>", synFrame},
		{"-q", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: tcp 77", "1 01T10:32:44.607744 cut by the snap length\n"},
		{"a cut header", front + " IP 10.0.0.1.60993 > 10.0.0.2.80: [|tcp]", "1 01T10:32:44.607744 cut by the snap length\n"},
		{"an unknown port", front + " IP 10.0.0.1.60993 > 10.0.0.2.no-such-port: Flags [S], seq 1, win 3, length 0", "1 01T10:32:44.607744 cut by the snap length\n"},
		{"UDP", front + " IP 10.0.0.1.60993 > 10.0.0.2.53: 5+ A? www.example. (29)", "1 01T10:32:44.607744 not TCP\n"},
		{"ARP", front + " ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28", "1 01T10:32:44.607744 not IP\n"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, show(t, tt.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestICMPErrors finds the connection that an ICMP error is about.
func TestICMPErrors(t *testing.T) {
	const about = "icmp %s about 10.0.0.1:60993 > 10.0.0.2:80 564870853\n"
	tests := []struct{ text, want string }{
		{"ICMP host 10.0.0.2 unreachable, length 68", "3/1 mtu 0"},
		{"ICMP net 10.0.0.2 unreachable, length 68", "3/0 mtu 0"},
		{"ICMP 10.0.0.2 tcp port 80 unreachable, length 68", "3/3 mtu 0"},
		{"ICMP 10.0.0.2 tcp port http unreachable, length 68", "3/3 mtu 0"},
		{"ICMP 10.0.0.2 unreachable - need to frag (mtu 1289), length 556", "3/4 mtu 1289"},
		{"ICMP host 10.0.0.2 unreachable - admin prohibited filter, length 68", "3/13 mtu 0"},
		{"ICMP host 10.0.0.2 unreachable - admin prohibited, length 68", "3/10 mtu 0"},
		{"ICMP time exceeded in-transit, length 68", "11/0 mtu 0"},
		{"ICMP host 192.0.2.99 unreachable, length 68\n\tIP (tos 0x0, ttl 63, id 7, offset 0, flags [DF], proto TCP (6), length 60)\n" +
			"    10.0.0.1.60993 > 10.0.0.2.80: Flags [S], cksum 0x313c (correct), seq 564870853, win 64240, length 0", "3/1 mtu 0"},
		{"ICMP time exceeded in-transit, length 36\n\tIP (tos 0x0, ttl 1, id 7, offset 0, flags [DF], proto TCP (6), length 60)\n" +
			"    10.0.0.1.60993 > 10.0.0.2.80:  [|tcp]", "11/0 mtu 0"},
		{"ICMP host 10.0.0.2 unreachable, length 36\n\tIP (tos 0x0, ttl 1, id 7, offset 0, flags [DF], proto UDP (17), length 60)\n" +
			"    10.0.0.1.60993 > 10.0.0.2.80:  UDP, length 32", ""},
		{"ICMP 10.0.0.2 udp port 53 unreachable, length 68", ""},
		{"ICMP 10.0.0.2 tcp port 81 unreachable, length 68", ""},
		{"ICMP host 10.0.0.3 unreachable, length 68", ""},
		{"ICMP echo request, id 1, seq 1, length 64", ""},
	}
	for _, tt := range tests {
		want := "2 01T10:32:44.700000 not TCP\n"
		if tt.want != "" {
			want = "2 01T10:32:44.700000 " + fmt.Sprintf(about, tt.want)
		}
		got := show(t, syn+"\n10:32:44.700000 IP 10.0.0.9 > 10.0.0.1: "+tt.text)
		if diff := cmp.Diff(synFrame+want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.text, diff)
		}
	}
}

// TestNoPackets quotes what was found in the place of packets.
func TestNoPackets(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "notes is empty: there is no packet in it"},
		{"\nDear all,\nit is slow: 10 > 5: I think", `notes is not what tcpdump prints: it begins with "Dear all,", and no line looks like`},
		{strings.Repeat("x", 100), `it begins with "` + strings.Repeat("x", 60) + `…", and`},
	}
	for _, tt := range tests {
		_, err := NewReader("notes", strings.NewReader(tt.text), nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.20q: error %v, want %q", tt.text, err, tt.want)
		}
	}
}

// TestDrops adds up what all runs in the text say was lost.
func TestDrops(t *testing.T) {
	r := reader(t, syn+"\n1 packet captured\n7 packets dropped by kernel\n"+syn+"\n2 packets dropped by interface\n3 packets dropped by kernel")
	for r.Next(new(reassembly.Frame)) == nil {
	}
	if r.Drops() != 12 {
		t.Errorf("%d packets dropped, want 12", r.Drops())
	}
}

// TestNotes says what the analysis has to guess.
func TestNotes(t *testing.T) {
	r := reader(t, strings.Join([]string{
		"IP a.example.1 > b.example.http: Flags [S], seq 1, win 3, length 0",
		"IP a.example.1 > b.example.no-such-port: Flags [S], seq 1, win 3, length 0",
		"IP a.example.1 > b.example.http: tcp 0",
	}, "\n"))
	for r.Next(new(reassembly.Frame)) == nil {
	}
	want := []string{
		"198.18.0.1 stands for a.example.",
		"198.18.0.2 stands for b.example.",
		"The text has no times (3 packets): packets are taken to be 10ms apart, and durations mean nothing.",
		"Skipped for want of TCP flags: 1 packet. Print them without -q, from whole headers.",
		`Skipped because of the port name "no-such-port", which is not known here: 1 packet. tcpdump -n prints numbers.`,
	}
	if diff := cmp.Diff(want, r.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}
