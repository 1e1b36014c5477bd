package check_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// TestFirstFileIsMet: what --init writes of a capture, that capture meets, and
// editors take.
func TestFirstFileIsMet(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range []string{clean, "simultaneous_open-client.pcap", "simultaneous_close-client.pcap"} {
		c := check.NewChecker(check.Options{FailOn: detect.Error, KeepAll: true})
		replay(t, name, c)
		file := check.FirstFile(name, c.Connections())
		e, err := check.Load("expect.yaml", file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := schema.Validate(jsonOf(t, file)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for id, p := range failures(judge(t, name, check.Options{Expectations: e, FailOn: noFindings})) {
			t.Errorf("%s does not meet %q: %s", name, id, p.Message)
		}
	}
}

// TestSchema: the schema refuses what loading refuses, as far as it can tell.
func TestSchema(t *testing.T) {
	schema := compileSchema(t)
	for _, tc := range []struct {
		file string
		ok   bool
	}{
		{"version: 1\nrules: [{name: a, for: true, expect: 'true', severity: note, optional: true}]", true},
		{"version: 1\nrules: [{name: a, expect: len(connections) > 0}]", true},
		{"version: 2\nrules: [{name: a, expect: 'true'}]", false},
		{"version: 1\nrules: []", false},
		{"version: 1\nrules: [{name: a}]", false},
		{"version: 1\nrules: [{name: a, expect: 'true', severity: fatal}]", false},
		{"version: 1\nrules: [{name: a, expects: 'true'}]", false},
	} {
		if err := schema.Validate(jsonOf(t, []byte(tc.file))); (err == nil) != tc.ok {
			t.Errorf("%s: by the schema %v", tc.file, err)
		}
		if _, err := check.Load("e.yaml", []byte(tc.file)); (err == nil) != tc.ok {
			t.Errorf("%s: loaded with %v", tc.file, err)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(check.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("schema.json")
}

func jsonOf(t *testing.T, file []byte) any {
	t.Helper()
	var v any
	data, err := yaml.YAMLToJSON(file)
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}
