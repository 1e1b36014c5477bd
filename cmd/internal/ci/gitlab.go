package ci

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// gitlabIssue is an entry of GitLab's code quality report.
type gitlabIssue struct {
	Description string         `json:"description"`
	Check       string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// GitLab writes a code quality report. Its fingerprints are those of the
// baseline, so that a merge request shows what is new.
func GitLab(w io.Writer, r *check.Report) error {
	issues := []gitlabIssue{}
	for _, result := range r.Results {
		for _, p := range result.Problems {
			if p.Accepted {
				continue
			}
			path, line := place(r, result)
			sum := sha256.Sum256([]byte(p.ID))
			issues = append(issues, gitlabIssue{
				Description: oneLine(p.Message + spread(p)), Check: result.ID, Fingerprint: hex.EncodeToString(sum[:]),
				Severity: gitlabSeverity(p.Severity), Location: gitlabLocation{path, gitlabLines{line}},
			})
		}
	}
	return writeJSON(w, issues)
}

func gitlabSeverity(s detect.Severity) string {
	return [...]string{detect.Capture: "info", detect.NoteLevel: "info", detect.Warning: "minor", detect.Error: "major"}[s]
}

// place is where a problem is shown: at its rule, or at the capture, which has no lines.
func place(r *check.Report, result *check.Result) (path string, line int) {
	if result.Line > 0 {
		return r.Expectations, result.Line
	}
	return r.Input, 1
}
