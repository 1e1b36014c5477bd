package ci

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// The part of SARIF 2.1.0 that a check has something to say for.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		URI   string      `json:"informationUri"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
		Full  sarifText `json:"fullDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Count        int               `json:"occurrenceCount"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Suppressions []sarifSuppressed `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		FullName string `json:"fullyQualifiedName"`
	}
	sarifSuppressed struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// SARIF writes the report as SARIF 2.1.0: a rule for each result that has
// problems, a result for each problem, however many connections have it.
func SARIF(w io.Writer, r *check.Report) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: toolName, URI: toolURI, Rules: []sarifRule{}}
	for _, result := range r.Results {
		if len(result.Problems) == 0 {
			continue
		}
		rule := sarifRule{ID: result.ID, Short: sarifText{result.Name}, Full: sarifText{result.Name}}
		if result.About != "" {
			rule.Full.Text = result.About
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
		for _, p := range result.Problems {
			run.Results = append(run.Results, sarifResultOf(r, result, p, len(run.Tool.Driver.Rules)-1))
		}
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// sarifResultOf places a problem. Readers ask for a line even of a capture, which
// has none; the connections are the logical locations.
func sarifResultOf(r *check.Report, result *check.Result, p *check.Problem, index int) sarifResult {
	path, line := place(r, result)
	at := sarifLocation{Physical: sarifPhysical{sarifArtifact{uri(path)}, sarifRegion{line}}}
	for i := range p.Cases {
		at.Logical = append(at.Logical, sarifLogical{where(&p.Cases[i])})
	}
	out := sarifResult{
		RuleID: result.ID, RuleIndex: index, Level: sarifLevel(p.Severity),
		Message: sarifText{p.Message + spread(p)}, Locations: []sarifLocation{at},
		Count: max(p.Count, 1), Fingerprints: map[string]string{toolName + "/v1": p.ID},
	}
	if p.Accepted {
		out.Suppressions = []sarifSuppressed{{"external", "accepted by the baseline"}}
	}
	return out
}

func sarifLevel(s detect.Severity) string {
	return [...]string{detect.Capture: "note", detect.NoteLevel: "note", detect.Warning: "warning", detect.Error: "error"}[s]
}

// uri is a path as a relative reference, or as a file URI when it is absolute.
func uri(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
	}
	return u.String()
}

// writeJSON writes a document for programs that people look into, too.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
