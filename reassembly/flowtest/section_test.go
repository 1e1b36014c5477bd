package flowtest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSection(t *testing.T) {
	s := Section{Path: filepath.Join(t.TempDir(), "README.md"), Begin: "<!-- begin -->\n", End: "<!-- end -->"}
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(s.Path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("before\n<!-- begin -->\nold\n<!-- end -->\nafter\n")
	s.Hold(t, "old\n", false)
	s.Hold(t, "new\n", true)
	const want = "before\n<!-- begin -->\nnew\n<!-- end -->\nafter\n"
	if got, err := os.ReadFile(s.Path); err != nil || string(got) != want {
		t.Errorf("%v: %s", err, got)
	}
	put("<!-- end -->\n<!-- begin -->\n")
	if err := s.Write("new"); err == nil {
		t.Error("wrote into a file without the section")
	}
}
