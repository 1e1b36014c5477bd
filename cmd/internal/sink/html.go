package sink

import (
	"bytes"
	"cmp"
	"html/template"
	"io"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// HTMLOptions say what the page holds.
type HTMLOptions struct {
	Frames     Frames // what is known about the frames; nil of a single file without comments
	Connection int    // show the connection with this ID only; 0 shows all
	Top        int    // how many connections are shown step by step; 0 means DefaultTop
	Verbose    int    // 1: every segment and window, every finding in full
	Version    string // of the program
}

// Bounds of a page, so that it can be mailed whatever the capture holds.
const (
	DefaultTop = 100  // connections shown step by step
	htmlRows   = 2000 // connections in the table
)

// htmlSink keeps what the page will show and writes it in End.
type htmlSink struct {
	o     HTMLOptions
	out   printer
	tally tally
	worst [detect.Error + 1]int // connections by their gravest finding
	picks picks
}

// NewHTML returns the report as one page for a browser. It needs no other file and
// loads nothing; without scripts it lacks no more than filter and sorting.
func NewHTML(w io.Writer, o HTMLOptions) Sink {
	o.Frames, o.Top = orOneFile(o.Frames), cmp.Or(o.Top, DefaultTop)
	return &htmlSink{o: o, out: printer{w: w}, tally: newTally(), picks: picks{whole: o.Top, rows: max(o.Top, htmlRows)}}
}

// Segment does nothing: the ladders show the segments.
func (h *htmlSink) Segment(*analyzer.Segment) error { return nil }

// Connection counts c and keeps it while it may still be shown.
func (h *htmlSink) Connection(c *analyzer.Connection) error {
	if h.o.Connection != 0 && h.o.Connection != c.ID {
		return nil
	}
	h.tally.add(c)
	h.worst[c.Worst()]++
	e := entryOf(c)
	h.picks.add(c, &e, h.tally.crowded(&e))
	return nil
}

// End writes the page.
func (h *htmlSink) End(s *analyzer.Summary) error {
	page, err := template.New("page").Funcs(h.functions()).ParseFS(htmlFiles, "html/*.html")
	if err != nil {
		return err
	}
	err = page.ExecuteTemplate(&h.out, "page.html", h.page(s))
	return cmp.Or(h.out.flush(), err)
}

// printer is the way out of a page: characters that do not print are escaped there,
// wherever they came from, as text for terminals has them.
type printer struct {
	w   io.Writer
	b   []byte
	err error
}

func (p *printer) Write(b []byte) (int, error) {
	p.b = append(p.b, b...)
	if end := bytes.LastIndexByte(p.b, '\n') + 1; end >= gather {
		p.put(p.b[:end])
		p.b = p.b[:copy(p.b, p.b[end:])]
	}
	return len(b), p.err
}

func (p *printer) put(text []byte) {
	var clean []byte
	for line := range bytes.Lines(text) {
		line, ended := bytes.CutSuffix(line, []byte{'\n'})
		clean = append(clean, printable(string(line), false)...)
		if ended {
			clean = append(clean, '\n')
		}
	}
	if p.err == nil {
		_, p.err = p.w.Write(clean)
	}
}

// flush writes the rest and returns the first error of the writer.
func (p *printer) flush() error {
	if len(p.b) > 0 {
		p.put(p.b)
		p.b = nil
	}
	return p.err
}
