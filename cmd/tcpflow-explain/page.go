package main

import (
	"slices"

	"github.com/spf13/pflag"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/outfile"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// maxTop keeps a page at a size that can be mailed: some 7 MB.
const maxTop = 1000

// pageFlags are about the report as a page for a browser.
type pageFlags struct {
	path string // "" writes none, "-" writes to standard output in place of the text
	top  int    // connections that are shown step by step; 0 is the page's default
}

func (p *pageFlags) register(fs *pflag.FlagSet) {
	fs.StringVar(&p.path, "html", "", "also write the report to `FILE`, one page for a browser that needs nothing else; with - it replaces the text")
	fs.IntVar(&p.top, "top", 0, "show `N` connections step by step in the page of --html, the worst first")
	fs.Lookup("top").DefValue = "100"
}

// checkPage refuses a page that cannot be made, or not where it is wanted.
func (r *rawFlags) checkPage([]string) error {
	p := &r.page
	switch {
	case p.path == "" && p.top != 0:
		return usagef("--top goes with --html FILE: it says how many connections that page shows step by step")
	case p.path == "":
		return nil
	case p.top < 0 || p.top > maxTop:
		return usagef("--top %d is out of range: give a number from 1 to %d", p.top, maxTop)
	case r.iface != "" || r.follow:
		return usagef("--html goes with -r FILE, a capture that is complete: write packets by -w first, then read those")
	case p.path == "-" && r.json:
		return usagef("--html - and --json would mix on standard output: give --html a file")
	case slices.Contains([]string{r.write, r.annotate}, p.path):
		return usagef("two outputs name %s: give each a file of its own", p.path)
	}
	return nil
}

// withPage adds the page of --html to a sink, or replaces the sink by it. The file is
// created here, so that a name that cannot be written is told before a long analysis;
// drop undoes that unless the report was ended.
func (c console) withPage(o options, known sink.Frames, out sink.Sink) (_ sink.Sink, drop func(), _ error) {
	page := sink.HTMLOptions{Frames: known, Connection: o.conn, Top: o.page.top, Verbose: o.verbose, Version: version}
	switch {
	case o.page.path == "":
		return out, func() {}, nil
	case o.page.path == "-":
		return sink.NewHTML(c.stdout, page), func() {}, nil
	case o.reads(o.page.path):
		return nil, nil, usagef("--html %s would overwrite the capture that -r reads: give another file", o.page.path)
	}
	file, err := outfile.Create(o.page.path)
	if err != nil {
		return nil, nil, usagef("%w: give --html a file in a directory of yours", err)
	}
	return &paged{Sink: out, page: sink.NewHTML(file, page), file: file}, file.Discard, nil
}

// paged is a sink beside which a page is made.
type paged struct {
	sink.Sink
	page sink.Sink
	file *outfile.File
}

// Connection implements analyzer.Handler.
func (p *paged) Connection(c *analyzer.Connection) error {
	if err := p.page.Connection(c); err != nil {
		return err
	}
	return p.Sink.Connection(c)
}

// End writes the page first: it is wanted even when nobody reads the text any more.
func (p *paged) End(s *analyzer.Summary) error {
	if err := p.page.End(s); err != nil {
		return err
	}
	if err := p.file.Commit(); err != nil {
		return err
	}
	return p.Sink.End(s)
}
