package timeline_test

import (
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// TestErrno: the codes of ICMP (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1) and
// of ICMPv6 (RFC 4443) as Linux hands them to an application.
func TestErrno(t *testing.T) {
	const none = ""
	v4 := map[[2]uint8]string{
		{3, 0}: "ENETUNREACH", {3, 1}: "EHOSTUNREACH", {3, 2}: "ENOPROTOOPT", {3, 3}: "ECONNREFUSED",
		{3, 4}: none, {3, 5}: "EOPNOTSUPP", {3, 6}: "ENETUNREACH", {3, 7}: "EHOSTDOWN",
		{3, 8}: "ENONET", {3, 9}: "ENETUNREACH", {3, 10}: "EHOSTUNREACH", {3, 11}: "ENETUNREACH",
		{3, 12}: "EHOSTUNREACH", {3, 13}: "EHOSTUNREACH", {11, 0}: "EHOSTUNREACH", {4, 0}: none,
	}
	v6 := map[[2]uint8]string{
		{1, 0}: "ENETUNREACH", {1, 1}: "EACCES", {1, 3}: "EHOSTUNREACH", {1, 4}: "ECONNREFUSED",
		{1, 5}: "EACCES", {1, 6}: "EACCES", {2, 0}: none, {3, 0}: "EHOSTUNREACH", {4, 1}: "EPROTO",
	}
	for six, table := range map[bool]map[[2]uint8]string{false: v4, true: v6} {
		for code, want := range table {
			n := timeline.ICMPNote{V6: six, Type: code[0], Code: code[1]}
			if got := n.Errno(); got != want {
				t.Errorf("IPv6 %t, type %d, code %d: %q, want %q", six, code[0], code[1], got, want)
			}
		}
	}
}
