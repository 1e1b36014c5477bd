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

// TestWriteFile: whole or not at all, with the mode and through the link that are
// there, and nothing left behind.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "out.xml"), filepath.Join(dir, "link.xml")
	if err := os.WriteFile(path, []byte("a longer old content"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := ci.WriteFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode changed: %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	nowhere := filepath.Join(dir, "no", "out.xml")
	if err := ci.WriteFile(nowhere, nil); err == nil || err.Error() != "cannot write "+nowhere+": no such file or directory" {
		t.Errorf("into no directory: %v", err)
	}
	if err := ci.WriteFile(os.DevNull, []byte("x")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced", os.DevNull)
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
