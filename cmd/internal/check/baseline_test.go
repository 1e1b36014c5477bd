package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// TestBaseline: what is accepted passes the next time, and only that.
func TestBaseline(t *testing.T) {
	first := judge(t, lossy, check.Options{FailOn: detect.Warning})
	data, err := first.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if first.Failed() {
		t.Error("accepted findings still fail")
	}
	want := `{
  "version": 1,
  "findings": [
    {
      "id": "final-ack-lost/server",
      "title": "` + detect.Find("final-ack-lost").Title + `"
    }
  ]
}
`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Error(diff)
	}
	for _, tc := range []struct {
		on     string
		failed bool
		stale  []string
	}{
		{lossy, false, nil},
		{"refused-client.pcap", true, []string{"final-ack-lost/server"}},
	} {
		b, err := check.LoadBaseline("known.json", data)
		if err != nil {
			t.Fatal(err)
		}
		r := judge(t, tc.on, check.Options{FailOn: detect.Warning, Baseline: b})
		if r.Failed() != tc.failed {
			t.Errorf("%s: failed %t", tc.on, r.Failed())
		}
		if diff := cmp.Diff(tc.stale, r.Stale); diff != "" {
			t.Errorf("%s, stale: %s", tc.on, diff)
		}
	}
}

func TestBrokenBaseline(t *testing.T) {
	for data, want := range map[string]string{
		`{"version": 2, "findings": []}`: "version 2",
		`{"version": 1, "known": []}`:    "unknown field",
		``:                               "no baseline",
	} {
		if _, err := check.LoadBaseline("known.json", []byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error about %q", data, err, want)
		}
	}
}
