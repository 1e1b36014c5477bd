package analyzer_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tcpflow-explain/tcpflow-explain/"

// allowed says which of our own packages each one may import; cmd may import all.
var allowed = map[string][]string{
	"analyzer/tcpstate":   {},
	"reassembly/packed":   {},
	"reassembly":          {"reassembly/packed"},
	"reassembly/flowtest": {"reassembly"},
	"analyzer/timeline":   {"analyzer/tcpstate", "reassembly", "reassembly/packed"},
	"analyzer/detect":     {"analyzer/tcpstate", "analyzer/timeline", "reassembly"},
	"analyzer/glossary":   {"analyzer/tcpstate", "analyzer/detect"},
	"analyzer":            {"analyzer/tcpstate", "analyzer/timeline", "analyzer/detect", "reassembly", "reassembly/packed"},
	"analyzer/netsim":     {"analyzer/tcpstate", "reassembly", "reassembly/flowtest"},
}

// keepers says which package alone may import a library.
var keepers = map[string][]string{
	"github.com/google/gopacket/pcap": {"cmd/internal/capture"},
	"github.com/google/gopacket":      {"cmd/internal/capture", "reassembly"},
	"github.com/fatih/color":          {"cmd/internal/sink"},
}

// TestArrows reads the imports and fails on one that points the wrong way.
func TestArrows(t *testing.T) {
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), root+string(filepath.Separator)))
		for _, spec := range file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := wrong(from, to); why != "" {
				t.Errorf("%s imports %s: %s", path, to, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wrong says why a package may not import another, "" when it may.
func wrong(from, to string) string {
	if own, ok := strings.CutPrefix(to, module); ok {
		if may, known := allowed[from]; known && !contains(may, own) {
			return "the arrow points the other way"
		}
		return ""
	}
	for lib, homes := range keepers {
		if (to == lib || strings.HasPrefix(to, lib+"/")) && !contains(homes, from) {
			return "only " + strings.Join(homes, " and ") + " may"
		}
	}
	served := strings.HasPrefix(from, "cmd/") || from == "reassembly/flowtest" // which serves tests only
	if !served && (to == "os" || to == "net" || to == "log") {
		return "only cmd opens files and sockets"
	}
	return ""
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
