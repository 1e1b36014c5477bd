// Package ci writes the outcome of a check in the formats that continuous
// integration reads.
//
//	check.Report -> Text | JUnit | SARIF | GitHub | GitLab | TAP -> io.Writer
//
// The formats decide nothing: what fails is settled in the report. Equal reports
// are equal bytes, so no format has a clock, a host name or a path of its own.
package ci
