package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/ci"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/outfile"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// checkFlags are the flags of the subcommand check, as they were typed.
type checkFlags struct {
	rawFlags
	expect, baseline     string
	formats              []string
	init, schema, update bool
	each                 bool
}

// checkOptions are checkFlags as they can be used.
type checkOptions struct {
	options
	expect, baseline     string // "" for none
	outputs              []ci.Output
	init, schema, update bool
	each                 bool // each file is checked by itself
}

func (r *checkFlags) register(fs *pflag.FlagSet) {
	r.setDefaults()
	fs.SortFlags = false
	fs.StringArrayVarP(&r.read, "read", "r", nil, "read the capture `FILE`; - is standard input; several are merged by time")
	fs.StringVarP(&r.filterFile, "filter-file", "F", "", "take the filter from `FILE`")
	fs.StringVarP(&r.expect, "expect", "e", "", "check the expectations of `FILE` instead of all findings")
	fs.BoolVar(&r.init, "init", false, "write expectations that this good capture meets, to the file of -e or standard output")
	fs.BoolVar(&r.schema, "schema", false, "print the JSON Schema of a file of expectations")
	fs.StringVar(&r.failOn, "fail-on", "", "fail on findings of this `SEVERITY` or a graver one: note, warning, error; without -e, warning")
	fs.StringVar(&r.baseline, "baseline", "", "accept the findings that `FILE` knows, fail on others")
	fs.BoolVar(&r.update, "update", false, "write today's findings to the file of --baseline, and accept them")
	fs.StringArrayVar(&r.formats, "format", nil, "write `NAME[=FILE]`: text, junit, sarif, github, gitlab, tap; may be repeated")
	fs.BoolVar(&r.each, "each", false, "take the words for captures, and check each by itself")
	fs.CountVarP(&r.verbose, "verbose", "v", "name the rules that passed, too")
}

// setDefaults gives the flags of the root command that a subcommand does not have
// the values that they have there when nobody types them.
func (r *checkFlags) setDefaults() {
	r.rawFlags.register(pflag.NewFlagSet("defaults", pflag.ContinueOnError))
}

// newCheck returns the subcommand that makes a test of a capture.
func newCheck(run func(checkOptions) error) *cobra.Command {
	var raw checkFlags
	cmd := &cobra.Command{
		Use:   "check -r FILE [-e expect.yaml] [flags] [filter words]",
		Short: "Check recorded traffic: fail on findings, or on what is not as expected",
		Long: `Check recorded traffic. Without -e, a finding of severity warning or a graver one fails
the check; with -e, an expectation that is not met does. A check of nothing always fails.

Exit status: 0 passed, 1 failed, 2 usage or the file of expectations, 3 input unreadable
or damaged, 4 no permission.`,
		Example: `  tcpflow-explain check -r run.pcap port 9000
  tcpflow-explain check -r good.pcap --init -e expect.yaml
  tcpflow-explain check -r run.pcap -e expect.yaml --format junit=out.xml --format github
  tcpflow-explain check -r run.pcap --baseline known.json --update`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error {
			opts, err := raw.options(cmd, words)
			if err != nil {
				return err
			}
			return run(opts)
		},
	}
	raw.register(cmd.Flags())
	return cmd
}

// options checks what was typed. Its errors are usage errors.
func (r *checkFlags) options(cmd *cobra.Command, words []string) (checkOptions, error) {
	o := checkOptions{expect: r.expect, baseline: r.baseline, init: r.init, schema: r.schema, update: r.update, each: r.each}
	if r.schema {
		return o, nil
	}
	var err error
	if r.each {
		if err := r.checkEach(words); err != nil {
			return o, err
		}
		r.read, words = words, nil
	}
	if o.options, err = r.inputOptions(cmd, words); err != nil {
		return o, err
	}
	if r.failOn == "" && (r.expect == "" || r.baseline != "" || r.init) {
		o.failOn = detect.Warning
	}
	switch {
	case r.update && r.baseline == "":
		return o, usagef("--update goes with --baseline: give the file that it is to write")
	case r.init && (r.baseline != "" || len(r.formats) > 0):
		return o, usagef("--init only writes expectations: leave out --baseline and --format")
	}
	if o.outputs, err = ci.ParseOutputs(r.formats); err != nil {
		return o, usagef("%w", err)
	}
	return o, nil
}

// checkEach refuses what cannot be done for each of several captures.
func (r *checkFlags) checkEach(words []string) error {
	switch {
	case len(r.read) > 0:
		return usagef("--each takes the captures as words: leave out -r")
	case len(words) == 0:
		return usagef("--each has nothing to check: give the captures as words")
	case r.init || r.update:
		return usagef("--init and --update look at one capture: leave out --each")
	case slices.ContainsFunc(r.formats, func(f string) bool { return strings.Contains(f, "=") }):
		return usagef("--each would write all reports to one file: leave out the file of --format")
	}
	return nil
}

// inputOptions checks the flags that choose packets, and those of the root
// command on how text looks.
func (r *checkFlags) inputOptions(cmd *cobra.Command, words []string) (options, error) {
	flags := cmd.Flags()
	r.color, _ = flags.GetString("color") // both are declared on the root, with these types
	r.width, _ = flags.GetInt("width")
	return r.rawFlags.options(words)
}

// check judges a capture. Its errors carry their exit status.
func (c console) check(o checkOptions) error {
	if o.schema {
		_, err := c.stdout.Write(check.Schema)
		return err
	}
	if o.each {
		return c.checkEach(o)
	}
	checker, err := newChecker(o)
	if err != nil {
		return err
	}
	failed := c.collect(o.options, checker)
	report := checker.Report()
	switch {
	case len(report.Results) == 0:
		return failed // not even the end of the input was reached
	case o.init:
		return firstFile(o, checker, failed, c)
	case o.update && failed == nil && report.Connections > 0:
		if err := accept(report, o.baseline); err != nil {
			return err
		}
	}
	// A reader that went away has not made the check pass.
	if err := ci.Write(o.outputs, c.stdout, report, c.checkText(o)); err != nil && !errors.Is(err, syscall.EPIPE) {
		return outputFailure(err)
	}
	if failed == nil && report.Failed() {
		return failf(statusFindings, "the check of %s failed", report.Input)
	}
	return failed
}

// checkEach checks one capture after the other; the gravest status is that of all.
func (c console) checkEach(o checkOptions) error {
	worst := statusDone
	for _, file := range o.files {
		one := o
		one.each, one.files = false, []string{file}
		worst = max(worst, settle(c.check(one), c.stderr))
	}
	if worst == statusDone {
		return nil
	}
	return &failure{worst, errors.New("")} // each has been told
}

func newChecker(o checkOptions) (*check.Checker, error) {
	opts := check.Options{
		Input: strings.Join(o.files, ", "), Filter: o.filter, FailOn: o.failOn, KeepAll: o.init, Ladder: excerpt,
	}
	if o.expect != "" && !o.init {
		data, err := os.ReadFile(o.expect)
		if err != nil {
			return nil, usagef("cannot read the expectations: %w; --init writes a first file", err)
		}
		if opts.Expectations, err = check.Load(o.expect, data); err != nil {
			return nil, usagef("%w", err)
		}
	}
	if o.baseline == "" {
		return check.NewChecker(opts), nil
	}
	data, err := os.ReadFile(o.baseline)
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.update:
		return check.NewChecker(opts), nil
	case err != nil:
		return nil, usagef("cannot read the baseline: %w; --update writes it", err)
	}
	if opts.Baseline, err = check.LoadBaseline(o.baseline, data); err != nil {
		return nil, usagef("%w", err)
	}
	return check.NewChecker(opts), nil
}

// excerptWidth is that of ladders in reports: it does not depend on a terminal,
// nor the characters on a locale, so that equal captures give equal reports.
const excerptWidth = 100

func excerpt(conn *analyzer.Connection, frames []int) string {
	var b strings.Builder
	_ = sink.WriteExcerpt(&b, conn, frames, sink.TextOptions{Width: excerptWidth}) // a Builder takes everything
	return b.String()
}

func (c console) checkText(o checkOptions) ci.TextOptions {
	terminal := term.IsTerminal(int(c.stdout.Fd()))
	return ci.TextOptions{Palette: sink.NewPalette(sink.UseColor(o.color, c.getenv, terminal)), Verbose: o.verbose > 0}
}

// firstFile writes expectations from a capture that is good enough to set them.
func firstFile(o checkOptions, checker *check.Checker, failed error, c console) error {
	if failed != nil {
		return failed
	}
	if report := checker.Report(); report.Failed() {
		return failf(statusFindings, "%s is no good example: see tcpflow-explain check -r %[1]s; --fail-on error, or a filter, leaves out what does not matter",
			report.Input)
	}
	data := check.FirstFile(strings.Join(o.files, ", "), checker.Connections())
	if o.expect == "" {
		_, err := c.stdout.Write(data)
		return err
	}
	if _, err := os.Lstat(o.expect); err == nil {
		return usagef("%s exists: --init writes a first file only", o.expect)
	}
	return outputFailure(outfile.Write(o.expect, data))
}

// accept makes today's findings the baseline.
func accept(report *check.Report, path string) error {
	data, err := report.Accept()
	if err != nil {
		return err
	}
	return outputFailure(outfile.Write(path, data))
}

// outputFailure is for a file that cannot be written: another name would do.
func outputFailure(err error) error {
	if err == nil {
		return nil
	}
	return usagef("%w", err)
}
