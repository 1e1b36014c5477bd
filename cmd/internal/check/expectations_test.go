package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// TestFaults: what is wrong with a file, with the place that a caret shows.
func TestFaults(t *testing.T) {
	const head = "version: 1\nrules:\n  - name: it\n"
	for _, tc := range []struct {
		name, file, want string
	}{
		{"mistyped name", head + "    for: servr.port == 9000\n    expect: 'true'\n", `
e.yaml:4:10: there is no field servr: did you mean server?
    4 |     for: servr.port == 9000
      |          ^`},
		{"mistyped field in a folded line", head + "    for: true\n    expect: >-\n      roles == \"guessed\" or\n      server.prot == 1\n", `
e.yaml:7:14: there is no field prot here: did you mean port?
    7 |       server.prot == 1
      |              ^`},
		{"within quotes", head + "    for: true\n    expect: 'verdict contains \"x\" and sever.port == 1'\n", `
e.yaml:5:39: there is no field sever: did you mean server?
    5 |     expect: 'verdict contains "x" and sever.port == 1'
      |                                       ^`},
		{"of a predicate", head + "    expect: none(connections, .teerdown == 'x')\n", `
e.yaml:4:32: there is no field teerdown here: did you mean teardown?
    4 |     expect: none(connections, .teerdown == 'x')
      |                                ^`},
		{"wrong type", head + "    for: server.port == \"http\"\n    expect: 'true'\n", `
e.yaml:4:22: invalid operation: == (mismatched types int and string)
    4 |     for: server.port == "http"
      |                      ^`},
		{"no duration", head + "    for: true\n    expect: handshake_rtt < 0.05\n", `
e.yaml:5:27: a duration is compared with a duration: duration("50ms")
    5 |     expect: handshake_rtt < 0.05
      |                           ^`},
		{"mistyped duration", head + "    for: true\n    expect: duration < duration(\"50 ms\")\n", `
e.yaml:5:33: "50 ms" is no duration: write 50ms, 1.5s or 2m
    5 |     expect: duration < duration("50 ms")
      |                                 ^`},
		{"mistyped code", head + "    for: true\n    expect: '\"rst-after-fn\" not in findings'\n", `
e.yaml:5:14: findings is never "rst-after-fn": did you mean rst-after-fin?
    5 |     expect: '"rst-after-fn" not in findings'
      |              ^`},
		{"mistyped state", head + "    for: true\n    expect: states.client.last in [\"TIMEWAIT\", \"CLOSED\"]\n", `
e.yaml:5:36: last is never "TIMEWAIT": did you mean TIME_WAIT?
    5 |     expect: states.client.last in ["TIMEWAIT", "CLOSED"]
      |                                    ^`},
		{"mistyped code of a count", head + "    expect: findings[\"abortive-clse\"] == 0\n", `
e.yaml:4:22: findings is never "abortive-clse": did you mean abortive-close?
    4 |     expect: findings["abortive-clse"] == 0
      |                      ^`},
		{"not a condition", head + "    for: true\n    expect: server.port\n", `
e.yaml:5:13: this must be true or false, but is of type int
    5 |     expect: server.port
      |             ^`},
		{"unfinished", head + "    for: server.port ==\n    expect: 'true'\n", `
e.yaml:4:23: unexpected token EOF
    4 |     for: server.port ==
      |                       ^`},
		{"of a connection, without for", head + "    expect: teardown == \"fin\"\n", `
e.yaml:4:13: teardown is a field of a connection: add a line such as "for: server.port == 9000", or ask all(connections, .teardown …)
    4 |     expect: teardown == "fin"
      |             ^`},
		{"of the capture, with for", head + "    for: true\n    expect: frames > 3\n", `
e.yaml:5:13: frames is about the whole capture: leave out the line "for"
    5 |     expect: frames > 3
      |             ^`},
		{"unknown key", head + "    expected: 'true'\n", `
e.yaml:4:5: unknown field "expected"
    4 |     expected: 'true'
      |     ^`},
		{"unquoted quotation mark", head + "    expect: \"a\" in findings\n", `
e.yaml:4:17: value is not allowed in this context. map key-value is pre-defined; an expression that begins with a sign, or holds a colon, stands in single quotes
    4 |     expect: "a" in findings
      |                 ^`},
		{"nothing expected", head, `
e.yaml:3:9: this rule expects nothing: add a line "expect"
    3 |   - name: it
      |         ^`},
		{"no name", "version: 1\nrules:\n  - expect: 'true'\n", `
e.yaml:3:11: this rule has no name
    3 |   - expect: 'true'
      |           ^`},
		{"severity", head + "    expect: 'true'\n    severity: fatal\n", `
e.yaml:5:15: severity is note, warning or error
    5 |     severity: fatal
      |               ^`},
		{"name twice", head + "    expect: 'true'\n  - name: it\n    expect: 'true'\n", `
e.yaml:5:11: another rule has this name
    5 |   - name: it
      |           ^`},
		{"other version", "version: 2\nrules: []\n", `
e.yaml:1:10: this is read as version 1, write: version: 1
    1 | version: 2
      |          ^`},
		{"no rules", "version: 1\n", `
e.yaml:1:1: there are no rules: a check without any would never fail
    1 | version: 1
      | ^`},
		{"empty", "", `
e.yaml:1:1: this is read as version 1, write: version: 1
    1 | 
      | ^`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := check.Load("e.yaml", []byte(tc.file))
			if err == nil {
				t.Fatal("it was taken")
			}
			if diff := cmp.Diff(strings.TrimPrefix(tc.want, "\n"), err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("version: 1\nrules:\n  - name: it\n    for: server.port == 1\n    expect: 'true'\n")
	f.Add("version: 1\nrules:\n  - name: it\n    expect: |\n      count(connections,\n\t.teardown == 'fin') == 0\n")
	f.Fuzz(func(t *testing.T, file string) {
		if _, err := check.Load("e.yaml", []byte(file)); err != nil && err.Error() == "" {
			t.Error("refused without a word")
		}
	})
}
