package reassembly

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
)

// unhex returns the bytes of hexadecimal text in which each line may end in a
// comment.
func unhex(text string) []byte {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		b.WriteString(strings.Join(strings.Fields(line), ""))
	}
	data, err := hex.DecodeString(b.String())
	if err != nil {
		panic(err)
	}
	return data
}

// join puts headers in front of what they carry.
func join(parts ...any) []byte {
	var all []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			all = append(all, unhex(p)...)
		case []byte:
			all = append(all, p...)
		}
	}
	return all
}

// ip4 puts an IPv4 header with the right length in front of a payload.
func ip4(protocol byte, payload []byte) []byte {
	b := join("4500 0000 1234 0000 40 00 0000 0a000001 0a000002", payload)
	be.PutUint16(b[2:], uint16(len(b)))
	b[9] = protocol
	return b
}

// ip6 puts an IPv6 header with the right length in front of a payload.
func ip6(next byte, payload []byte) []byte {
	b := join(`60000000 0000 00 3f
		20010db8 00000000 00000000 00000001
		20010db8 00000000 00000000 00000002`, payload)
	be.PutUint16(b[4:], uint16(len(b)-40))
	b[6] = next
	return b
}

// with returns a copy of b in which the bytes from offset on are others.
func with(b []byte, offset int, text string) []byte {
	b = slices.Clone(b)
	copy(b[offset:], unhex(text))
	return b
}

const ethernet4 = "020000000002 020000000001 0800"

// plainTCP is a segment of five bytes from port 1024 to port 80.
var plainTCP = unhex("0400 0050 00000001 00000002 5018 1000 0000 0000 68656c6c6f")

func ipPort(s string) Endpoint { return EndpointFrom(netip.MustParseAddrPort(s)) }
