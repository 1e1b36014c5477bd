package main

import (
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/compare"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// diffOptions are the flags of the subcommand diff as they can be used.
type diffOptions struct {
	before, after options
	tolerance     compare.Tolerance
	json          bool
}

// Timings of two runs differ by more than this, or the change is not told.
const (
	defaultTolerance = 50 // percent
	defaultLeast     = 10 * time.Millisecond
)

// newDiff returns the subcommand that compares two captures.
func newDiff(run func(diffOptions) error) *cobra.Command {
	var raw checkFlags
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff BEFORE AFTER [flags] [filter words]",
		Short: "Tell what changed between two captures of the same program",
		Long: `Tell what changed between two captures of the same program: connections by service,
how they went, the states they ended in, findings, and timings beyond a tolerance.

Exit status: 0 nothing changed, 1 something did, 2 usage, 3 input unreadable or damaged,
4 no permission.`,
		Example: `  tcpflow-explain diff main.pcap branch.pcap
  tcpflow-explain diff main.pcap branch.pcap --tolerance 20 --least 1ms port 9000`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error {
			if err := o.check(&raw, cmd, words); err != nil {
				return err
			}
			return run(o)
		},
	}
	raw.setDefaults()
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&raw.filterFile, "filter-file", "F", "", "take the filter from `FILE`")
	fs.Float64Var(&o.tolerance.Percent, "tolerance", defaultTolerance, "tell a timing only when it changed by more than `PERCENT`")
	fs.DurationVar(&o.tolerance.Least, "least", defaultLeast, "and by at least `TIME`")
	fs.BoolVar(&o.json, "json", false, "print one JSON object")
	return cmd
}

// check checks what was typed: two files, then words of the filter.
func (o *diffOptions) check(raw *checkFlags, cmd *cobra.Command, words []string) error {
	if len(words) < 2 {
		return usagef("diff compares two captures: type tcpflow-explain diff BEFORE AFTER")
	}
	if o.tolerance.Percent < 0 || o.tolerance.Least < 0 {
		return usagef("--tolerance and --least are not negative")
	}
	if words[0] == "-" && words[1] == "-" {
		return usagef("standard input comes once: save one of the two captures to a file")
	}
	for i, opts := range []*options{&o.before, &o.after} {
		var err error
		raw.read = []string{words[i]}
		if *opts, err = raw.inputOptions(cmd, words[2:]); err != nil {
			return err
		}
	}
	return nil
}

// diff compares two captures. Its errors carry their exit status.
func (c console) diff(o diffOptions) error {
	before, after := compare.NewRun(o.before.files[0]), compare.NewRun(o.after.files[0])
	if err := c.collect(o.before, before); err != nil {
		return err
	}
	if err := c.collect(o.after, after); err != nil {
		return err
	}
	for _, run := range []*compare.Run{before, after} {
		if run.Connections == 0 {
			return failf(statusFindings, "there is no TCP connection to compare in %s", run.Name)
		}
	}
	difference := compare.Compare(before, after, o.tolerance)
	if err := c.writeDifference(difference, o); err != nil {
		return err
	}
	if difference.Changed() {
		return failf(statusFindings, "%s differs from %s", after.Name, before.Name)
	}
	return nil
}

func (c console) writeDifference(d *compare.Difference, o diffOptions) error {
	if o.json {
		return d.WriteJSON(c.stdout)
	}
	terminal := term.IsTerminal(int(c.stdout.Fd()))
	return d.WriteText(c.stdout, sink.NewPalette(sink.UseColor(o.before.color, c.getenv, terminal)))
}
