package flowtest_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"line number", "client 192.0.2.7:1\n\n# remark\nbogus\n", `p:4: unknown word "bogus"`},
		{"no direction", "0.1 S 0:0(0)", `p:1: unknown word "S"`},
		{"flags", "0.1 C> SX 0:0(0)", `unknown flags "SX"`},
		{"flag twice", "0.1 C> SS 0:0(0)", `unknown flags "SS"`},
		{"range", "0.1 C> S 0-0", `want a sequence range like 1:101(100), got "0-0"`},
		{"range does not add up", "0.1 C> P. 1:100(100) ack 1", "1:100(100): 1 and 100 make 101"},
		{"too long", "0.1 C> P. 1:70001(70000) ack 1", "length: want a number up to 65455"},
		{"ack without flag", "0.1 C> S 0:0(0) ack 1", "an ack number and the flag . go together"},
		{"flag without ack", "0.1 C> . 1:1(0)", "an ack number and the flag . go together"},
		{"window", "0.1 C> S 0:0(0) win 65536", "win: want a number up to 65535"},
		{"missing number", "0.1 C> S 0:0(0) win", "win is missing"},
		{"trailing word", "0.1 C> S 0:0(0) fast", `unknown word "fast"`},
		{"option", "0.1 C> S 0:0(0) <mss 1460,sackok>", `option "sackok": not an option of the notation`},
		{"option value", "0.1 C> S 0:0(0) <mss 65536>", `option "mss 65536"`},
		{"options too long", "0.1 C> . 1:1(0) ack 1 <TS,sack 1:2 3:4 5:6 7:8>", "options take 44 bytes, the header has 40"},
		{"open bracket", "0.1 C> S 0:0(0) <mss 1", "lacks its closing bracket"},
		{"time", "0.1.2 C> S 0:0(0)", `want a time in seconds, got "0.1.2"`},
		{"late directive", "0.1 udp\nsnaplen 54", "p:2: want a time, got \"snaplen\""},
		{"unknown connection", "b: 0.1 udp", `no connection is named "b"`},
		{"connection twice", "conn b 192.0.2.1:1 192.0.2.2:2\nconn b 192.0.2.1:1 192.0.2.2:2", "p:2: there is a connection"},
		{"families", "server [2001:db8::2]:80\n0.1 C> S 0:0(0)", "p:2: 192.0.2.1:40000 and [2001:db8::2]:80 are of different families"},
		{"endpoint", "client 192.0.2.1", `client: want an address and port, got "192.0.2.1"`},
		{"dup of nothing", "0.1 dup", "dup: no such frame"},
		{"dup of a later frame", "0.1 udp\n0.2 dup 2", "frame: want a number up to 1"},
		{"dup of ARP", "0.1 arp\n0.2 dup", "dup: frame 1 is no IP packet"},
		{"ARP on raw IP", "link raw\n0.1 arp", "this link carries no ARP"},
		{"ICMP reason", "0.1 icmp C unreachable sky C> S 0:0(0)", `unknown reason "unreachable sky"`},
		{"ICMP family", "0.1 icmp 2001:db8::1 exceeded C> S 0:0(0)", "an address of the connection's family"},
		{"repeat without end", "0.1 udp\nrepeat 2 every 1\n+1 C> S 0:0(0)\n", "p:2: the repeat has no end"},
		{"end without repeat", "end repeat", "p:1: end repeat: there is none"},
		{"repeat in repeat", "repeat 2 every 1\nrepeat 2 every 1", "p:2: repeat: the one of line 1 has not ended"},
		{"repeat of nothing", "repeat 2 every 1\nend repeat", "p:2: the repeat of line 1 holds nothing"},
		{"repeat of no segment", "repeat 2 every 1\n+1 udp", "p:2: a repeat holds segments only"},
		{"repeat back in time", "repeat 2 every 1\n2 C> S 0:0(0)\n1 C> S 0:0(0)", "p:3: a repeat cannot go back in time"},
		{"repeat too far", "repeat 3 every 1000000000\n0 C> S 0:0(0)", "p:2: the last round is too far away"},
		{"repeat too often", "repeat 65535 every 0\n0 C> S 0:0(0)", "p:2: repeats come to more than 4194304 bytes"},
		{"repeat past the last port", "client 192.0.2.1:65534\nrepeat 3 every 0 client port+1\n0 C> S 0:0(0)\nend repeat", "p:4: round 3: client port+1 leads past the last one"},
		{"repeat past the last address", "server 255.255.255.255:80\nrepeat 2 every 0 server addr+1\n0 C> S 0:0(0)\nend repeat", "p:4: round 2: server addr+1 leads"},
		{"repeat step", "repeat 2 every 0 client mtu+1", `want port+N or addr+N, got "mtu+1"`},
		{"directive in repeat", "repeat 2 every 0\nsnaplen 54", `p:2: want a time, got "snaplen"`},
		{"link", "link token-ring", `unknown link "token-ring", want one of ethernet, sll`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flowtest.Parse("p", tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

func TestScenarioErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no reason", "-- packets --\n0.1 udp\n", "s:1: no comment says why"},
		{"no packets", "Why.\n-- expect --\nclean\n", `s:1: no file "packets"`},
		{"unknown file", "Why.\n-- packets --\n0.1 udp\n-- notes --\n", `s:4: unknown file "notes"`},
		{"line of a packet", "Why.\n\n-- packets --\n0.1 udp\n0.2 tcp\n", `s:5: unknown word "tcp"`},
		{"line of a claim", "Why.\n-- packets --\n0.1 udp\n-- expect --\nclean\nclean up\n", `s:6: "clean up" is no claim`},
		{"unknown claim", "Why.\n-- packets --\n-- expect --\nnever x\n", `s:4: "never x" is no claim`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flowtest.ParseScenario("s", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

func TestScenarioGoldens(t *testing.T) {
	s, err := flowtest.ParseScenario("s", []byte("Why.\n-- packets --\n0.1 udp\n-- expect --\n2: client A  B\nclean\n-- timeline --\nold\n"))
	if err != nil {
		t.Fatal(err)
	}
	wantClaims := []flowtest.Claim{
		{Line: 5, Conn: 2, Key: "client", Want: "A B"},
		{Line: 6, Conn: 1, Key: "clean"},
	}
	if diff := cmp.Diff(wantClaims, s.Claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if _, ok := s.Golden(flowtest.FindingsFile); ok {
		t.Error("findings are there before they were set")
	}
	s.SetGolden(flowtest.TimelineFile, "new\n")
	s.SetGolden(flowtest.FindingsFile, "one\n")
	want := "Why.\n-- packets --\n0.1 udp\n-- expect --\n2: client A  B\nclean\n-- timeline --\nnew\n-- findings --\none\n"
	if diff := cmp.Diff(want, string(s.Bytes())); diff != "" {
		t.Errorf("archive (-want +got):\n%s", diff)
	}
}

// everything uses each word of the notation once.
const everything = `
link sll2
tap server
vlan 7
snaplen 200
options none
client [2001:db8::1]:40000
isn C 4294967290
conn again [2001:db8::1]:40000 [2001:db8::2]:80
again: isn S 7
server [2001:db8::2]:80
0.020 C> SEWA 0:0(0) win 1 urg 2 <mss 1440,sackOK,TS,nop,wscale 7,FO> id 3 ttl 4 if 5
+0.1 S> S. 0:0(0) ack 1 <FO 0123456789abcdef,eol> lost
+0.1 C> FRPU. 1:101(100) ack 1 <TS val 1 ecr 2,sack -1:5 7:9> vlan 9
0.01 C> - -1:-1(0)
+0.000000001 dup 1 ttl 63 in
+0 dup out
again: +1 icmp 2001:db8::9 toobig 1400 C> S 0:0(0) id 9 ttl 3
+1 icmp S unreachable port C> S 0:0(0)
+1 udp
+1 arp
repeat 3 every 0.5 client addr+1 port+2 server port+1
+1 C> S 0:0(0)
again: +1 C> S 0:0(0)
end repeat
+0 dup
repeat 2 every 9 client addr+1 port+2 server port+1
+1 C> S 0:0(0)
end repeat
end 100
`

// TestParseReadsItsOwnWriting covers every word; FuzzParse goes on from here.
func TestParseReadsItsOwnWriting(t *testing.T) { checkRoundTrip(t, everything) }

func checkRoundTrip(t *testing.T, text string) {
	t.Helper()
	first, err := flowtest.Parse("first", text)
	if err != nil {
		t.Fatal(err)
	}
	second, err := flowtest.Parse("second", first.String())
	if err != nil {
		t.Fatalf("%v\nof the script\n%s", err, first)
	}
	if diff := cmp.Diff(first.String(), second.String()); diff != "" {
		t.Errorf("text (-first +second):\n%s", diff)
	}
	one, two := first.Frames(), second.Frames()
	if !reflect.DeepEqual(one, two) { // many times faster than a Diff
		t.Errorf("frames of\n%s(-first +second):\n%s", first, cmp.Diff(one, two))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(everything)
	archives, err := filepath.Glob("../../testdata/flows/*.txtar")
	if err != nil || len(archives) == 0 {
		f.Fatal("no scenarios in testdata/flows: ", err)
	}
	for _, path := range archives {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		s, err := flowtest.ParseScenario(path, data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(s.Script.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := flowtest.Parse("fuzz", text); err != nil {
			return
		}
		checkRoundTrip(t, text)
	})
}
