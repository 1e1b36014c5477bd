package ci_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/ci"
)

// TestSARIFSchema holds documents against the schema of OASIS.
func TestSARIFSchema(t *testing.T) {
	file, err := os.Open("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("sarif.json")
	for name, doc := range map[string][]byte{
		"failed": written(t, ci.SARIF, failed(t)),
		"passed": written(t, ci.SARIF, passed(t)),
	} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", name, err, doc)
		}
		v.(map[string]any)["version"] = "2.0.0"
		if schema.Validate(v) == nil {
			t.Error("the schema takes another version")
		}
	}
}

// sarif is what the tests look at.
type sarif struct {
	Runs []struct {
		Tool struct {
			Driver struct{ Rules []struct{ ID string } }
		}
		Results []struct {
			RuleID              string
			RuleIndex           int
			Level               string
			OccurrenceCount     int
			PartialFingerprints map[string]string
			Suppressions        []struct{ Kind string }
			Locations           []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine int }
				}
			}
		}
	}
}

func TestSARIFResults(t *testing.T) {
	var doc sarif
	if err := json.Unmarshal(written(t, ci.SARIF, failed(t)), &doc); err != nil {
		t.Fatal(err)
	}
	run := &doc.Runs[0]
	for _, tc := range []struct {
		rule, level, fingerprint string
		line, count              int
		suppressed               bool
	}{
		{"ends # well: 100%", "error", "rule/ends # well: 100%", 3, 5, false},
		{"is told", "note", "rule/is told", 4, 5, false},
		{"two", "error", "rule/two", 6, 1, false},
		{"abortive-close", "error", "abortive-close/client", 1, 5, false},
		{"retransmission", "warning", "retransmission/client", 1, 5, true},
		{"keepalive", "note", "keepalive/server", 1, 5, false},
	} {
		found := 0
		for _, r := range run.Results {
			if r.RuleID != tc.rule {
				continue
			}
			found++
			at := r.Locations[0].PhysicalLocation
			if run.Tool.Driver.Rules[r.RuleIndex].ID != tc.rule || r.Level != tc.level || r.OccurrenceCount != tc.count ||
				r.PartialFingerprints["tcpflow-explain/v1"] != tc.fingerprint || at.Region.StartLine != tc.line ||
				(len(r.Suppressions) > 0) != tc.suppressed {
				t.Errorf("%+v is not as in %+v", r, tc)
			}
			if want := "dir%20a/expect.yaml"; tc.line > 1 && at.ArtifactLocation.URI != want {
				t.Errorf("%s: at %s, want %s", tc.rule, at.ArtifactLocation.URI, want)
			}
		}
		if found != 1 {
			t.Errorf("%s: %d results, want 1", tc.rule, found)
		}
	}
}

// TestGitLab: the fields that GitLab requires, and fingerprints that differ.
func TestGitLab(t *testing.T) {
	d := json.NewDecoder(bytes.NewReader(written(t, ci.GitLab, failed(t))))
	d.DisallowUnknownFields()
	var issues []struct {
		Description string `json:"description"`
		Check       string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string `json:"path"`
			Lines struct {
				Begin int `json:"begin"`
			} `json:"lines"`
		} `json:"location"`
	}
	if err := d.Decode(&issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, i := range issues {
		if i.Description == "" || i.Check == "" || i.Location.Path == "" || i.Location.Lines.Begin < 1 || len(i.Fingerprint) != 64 ||
			!strings.Contains("info minor major critical blocker", i.Severity) {
			t.Errorf("incomplete: %+v", i)
		}
		if seen[i.Fingerprint] {
			t.Errorf("the fingerprint of %s is there twice", i.Check)
		}
		seen[i.Fingerprint] = true
	}
	if len(issues) != 5 {
		t.Errorf("%d issues, want 5: what the baseline accepts is none", len(issues))
	}
	if empty := written(t, ci.GitLab, passed(t)); string(empty) != "[]\n" {
		t.Errorf("without problems it is %q", empty)
	}
}
