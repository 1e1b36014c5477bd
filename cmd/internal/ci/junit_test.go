package ci_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/ci"
)

// TestJUnitCounts: the totals are those of the cases.
func TestJUnitCounts(t *testing.T) {
	var doc struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Skipped *struct{} `xml:"skipped"`
				Failure *struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(written(t, ci.JUnit, failed(t)), &doc); err != nil {
		t.Fatal(err)
	}
	failures, skipped := map[string]bool{}, 0
	for _, c := range doc.Suite.Cases {
		if c.Skipped != nil {
			skipped++
		}
		if c.Failure != nil {
			failures[c.Name] = true
		}
	}
	// The note of the expectations is no failure, nor what the baseline accepts.
	for _, name := range []string{"ends # well: 100%", "two", "no abortive-close", "no keepalive"} {
		if !failures[name] {
			t.Errorf("%q has not failed", name)
		}
	}
	s := &doc.Suite
	if len(failures) != 4 || s.Failures != 4 || s.Tests != len(s.Cases) || s.Skipped != 1 || skipped != 1 {
		t.Errorf("%d tests, %d failures, %d skipped; in the cases %v and %d skipped", s.Tests, s.Failures, s.Skipped, failures, skipped)
	}
}

// TestJUnitSchema holds documents against testdata/junit.xsd.
func TestJUnitSchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	for name, doc := range map[string][]byte{
		"failed": written(t, ci.JUnit, failed(t)),
		"passed": written(t, ci.JUnit, passed(t)),
	} {
		path := filepath.Join(t.TempDir(), name+".xml")
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(xmllint, "--noout", "--nonet", "--schema", "testdata/junit.xsd", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %s\n%s", name, out, doc)
		}
	}
	// And the schema is not one that takes everything.
	bad := bytes.Replace(written(t, ci.JUnit, passed(t)), []byte(` hostname="localhost"`), nil, 1)
	cmd := exec.Command(xmllint, "--noout", "--nonet", "--schema", "testdata/junit.xsd", "-")
	cmd.Stdin = bytes.NewReader(bad)
	if err := cmd.Run(); err == nil {
		t.Error("the schema takes a suite without its host name")
	}
}
