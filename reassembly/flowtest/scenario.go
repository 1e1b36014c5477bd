package flowtest

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// The files of a scenario.
const (
	packetsFile  = "packets"
	expectFile   = "expect"
	TimelineFile = "timeline" // golden
	FindingsFile = "findings" // golden
)

// Scenario is one archive of testdata/flows.
type Scenario struct {
	Why    string // the comment: why it exists
	Script *Script
	Claims []Claim

	archive *txtar.Archive
}

// ParseScenario reads an archive. Errors begin with the name and the line number.
func ParseScenario(name string, data []byte) (*Scenario, error) {
	s := &Scenario{archive: txtar.Parse(data)}
	s.Why = strings.TrimSpace(string(s.archive.Comment))
	if s.Why == "" {
		return nil, fmt.Errorf("%s:1: no comment says why the scenario exists", name)
	}
	line := 1 + strings.Count(string(s.archive.Comment), "\n")
	for _, f := range s.archive.Files {
		line++ // the marker
		var err error
		switch text := string(f.Data); f.Name {
		case packetsFile:
			s.Script, err = parseFrom(name, line, text)
		case expectFile:
			s.Claims, err = parseClaims(name, line, text)
		case TimelineFile, FindingsFile:
		default:
			err = fmt.Errorf("%s:%d: unknown file %q", name, line-1, f.Name)
		}
		if err != nil {
			return nil, err
		}
		line += strings.Count(string(f.Data), "\n")
	}
	if s.Script == nil {
		return nil, fmt.Errorf("%s:1: no file %q", name, packetsFile)
	}
	return s, nil
}

// Golden returns a file of the archive, and whether it is there.
func (s *Scenario) Golden(file string) (string, bool) {
	for _, f := range s.archive.Files {
		if f.Name == file {
			return string(f.Data), true
		}
	}
	return "", false
}

// SetGolden replaces a file of the archive, or adds it at the end.
func (s *Scenario) SetGolden(file, text string) {
	for i := range s.archive.Files {
		if s.archive.Files[i].Name == file {
			s.archive.Files[i].Data = []byte(text)
			return
		}
	}
	s.archive.Files = append(s.archive.Files, txtar.File{Name: file, Data: []byte(text)})
}

// Bytes returns the archive for writing it back.
func (s *Scenario) Bytes() []byte { return txtar.Format(s.archive) }
