package sink

import (
	"io"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// schema is the number of the NDJSON format. Fields may be added under the same
// number; renaming or dropping one takes a new number.
const schema = `"schema":1`

// gather is how many bytes of a report are collected for one write.
const gather = 64 << 10

// JSONOptions say how NDJSON is written.
type JSONOptions struct {
	Live   bool   // write each line at once, for a reader who follows
	Frames Frames // what is known about the frames; nil of a single file without comments
}

type jsonSink struct {
	w      io.Writer
	live   bool
	frames Frames
	lines  line // complete lines that are not written yet
	clock  clock
	err    error
	flags  map[reassembly.Flags]string // Flags.String of those met so far, for it allocates
}

// NewJSON returns a sink that writes one JSON object a line: segments,
// connections in the order they come, and the summary last.
func NewJSON(w io.Writer, o JSONOptions) Sink {
	return &jsonSink{w: w, live: o.Live, frames: orOneFile(o.Frames), flags: map[reassembly.Flags]string{}}
}

// end takes the lines with one more at their end, and writes when enough is gathered.
func (j *jsonSink) end(lines line) error {
	j.lines = lines.text("}\n")
	if j.live || len(j.lines) >= gather {
		j.flush()
	}
	return j.err
}

func (j *jsonSink) flush() {
	if j.err == nil {
		_, j.err = j.w.Write(j.lines)
	}
	j.lines = j.lines[:0]
}

// Segment writes a "segment" line. An ICMP error is no segment of the
// connection; the finding it leads to tells of it.
func (j *jsonSink) Segment(s *analyzer.Segment) error {
	m := &s.Mark
	if m.ICMP != nil {
		return j.err
	}
	l := j.lines.
		int(`{"type":"segment",`+schema+`,"connection":`, s.Connection).
		int(`,"frame":`, m.Frame).
		time(`,"time":`, m.Time, &j.clock).
		side(`,"from":`, m.From).
		word(`,"flags":`, j.flagNames(m.Flags)).
		int64(`,"seq":`, m.Seq)
	if m.Flags.Has(reassembly.ACK) {
		l = l.int64(`,"ack":`, m.Ack)
	} else {
		l = l.text(`,"ack":null`)
	}
	l = l.int64(`,"len":`, m.Len).
		int64(`,"window":`, m.Window).
		stringOrNull(`,"client":`, s.States[timeline.Client]).
		stringOrNull(`,"server":`, s.States[timeline.Server]).
		notes(m, s.Codes)
	return j.end(j.origin(l, m.Frame))
}

func (j *jsonSink) flagNames(f reassembly.Flags) string {
	names, ok := j.flags[f]
	if !ok {
		names = f.String()
		j.flags[f] = names
	}
	return names
}

// notes lists what a segment was recognised as, then the findings that it takes
// part in, each once.
func (l line) notes(m *timeline.Mark, codes []string) line {
	n := 0
	l = l.text(`,"notes":[`)
	for i := range noteWords {
		if w := &noteWords[i]; m.Notes&w.note != 0 && !slices.Contains(codes, w.code) {
			l = l.comma(n).word("", w.code)
			n++
		}
	}
	if code := fateCode(m.Fate); code != "" {
		l = l.comma(n).word("", code)
		n++
	}
	for _, code := range codes {
		l = l.comma(n).string("", code)
		n++
	}
	return l.text("]")
}

// origin adds where in a set of files a frame is from, and what the capture says about it.
func (j *jsonSink) origin(l line, number int) line {
	if file, frame := j.frames.Place(number); file != "" {
		l = l.string(`,"file":`, file).int(`,"file_frame":`, frame)
	}
	if text := j.frames.Comment(number); text != "" {
		l = l.string(`,"comment":`, text)
	}
	return l
}
