package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// version is the release that this source leads to; see CHANGELOG.md.
const version = "0.1.0-dev"

const (
	// maxSnaplen is what tcpdump takes as "whole packets", and the most libpcap allows.
	maxSnaplen = 262144
	// headerSnaplen holds every header down to TCP's options, tunnels included. Short
	// records let the kernel's buffer outlast bursts that whole packets would overflow.
	headerSnaplen = 256
	// defaultBuffer is the kernel's capture buffer, in KiB.
	defaultBuffer = 16 * 1024
	// neverFail is a severity that no finding reaches.
	neverFail = detect.Error + 1
)

// rawFlags is the command line as it was typed, before any value is checked.
// The letters, and the long names that tcpdump has too, mean what they mean there.
type rawFlags struct {
	read                        []string
	iface, write, filterFile    string
	annotate                    string
	color, failOn, from         string
	packets, snaplen, bufferKiB int
	conn, width                 int
	numeric, verbose            int
	list, noPromiscuous         bool
	json, segments, follow      bool
	immediate, lineBuffered     bool
	page                        pageFlags
	live                        liveFlags
}

// register declares every flag of reading packets on fs, bound to r.
func (r *rawFlags) register(fs *pflag.FlagSet) {
	fs.SortFlags = false
	fs.StringArrayVarP(&r.read, "read", "r", nil, "read the capture `FILE` (pcap, pcapng; plain, gzip, zstd or lz4), those of a directory or a quoted pattern; - is standard input; several are merged by time")
	fs.BoolVar(&r.follow, "follow", false, "go on reading as the file of -r grows, with live output, until Ctrl-C")
	fs.StringVar(&r.from, "from", fromCapture, "what -r reads: capture, or tcpdump-text, which is what tcpdump prints")
	fs.StringVarP(&r.iface, "interface", "i", "", "capture on the interface `NAME`, or on any")
	fs.BoolVarP(&r.list, "list-interfaces", "D", false, "list the interfaces that can be captured on")
	fs.IntVarP(&r.packets, "packets", "c", 0, "stop after `N` packets that pass the filter")
	fs.StringVarP(&r.filterFile, "filter-file", "F", "", "take the filter from `FILE`")
	fs.StringVarP(&r.write, "write", "w", "", "also write the packets that pass the filter to `FILE`")
	fs.StringVar(&r.annotate, "annotate", "", "also write the capture to the pcapng `FILE`, with the findings as comments on their packets")
	fs.BoolVar(&r.json, "json", false, "print one JSON object a line")
	r.page.register(fs)
	fs.BoolVar(&r.segments, "segments", false, "print every segment with the states after it")
	fs.IntVar(&r.conn, "conn", 0, "explain connection number `N` only")
	fs.StringVar(&r.failOn, "fail-on", "", "exit with status 1 on a finding of this `SEVERITY` or a graver one: note, warning, error")
	fs.CountVarP(&r.verbose, "verbose", "v", "show every segment and explain every finding in full")
	fs.IntVarP(&r.snaplen, "snapshot-length", "s", -1, "capture `BYTES` of each packet; 0 is all, the default is 256, with -w all")
	fs.Lookup("snapshot-length").DefValue = "0" // keeps the -1 out of the help
	fs.IntVarP(&r.bufferKiB, "buffer-size", "B", defaultBuffer, "size of the kernel's capture buffer in `KiB`")
	fs.BoolVarP(&r.noPromiscuous, "no-promiscuous-mode", "p", false, "leave the interface out of promiscuous mode")
	fs.CountVarP(&r.numeric, "numeric", "n", "accepted: addresses and ports are never resolved")
	fs.BoolVarP(&r.lineBuffered, "line-buffered", "l", false, "accepted: live output always comes line by line")
	fs.BoolVar(&r.immediate, "immediate-mode", false, "accepted: live packets are always taken at once")
	r.live.register(fs)
}

// registerText declares the flags of all that prints text.
func (r *rawFlags) registerText(fs *pflag.FlagSet) {
	fs.StringVar(&r.color, "color", "auto", "`WHEN` to use colour: auto, always, never")
	fs.IntVar(&r.width, "width", 0, "`COLUMNS` of the text; by default those of the terminal")
}

// options is a checked command line: every value is usable as it stands.
type options struct {
	list        bool     // list interfaces and do nothing else
	files       []string // captures, directories, patterns, "-" for standard input; none when live
	text        bool     // the one file is what tcpdump printed
	follow      bool     // the one file grows
	iface       string   // interface; "" when a file is read
	filter      string   // "" passes everything
	savefile    string   // "" writes none
	annotated   string   // "" writes none
	page        pageFlags
	packets     int // 0 is no limit
	snaplen     int // bytes
	buffer      int // bytes
	promiscuous bool
	json        bool
	segments    bool
	conn        int             // 0 is all connections
	failOn      detect.Severity // neverFail when off
	verbose     int
	live        liveFlags
	color       string // "auto", "always", "never"
	width       int    // 0 when not asked for
}

// options checks what was typed. Its errors are usage errors.
func (r *rawFlags) options(words []string) (options, error) {
	o := options{
		list: r.list, files: r.read, text: r.from == fromTcpdumpText, follow: r.follow,
		iface: r.iface, savefile: r.write, annotated: r.annotate, page: r.page,
		packets: r.packets, snaplen: r.snapLength(), buffer: r.bufferKiB * 1024, promiscuous: !r.noPromiscuous,
		json: r.json, segments: r.segments, conn: r.conn,
		verbose: r.verbose, color: r.color, width: r.width, live: r.live,
	}
	if o.list {
		return o, nil
	}
	for _, check := range []func([]string) error{r.checkInput, r.checkNumbers, r.checkWords, r.checkPage, r.checkLive} {
		if err := check(words); err != nil {
			return options{}, err
		}
	}
	var err error
	if o.failOn, err = severity(r.failOn); err != nil {
		return options{}, err
	}
	o.filter, err = r.filter(words)
	return o, err
}

// snapLength gives -s its defaults: headers are enough for the analysis, whole
// packets are expected of a file that other programs will read.
func (r *rawFlags) snapLength() int {
	switch {
	case r.snaplen > 0:
		return r.snaplen
	case r.snaplen == 0 || r.write != "":
		return maxSnaplen
	}
	return headerSnaplen
}

func (r *rawFlags) checkInput(words []string) error {
	switch {
	case len(r.read) > 0 && r.iface != "":
		return usagef("-r and -i exclude each other: give a capture file or an interface")
	case r.from != fromCapture && r.from != fromTcpdumpText:
		return usagef("--from %s: give capture or tcpdump-text", r.from)
	case r.from == fromTcpdumpText && r.iface != "":
		return usagef("--from tcpdump-text goes with -r: give the file with the text, or - for standard input")
	case len(r.read) > 0 || r.iface != "":
		return r.checkTogether()
	}
	for _, w := range words {
		if info, err := os.Stat(w); err == nil && info.Mode().IsRegular() {
			return usagef("%s is taken for a word of the filter: type -r %s to read it", w, w)
		}
	}
	return usagef("nothing to read: type -r FILE for a capture file, or -i any for live traffic")
}

// checkTogether refuses flags that cannot work with each other.
func (r *rawFlags) checkTogether() error {
	one, text := len(r.read) == 1, r.from == fromTcpdumpText
	switch {
	case slices.Contains(r.read, ""):
		return usagef("-r with an empty name: give the path of a capture")
	case text && !one:
		return usagef("--from tcpdump-text reads one file: give -r once")
	case r.follow && (!one || text):
		return usagef("--follow goes with one -r FILE: give the capture that is being written")
	case r.annotate == "":
		return nil
	case r.follow || text || len(r.read) == 0:
		return usagef("--annotate goes with -r FILE, a capture that is complete: write packets by -w first, then annotate those")
	case slices.Contains(r.read, "-"):
		return usagef("--annotate reads the capture twice, and standard input comes once: save it to a file, then give -r that file")
	case r.annotate == r.write:
		return usagef("-w and --annotate both name %s: give two files", r.write)
	}
	return nil
}

func (r *rawFlags) checkNumbers([]string) error {
	for _, n := range []struct {
		flag       string
		value      int
		least, max int
	}{
		{"-c", r.packets, 0, 1 << 62},
		{"-s", r.snapLength(), 1, maxSnaplen},
		{"-B", r.bufferKiB, 1, 1 << 21}, // libpcap takes bytes as a C int
		{"--conn", r.conn, 0, 1 << 62},
		{"--width", r.width, 0, 1000},
	} {
		if n.value < n.least || n.value > n.max {
			return usagef("%s %d is out of range: give a number from %d to %d", n.flag, n.value, n.least, n.max)
		}
	}
	return nil
}

func (r *rawFlags) checkWords([]string) error {
	switch {
	case r.color != "auto" && r.color != "always" && r.color != "never":
		return usagef("--color=%s: give auto, always or never", r.color)
	case r.segments && !r.json && r.iface == "" && !r.follow:
		return usagef("--segments needs --json: as text, --conn N -v shows every segment of a connection")
	case r.write == "-":
		return usagef("-w - would mix packets into the report on standard output: give a file")
	}
	return nil
}

func severity(word string) (detect.Severity, error) {
	if word == "" {
		return neverFail, nil
	}
	for _, s := range []detect.Severity{detect.NoteLevel, detect.Warning, detect.Error} {
		if word == s.String() {
			return s, nil
		}
	}
	return 0, usagef("--fail-on %s: give note, warning or error", word)
}

// filter is the expression of the trailing words or of the -F file. tcpdump
// ignores the words when there is a file; that is refused here, because an
// ignored filter explains the wrong connections.
func (r *rawFlags) filter(words []string) (string, error) {
	if r.filterFile == "" {
		return strings.Join(words, " "), nil
	}
	if len(words) > 0 {
		return "", usagef("both -F %s and the filter %q are given: leave one out", r.filterFile, strings.Join(words, " "))
	}
	text, err := os.ReadFile(r.filterFile)
	if err != nil {
		return "", usagef("cannot read the filter: %v", err)
	}
	return stripComments(string(text)), nil
}

// stripComments drops what follows a # on its line, as tcpdump does.
func stripComments(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, " "))
}

// newCommand returns the command line; run is called with the checked options,
// explain with a word of the glossary and how to print it.
func newCommand(run func(options) error, explain func(word string, o options) error) *cobra.Command {
	var raw rawFlags
	cmd := &cobra.Command{
		Use:   "tcpflow-explain {-r FILE | -i INTERFACE} [flags] [filter words]",
		Short: "Explain every TCP connection of a capture: states of both ends, who closed, what went wrong",
		Long: `Explain every TCP connection of a capture: the states that both ends went through,
who closed, and what went wrong. Letters and filter words mean what they mean to tcpdump.

Exit status: 0 analysed, 1 findings at or above --fail-on, 2 usage, 3 input unreadable
or damaged (all before the damage is reported), 4 no permission.`,
		Example: `  tcpflow-explain -r capture.pcap
  tcpflow-explain -r capture.pcap.gz --conn 3
  tcpflow-explain -r 'ring.pcap*' -r other.pcapng
  tcpflow-explain -r capture.pcap --html report.html
  tcpflow-explain -i any port 9000
  tcpdump -i eth0 -w - tcp | tcpflow-explain -r - --json
  tcpflow-explain explain CLOSE_WAIT`,
		Version:       version,
		Args:          cobra.ArbitraryArgs, // filter words
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(_ *cobra.Command, words []string) error {
			opts, err := raw.options(words)
			if err != nil {
				return err
			}
			return run(opts)
		},
	}
	raw.register(cmd.Flags())
	raw.registerText(cmd.PersistentFlags())
	cmd.AddCommand(newExplain(&raw, explain))
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return usagef("%v: see tcpflow-explain --help", err)
	})
	cmd.SetVersionTemplate(fmt.Sprintf("tcpflow-explain version %s\n", version))
	return cmd
}
