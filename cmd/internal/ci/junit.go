package ci

import (
	"encoding/xml"
	"io"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
)

// The elements of JUnit XML as Ant writes it, which is the common ground of its
// readers: every attribute of a suite is there, and totals are on the suite only.
type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		ID         int             `xml:"id,attr"`
		Name       string          `xml:"name,attr"`
		Package    string          `xml:"package,attr"`
		Hostname   string          `xml:"hostname,attr"`
		Timestamp  string          `xml:"timestamp,attr"` // without a zone
		Time       string          `xml:"time,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Out        string          `xml:"system-out"`
		Err        string          `xml:"system-err"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *struct{}     `xml:"skipped"`
		Failure   *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",cdata"`
	}
)

// JUnit writes the report as JUnit XML, a test case for each rule. The time of the
// suite is that of the capture: the clock would make each run another document.
func JUnit(w io.Writer, r *check.Report) error {
	suite := junitSuite{
		Name: toolName, Package: toolName, Hostname: "localhost", Time: "0",
		Timestamp:  time.Unix(0, r.First).UTC().Format("2006-01-02T15:04:05"),
		Tests:      len(r.Results),
		Properties: []junitProperty{{"capture", plain(r.Input)}, {"expectations", plain(r.Expectations)}},
	}
	for _, result := range r.Results {
		one := junitCaseOf(result)
		if one.Failure != nil {
			suite.Failures++
		}
		if one.Skipped != nil {
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, one)
	}
	data, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(append([]byte(xml.Header), data...), '\n'))
	return err
}

func junitCaseOf(r *check.Result) junitCase {
	one := junitCase{Name: oneLine(r.Name), ClassName: toolName, Time: "0"}
	if r.Skipped != "" {
		one.Skipped = &struct{}{}
	}
	problems := failing(r)
	if len(problems) == 0 {
		return one
	}
	var text strings.Builder
	for _, p := range problems {
		text.WriteString("\n" + story(p))
	}
	first := problems[0]
	one.Failure = &junitFailure{
		Message: oneLine(first.Message + spread(first)), Type: first.Severity.String(), Text: plain(text.String()),
	}
	return one
}
