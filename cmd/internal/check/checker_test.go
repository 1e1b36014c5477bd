package check_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// TestConditions: one rule for one capture, and whether it fails.
func TestConditions(t *testing.T) {
	for _, tc := range []struct {
		on, match, expect string
		want              string // message of the failure, "" when the rule passes
	}{
		{clean, "true", `teardown == "fin"`, ""},
		{lossy, "true", `"final-ack-lost" not in findings`, `findings is ["final-ack-lost"]`},
		{lossy, "true", `handshake_rtt < duration("5ms")`, "handshake_rtt is 20.942457ms"},
		{lossy, "true", `duration > duration("100ms") && duration < duration("1s")`, ""},
		{lossy, "server.port == 1714", `states.client.last == "TIME_WAIT"`, ""},
		{lossy, "true", `"CLOSE_WAIT" in states.server.all`, ""},
		{lossy, "true", `closed_by == "server"`, `closed_by is "client"`},
		{lossy, "true", `worst in [nil, "note"]`, `worst is "warning"`},
		{lossy, "true", `none(details, .severity == "warning" && .endpoint == "server")`,
			`none(details, .severity == "warning" && .endpoint == "server") is false`},
		{lossy, "true", `counters.client.bytes == 939 and app.server.accept`, ""},
		{lossy, "true", `let port = client.port; port == 40819 and server.port != port`, ""},
		{lossy, "server.port == 1", "true", "no connection matches server.port == 1"},
		{lossy, "", `count(connections, .server.port == 1714) == 1`, ""},
		{lossy, "", `count(connections, .server.port == 1714) > 1`, `count(connections, .server.port == 1714) is 1`},
		{lossy, "", `findings["final-ack-lost"] == 0`, `findings["final-ack-lost"] is 1`},
		{lossy, "", `all(connections, .teardown == "fin") and frames == 15 and dropped == 0`, ""},
		{lossy, "", `len(connections) == 2`, "len(connections) is 1"},
		{"refused-client.pcap", "true", `handshake_rtt < duration("50ms")`,
			"cannot be told: invalid operation: nil < a duration; handshake_rtt is nil"},
		{"refused-client.pcap", "true", `handshake_rtt == nil and app.client.connect == "ECONNREFUSED"`, ""},
	} {
		rule := "  - name: it\n    expect: '" + tc.expect + "'\n"
		if tc.match != "" {
			rule += "    for: " + tc.match + "\n"
		}
		r := judge(t, tc.on, check.Options{Expectations: expect(t, rule), FailOn: noFindings})
		got := ""
		if p := failures(r)["it"]; p != nil {
			got = p.Message
		}
		if got != tc.want {
			t.Errorf("%s: %s for %s: %q, want %q", tc.on, tc.expect, tc.match, got, tc.want)
		}
		if r.Failed() != (tc.want != "") {
			t.Errorf("%s: the check failed: %t", tc.expect, r.Failed())
		}
	}
}

// TestFindingsFail: without expectations, findings at or above the threshold do.
func TestFindingsFail(t *testing.T) {
	for _, tc := range []struct {
		on     string
		failOn detect.Severity
		want   []string
	}{
		{lossy, detect.Warning, []string{"final-ack-lost"}},
		{lossy, detect.Error, nil},
		{clean, detect.Warning, nil},
		{clean, detect.NoteLevel, []string{"half-closed"}},
		{"refused-client.pcap", detect.Error, []string{"connection-refused"}},
	} {
		r := judge(t, tc.on, check.Options{FailOn: tc.failOn})
		if diff := cmp.Diff(tc.want, slices.Sorted(maps.Keys(failures(r)))); diff != "" {
			t.Errorf("%s from %s on: %s", tc.on, tc.failOn, diff)
		}
	}
}

// TestNothingToCheck: a check of nothing fails, with or without expectations.
func TestNothingToCheck(t *testing.T) {
	met := expect(t, "  - {name: it, expect: 'len(connections) == 0'}\n")
	for _, o := range []check.Options{{FailOn: detect.Warning}, {Expectations: met, FailOn: noFindings}} {
		for _, frames := range []int{0, 12} {
			c := check.NewChecker(o)
			if err := c.End(&analyzer.Summary{Frames: frames}); err != nil {
				t.Fatal(err)
			}
			if p := failures(c.Report())["nothing-to-check"]; p == nil {
				t.Errorf("%d frames without a connection passed", frames)
			}
		}
	}
}

// TestRuleWithoutConnections: only an optional one passes.
func TestRuleWithoutConnections(t *testing.T) {
	r := judge(t, clean, check.Options{FailOn: noFindings, Expectations: expect(t, `
  - {name: must, for: server.port == 1, expect: 'true'}
  - {name: may, for: server.port == 1, expect: 'true', optional: true}
`)})
	if diff := cmp.Diff([]string{"must"}, slices.Sorted(maps.Keys(failures(r)))); diff != "" {
		t.Error(diff)
	}
}

// TestNoteDoesNotFail: a rule of severity note is told, and no more.
func TestNoteDoesNotFail(t *testing.T) {
	for _, tc := range []struct {
		severity string
		fails    bool
	}{{"note", false}, {"warning", true}, {"error", true}} {
		rules := "  - {name: it, for: true, expect: 'false', severity: " + tc.severity + "}\n"
		r := judge(t, clean, check.Options{FailOn: noFindings, Expectations: expect(t, rules)})
		if r.Failed() != tc.fails {
			t.Errorf("severity %s: failed %t", tc.severity, r.Failed())
		}
	}
}

func TestDamage(t *testing.T) {
	c := check.NewChecker(check.Options{FailOn: detect.Warning})
	if err := c.End(&analyzer.Summary{Frames: 1, Connections: 1, Damage: &analyzer.Damage{Offset: 24, Reason: "cut"}}); err != nil {
		t.Fatal(err)
	}
	if !c.Report().Damaged() || !c.Report().Failed() {
		t.Error("half a capture passed")
	}
}

// TestCulprits: a rule about all connections shows those that it is about.
func TestCulprits(t *testing.T) {
	drawn := check.Options{FailOn: noFindings, Ladder: func(*analyzer.Connection, []int) string { return "ladder" }}
	for _, tc := range []struct {
		condition string
		shown     int
	}{
		{`count(connections, .teardown == "fin") == 0`, 1},
		{`none(connections, .worst == "warning")`, 1},
		{`all(connections, .closed_by == "server")`, 1},
		{`len(connections) > 1`, 0},
	} {
		drawn.Expectations = expect(t, "  - {name: it, expect: '"+tc.condition+"'}\n")
		p := failures(judge(t, lossy, drawn))["it"]
		if p == nil || len(p.Cases) != tc.shown || tc.shown > 0 && p.Cases[0].Ladder != "ladder" {
			t.Errorf("%s: shows %+v, want %d connections with ladders", tc.condition, p, tc.shown)
		}
	}
}

// TestStableIDs: nothing in an ID depends on the run: no port, address or time.
func TestStableIDs(t *testing.T) {
	for _, name := range []string{lossy, "refused-client.pcap", "crash_and_reboot-client.pcap", "syn_blackhole-late.pcap"} {
		r := judge(t, name, check.Options{FailOn: detect.NoteLevel})
		if len(failures(r)) == 0 {
			t.Errorf("%s has no findings: choose another capture", name)
		}
		for _, p := range failures(r) {
			if strings.ContainsAny(p.ID, "0123456789.:") {
				t.Errorf("%s: the ID %s holds a number", name, p.ID)
			}
		}
	}
}
