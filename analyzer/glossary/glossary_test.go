package glossary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/glossary"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
)

// found looks a word up and asks for an entry of the given name and kind.
func found(t *testing.T, word string, kind glossary.Kind, name string) {
	t.Helper()
	for _, e := range glossary.Find(word) {
		if e.Kind == kind && e.Name == name {
			return
		}
	}
	t.Errorf("%q does not lead to %s", word, name)
}

func TestEveryStateHasAnEntry(t *testing.T) {
	for s := tcpstate.Closed; s <= tcpstate.TimeWait; s++ {
		found(t, s.String(), glossary.State, s.String())
	}
}

func TestEveryCodeHasAnEntry(t *testing.T) {
	for _, r := range detect.Rules() {
		found(t, r.Code, glossary.Code, r.Code)
	}
}

// TestStatesPrintTheTable: every transition is told where it leads from and
// where it leads to.
func TestStatesPrintTheTable(t *testing.T) {
	for _, r := range tcpstate.Rules() {
		if r.From == r.To {
			continue
		}
		if from := glossary.Find(r.From.String())[0]; !slices.Contains(from.Out, r) {
			t.Errorf("%s does not lead out by: %v", from.Name, &r)
		}
		if to := glossary.Find(r.To.String())[0]; !slices.Contains(to.In, r) {
			t.Errorf("%s is not reached by: %v", to.Name, &r)
		}
	}
}

func TestSpellings(t *testing.T) {
	for _, tc := range []struct {
		words string // separated by commas
		kind  glossary.Kind
		name  string
	}{
		{"SYN-RECV, SYN_RECV, syn_rcvd, SYN-RECEIVED, SYN_RECEIVED", glossary.State, "SYN_RCVD"},
		{"FIN_WAIT1, fin-wait-1, FIN_WAIT_1, finwait1", glossary.State, "FIN_WAIT_1"},
		{"estab, ESTABLISHED", glossary.State, "ESTABLISHED"},
		{"Close-Wait, close wait, CLOSEWAIT", glossary.State, "CLOSE_WAIT"},
		{"104, 54, 10054, econnreset, WSAECONNRESET, connection reset by peer", glossary.Errno, "ECONNRESET"},
		{"EWOULDBLOCK, 11, eagain", glossary.Errno, "EAGAIN"},
		{"broken pipe, 32", glossary.Errno, "EPIPE"},
		{"Final ACK lost, FINAL_ACK_LOST", glossary.Code, "final-ack-lost"},
		{"backlog, somaxconn", glossary.Term, "accept queue"},
	} {
		for word := range strings.SplitSeq(tc.words, ", ") {
			found(t, word, tc.kind, tc.name)
		}
	}
}

// TestTerms lists what people who learned TCP from articles ask for.
func TestTerms(t *testing.T) {
	for _, word := range []string{
		"half-open", "half-closed", "embryonic", "半连接", "2MSL", "MSL", "keep-alive", "SYN flood", "SYN cookies", "SYN queue",
		"accept queue", "simultaneous open", "simultaneous close", "challenge ACK", "final ACK lost", "port exhaustion",
		"connections full", "netstat | awk", "netstat", "zero window", "window probe", "silly window syndrome", "ghost connections",
		"idle timeout", "middlebox", "SIGPIPE", "three-way handshake", "accept()", "port scan", "worm", "backscatter", "SYN retries",
		"spoofed source", "TIME_WAIT reuse", "tcp_tw_reuse", "tcp_tw_recycle", "tcp_fin_timeout", "active close", "orphan", "heartbeat",
		"process killed", "host crash", "host reboot", "host unreachable", "orderly shutdown", "soft error", "self-connect", "Fast Open",
		"TCP_DEFER_ACCEPT", "SO_LINGER", "TCP_USER_TIMEOUT", "flags", "PSH", "URG", "tcpdump line", "end of file", "non-blocking connect",
		"idle close race", "Zeek", "SF", "conn_state", "RST", "forged reset", "TIME_WAIT assassination", "open, closed, filtered", "ISN", "Recv-Q",
		// enum sk_rst_reason
		"NO_SOCKET", "TCP_INVALID_ACK_SEQUENCE", "TCP_RFC7323_PAWS", "TCP_TOO_OLD_ACK", "TCP_ACK_UNSENT_DATA", "TCP_FLAGS", "TCP_OLD_ACK",
		"TCP_ABORT_ON_DATA", "TCP_TIMEWAIT_SOCKET", "INVALID_SYN", "TCP_ABORT_ON_CLOSE", "TCP_ABORT_ON_LINGER", "TCP_ABORT_ON_MEMORY",
		"TCP_STATE", "TCP_KEEPALIVE_TIMEOUT", "TCP_DISCONNECT_WITH_DATA", "MPTCP_RST_EMIDDLEBOX",
	} {
		if !slices.ContainsFunc(glossary.Find(word), func(e glossary.Entry) bool { return e.Kind == glossary.Term }) {
			t.Errorf("the term %q has no entry", word)
		}
	}
}

// TestMyths holds the entries to what is true of today's kernels where the articles
// that people learn from are wrong or dated.
func TestMyths(t *testing.T) {
	for _, tt := range []struct{ word, belief, truth string }{
		{"keep-alive", "18 hours", "2 h 11 min 15 s"},
		{"keep-alive", "one too low", "window probe looks the same"},
		{"window probe", "keep-alive", "After a window of 0 it is a probe"},
		{"tcp_fin_timeout", "shortens TIME_WAIT", "TIME_WAIT on Linux is 60 s"},
		{"tcp_tw_recycle", "Enable it", "does not exist any more"},
		{"tcp_tw_reuse", "off by default", "2 on kernels of today"},
		{"accept queue", "repeats its SYN,ACK", "drops the SYN itself"},
		{"SYN retries", "1, 3, 7, 15, 31, 63", "five SYNs a second apart"},
		{"ECONNRESET", "RST received, so ECONNRESET", "not in CLOSE_WAIT (EPIPE)"},
		{"ECONNREFUSED", "", "SYN_SENT"},
		{"EPIPE", "ECONNRESET first, then EPIPE", "recv() goes on returning 0"},
		{"ECONNABORTED", "accept() fails with ECONNABORTED", "on Linux accept() succeeds"},
		{"final ACK lost", "the process is alive", "TIME_WAIT answers without"},
		{"RST", "normally comes after FIN", "more than a dozen"},
		{"forged reset", "", "window 0"},
		{"half-closed", "Not half-open", "CLOSE_WAIT there"},
		{"半连接", "half-open", "SYN_RCVD"},
		{"three-way handshake", "", "accept()"},
		{"TIME_WAIT", "on the client", "on the side that closed first"},
		{"Zeek", "SF is a clean close", "arrived"},
	} {
		var said strings.Builder
		for _, e := range glossary.Find(tt.word) {
			fmt.Fprintln(&said, e.Text, e.Myth)
			for _, p := range e.Parts {
				fmt.Fprintln(&said, p.Label, p.Text)
			}
		}
		text := strings.Join(strings.Fields(said.String()), " ")
		if !strings.Contains(text, tt.belief) || !strings.Contains(text, tt.truth) {
			t.Errorf("%s does not say %q against %q:\n%s", tt.word, tt.truth, tt.belief, text)
		}
	}
}

// TestEntriesAreWhole asks of every entry a title and a text, a source for what
// it says, and that all it refers to exists.
func TestEntriesAreWhole(t *testing.T) {
	for _, e := range glossary.Entries() {
		if e.Title == "" || e.Label == "" || e.Text == "" && len(e.Parts) == 0 {
			t.Errorf("%s says nothing", e.Name)
		}
		for _, p := range e.Parts {
			if p.Label == "" || p.Text == "" {
				t.Errorf("%s: the part %q is empty", e.Name, p.Label)
			}
		}
		if e.Kind != glossary.Code && (len(e.Refs) == 0 || len(e.See) == 0) {
			t.Errorf("%s names no source or no other entry", e.Name)
		}
		for _, name := range e.See {
			others := glossary.Find(name)
			if strings.Contains(name, ",") {
				t.Errorf("%s refers to %q, which reads as several names in a list", e.Name, name)
			}
			if !slices.ContainsFunc(others, func(o glossary.Entry) bool { return o.Name == name }) {
				t.Errorf("%s refers to %q, which has no entry of that name", e.Name, name)
			}
			if slices.ContainsFunc(others, func(o glossary.Entry) bool { return o.Name == e.Name }) {
				t.Errorf("%s refers to %q, which is shown beside it anyway", e.Name, name)
			}
		}
	}
}

// TestNamesAreUnique: within a kind a word leads to one entry only.
func TestNamesAreUnique(t *testing.T) {
	for _, e := range glossary.Entries() {
		for _, word := range append([]string{e.Name}, e.Also...) {
			for _, o := range glossary.Find(word) {
				if o.Kind == e.Kind && o.Name != e.Name && o.Kind != glossary.Errno { // BSD's numbers may be others of Linux
					t.Errorf("%q leads to %s and to %s", word, e.Name, o.Name)
				}
			}
		}
	}
}

func TestNearest(t *testing.T) {
	for _, tc := range []struct{ word, want string }{
		{"CLOSE_WIAT", "CLOSE_WAIT"},
		{"TIMEWAIT2", "TIME_WAIT"},
		{"ECONREFUSED", "ECONNREFUSED"},
		{"finl-ack-lost", "final ACK lost"},
		{"ghost", "ghost connections"},
		{"assassination", "TIME_WAIT assassination"},
	} {
		if got := glossary.Nearest(tc.word, 4); !slices.Contains(got, tc.want) {
			t.Errorf("near %q: %q, want %s among them", tc.word, got, tc.want)
		}
	}
	for _, word := range []string{"", "x", "quaternion", "::"} {
		if got := glossary.Nearest(word, 4); len(got) != 0 {
			t.Errorf("near %q: %q, want nothing", word, got)
		}
		if got := glossary.Find(word); len(got) != 0 {
			t.Errorf("%q leads to %s", word, got[0].Name)
		}
	}
}

func ExampleFind() {
	for _, e := range glossary.Find("104") {
		fmt.Printf("%s (%s): %s\n", e.Name, e.Label, e.Title)
	}
	// Output: ECONNRESET (errno 104): Connection reset by peer
}
