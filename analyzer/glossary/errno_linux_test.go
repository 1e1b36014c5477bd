//go:build 386 || amd64 || arm || arm64 || riscv64

package glossary_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/glossary"
)

// TestErrnos compares names, numbers and messages with those of the system.
func TestErrnos(t *testing.T) {
	want := map[string]syscall.Errno{
		"EPERM": syscall.EPERM, "EINTR": syscall.EINTR, "EBADF": syscall.EBADF, "EAGAIN": syscall.EAGAIN, "ENOMEM": syscall.ENOMEM,
		"EACCES": syscall.EACCES, "EFAULT": syscall.EFAULT, "EINVAL": syscall.EINVAL, "ENFILE": syscall.ENFILE, "EMFILE": syscall.EMFILE,
		"EPIPE": syscall.EPIPE, "ENONET": syscall.ENONET, "EPROTO": syscall.EPROTO, "ENOTSOCK": syscall.ENOTSOCK,
		"ENOPROTOOPT": syscall.ENOPROTOOPT, "EOPNOTSUPP": syscall.EOPNOTSUPP, "EAFNOSUPPORT": syscall.EAFNOSUPPORT,
		"EADDRINUSE": syscall.EADDRINUSE, "EADDRNOTAVAIL": syscall.EADDRNOTAVAIL, "ENETUNREACH": syscall.ENETUNREACH,
		"ENETDOWN": syscall.ENETDOWN, "ENETRESET": syscall.ENETRESET, "ECONNABORTED": syscall.ECONNABORTED, "ECONNRESET": syscall.ECONNRESET, "ENOBUFS": syscall.ENOBUFS,
		"EISCONN": syscall.EISCONN, "ENOTCONN": syscall.ENOTCONN, "ETIMEDOUT": syscall.ETIMEDOUT, "ECONNREFUSED": syscall.ECONNREFUSED,
		"EHOSTDOWN": syscall.EHOSTDOWN, "EHOSTUNREACH": syscall.EHOSTUNREACH, "EALREADY": syscall.EALREADY, "EINPROGRESS": syscall.EINPROGRESS,
	}
	for _, e := range glossary.Entries() {
		if e.Kind != glossary.Errno {
			continue
		}
		number, known := want[e.Name]
		if !known {
			t.Errorf("%s is compared with nothing", e.Name)
			continue
		}
		delete(want, e.Name)
		if label := fmt.Sprintf("errno %d", number); e.Label != label {
			t.Errorf("%s is %q, want %q", e.Name, e.Label, label)
		}
		if !strings.EqualFold(e.Title, number.Error()) {
			t.Errorf("%s says %q, the system %q", e.Name, e.Title, number.Error())
		}
		if !slices.ContainsFunc(glossary.Find(strconv.Itoa(int(number))), func(o glossary.Entry) bool { return o.Name == e.Name }) {
			t.Errorf("%d does not lead to %s", number, e.Name)
		}
	}
	for name := range want {
		t.Errorf("%s has no entry", name)
	}
}
