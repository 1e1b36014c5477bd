package capture

import (
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// ipv4TCP is an IPv4 header and the ports of a TCP header, from 10.0.0.1 to 10.0.0.2.
func ipv4TCP(from, to uint16) string {
	ports := big.AppendUint16(big.AppendUint16(nil, from), to)
	return "\x45\x00\x00\x28\x00\x00\x40\x00\x40\x06\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + string(ports) + strings.Repeat("\x00", 16)
}

// linkHeaders go in front of IPv4.
var linkHeaders = map[uint16]string{
	1:   strings.Repeat("\x02", 12) + "\x08\x00",
	101: "",
	113: "\x00\x00\x00\x01\x00\x06" + strings.Repeat("\x02", 8) + "\x08\x00",
	276: "\x08\x00\x00\x00\x00\x00\x00\x03\x00\x01\x00\x06" + strings.Repeat("\x02", 8),
}

func packet(linkType uint16, from, to uint16) *reassembly.Frame {
	data := linkHeaders[linkType] + ipv4TCP(from, to)
	return &reassembly.Frame{LinkType: linkType, Data: []byte(data), Length: len(data)}
}

func compiled(t *testing.T, expr string) *Filter {
	t.Helper()
	f, err := CompileFilter(expr)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFilterOnEveryLinkType(t *testing.T) {
	f := compiled(t, "tcp port 9000 and src host 10.0.0.1")
	for range 2 { // the second time the programs are known
		for linkType := range linkHeaders {
			if !f.Match(packet(linkType, 40000, 9000)) {
				t.Errorf("%s: port 9000 does not match", LinkTypeName(linkType))
			}
			if f.Match(packet(linkType, 40000, 9001)) {
				t.Errorf("%s: port 9001 matches", LinkTypeName(linkType))
			}
		}
	}
	if err := f.Err(); err != nil {
		t.Error(err)
	}
}

func TestFilterMatch(t *testing.T) {
	whole, cut, empty := packet(1, 1, 2), packet(1, 1, 2), packet(1, 1, 2)
	cut.Length = 1500
	empty.Data = nil
	tests := []struct {
		expr  string
		frame *reassembly.Frame
		want  bool
	}{
		{"", whole, true},
		{"  ", whole, true},
		{"", empty, true},
		{"tcp", empty, false},
		{"greater 1000", whole, false},
		{"greater 1000", cut, true},
		{"less 1000", cut, false},
		{"ip[2:2] > 30 and len = 1500", cut, true},
		{"tcp[0:2] + 1 = 2", whole, true},
		{"not tcp", whole, false},
		{"inbound", packet(276, 1, 2), true}, // means nothing for Ethernet
	}
	for _, tt := range tests {
		f := compiled(t, tt.expr)
		if got := f.Match(tt.frame); got != tt.want {
			t.Errorf("%q on %d of %d bytes: %v", tt.expr, len(tt.frame.Data), tt.frame.Length, got)
		}
		if err := f.Err(); err != nil {
			t.Error(err)
		}
	}
}

func TestFilterThatSuitsSomeLinkTypes(t *testing.T) {
	f := compiled(t, "ether host 02:02:02:02:02:02")
	if !f.Match(packet(1, 1, 2)) {
		t.Error("does not match on Ethernet")
	}
	if f.Err() != nil {
		t.Error(f.Err())
	}
	for range 2 {
		if f.Match(packet(101, 1, 2)) {
			t.Error("matches on raw IP")
		}
	}
	if err := f.Err(); err == nil || strings.Count(err.Error(), "cannot be used with RAW frames") != 1 {
		t.Errorf("got error %v, want one about raw IP", err)
	}
}

func TestFilterErrors(t *testing.T) {
	tests := []struct{ expr, want string }{
		{"prt 80", "the filter 'prt 80' cannot be compiled: can't parse filter expression: syntax error (the grammar is tcpdump's"},
		{"tcp and (port 80", "the filter 'tcp and (port 80' cannot be compiled: "},
		{"tcp &&", "quote it as one word against the shell"},
		{"port nonesuch", "the filter 'port nonesuch' cannot be compiled: "},
		{"-tcp[0] = 5", "write '0 - x' instead of '-x'"},
	}
	for _, tt := range tests {
		_, err := CompileFilter(tt.expr)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q:\ngot  %v\nwant %s", tt.expr, err, tt.want)
		}
	}
}

func TestFilterAllocatesNothing(t *testing.T) {
	f, frame := compiled(t, "tcp port 9000"), packet(1, 40000, 9000)
	if n := testing.AllocsPerRun(1000, func() { f.Match(frame) }); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
}

func BenchmarkFilter(b *testing.B) {
	f, err := CompileFilter("tcp port 9000")
	if err != nil {
		b.Fatal(err)
	}
	frame := packet(1, 40000, 9000)
	for b.Loop() {
		f.Match(frame)
	}
}
