package ci_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/ci"
)

func TestParseOutputs(t *testing.T) {
	for _, tc := range []struct {
		values string
		paths  []string // of the outputs, files first
		err    string
	}{
		{"", []string{""}, ""}, // text
		{"junit=a.xml", []string{"a.xml", ""}, ""},
		{"junit=a.xml github", []string{"a.xml", ""}, ""},
		{"github text sarif=b=c.json", []string{"b=c.json", "", ""}, ""},
		{"junit", []string{""}, ""},
		{"junit sarif", nil, "would mix"},
		{"text junit", nil, "would mix"},
		{"junit=a sarif=a", nil, "two formats are to be written to a"},
		{"junit=", nil, "names no file"},
		{"xunit", nil, "there are text, junit"},
	} {
		outputs, err := ci.ParseOutputs(strings.Fields(tc.values))
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: %v, want an error with %q", tc.values, err, tc.err)
			}
			continue
		}
		var paths []string
		for _, o := range outputs {
			paths = append(paths, o.Path)
		}
		if diff := cmp.Diff(tc.paths, paths); diff != "" || err != nil {
			t.Errorf("%s: %v %s", tc.values, err, diff)
		}
	}
}

// TestWriteSeveral: each format goes where it was sent.
func TestWriteSeveral(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.xml")
	outputs, err := ci.ParseOutputs([]string{"github", "junit=" + path})
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	if err := ci.Write(outputs, &stdout, failed(t), ci.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(file, []byte("<?xml")) || !strings.HasPrefix(stdout.String(), "::error") {
		t.Errorf("%v: %.40q in the file, %.40q on standard output", err, file, stdout.String())
	}
}
