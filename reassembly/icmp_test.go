package reassembly

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestICMPError(t *testing.T) {
	quoted4, quoted6 := ip4(6, plainTCP[:8]), ip6(6, plainTCP)
	mapped := ipPort("10.0.0.1:0").IP
	from6 := ipPort("[2001:db8::1]:0").IP
	want := ICMPError{
		Frame: 7, Time: 9, From: mapped, Type: 3, Code: 1,
		Src: ipPort("10.0.0.1:1024"), Dst: ipPort("10.0.0.2:80"), Seq: 1,
	}
	want6 := want
	want6.V6, want6.From = true, from6
	want6.Src, want6.Dst = ipPort("[2001:db8::1]:1024"), ipPort("[2001:db8::2]:80")
	as := func(e ICMPError, kind, code uint8, mtu uint32) ICMPError {
		e.Type, e.Code, e.MTU = kind, code, mtu
		return e
	}
	tests := []struct {
		name     string
		linkType uint16
		data     []byte
		want     ICMPError
	}{
		{"host unreachable", 228, ip4(1, join("0301 0000 00000000", quoted4)), want},
		{"next hop has no room", 228, ip4(1, join("0304 0000 0000 0578", quoted4)), as(want, 3, 4, 1400)},
		{"time exceeded", 228, ip4(1, join("0b00 0000 00001234", quoted4)), as(want, 11, 0, 0)},
		{"parameter problem", 228, ip4(1, join("0c00 0000 14000000", quoted4)), as(want, 12, 0, 0)},
		{"IPv6, port unreachable", 229, ip6(58, join("0104 0000 00000000", quoted6)), as(want6, 1, 4, 0)},
		{"IPv6, packet too big", 229, ip6(58, join("0200 0000 00000500", quoted6)), as(want6, 2, 0, 1280)},
		{"IPv6, behind an extension", 229, ip6(58, join("0300 0000 00000000", ip6(0, join("06 00 0104 00000000", plainTCP)))), as(want6, 3, 0, 0)},
	}
	for _, tt := range tests {
		_, got, v := decode(tt.linkType, tt.data)
		tt.want.View = got.View
		if diff := cmp.Diff(tt.want, got); v != IsICMPError || diff != "" {
			t.Errorf("%s: %v\n%s", tt.name, v, diff)
		}
	}
}

func TestICMPWithoutTCP(t *testing.T) {
	quoted := ip4(6, plainTCP)
	for name, data := range map[string][]byte{
		"redirect":           ip4(1, join("0501 0000 00000000", quoted)),
		"UDP quoted":         ip4(1, join("0303 0000 00000000", ip4(17, make([]byte, 8)))),
		"seven bytes":        ip4(1, join("0303 0000 00000000", quoted[:27])),
		"later fragment":     ip4(1, join("0303 0000 00000000", with(quoted, 6, "0001"))),
		"a tunnel quoted":    ip4(1, join("0303 0000 00000000", ip4(4, quoted))),
		"echo of IPv6":       ip6(58, join("8000 0000 00000000", quoted)),
		"nothing quoted":     ip4(1, unhex("0303 0000 00000000")),
		"no ICMP header":     ip4(1, unhex("0303")),
		"IPv4 inside ICMPv6": ip6(58, join("0104 0000 00000000", quoted)),
	} {
		if _, _, v := decode(101, data); v != NotTCP {
			t.Errorf("%s: %v, want %v", name, v, NotTCP)
		}
	}
}
