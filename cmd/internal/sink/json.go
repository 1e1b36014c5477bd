package sink

import (
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// schema is the number of the NDJSON format. Fields may be added under the same
// number; renaming or dropping one takes a new number.
const schema = 1

// gather is how many bytes of a report are collected for one write.
const gather = 64 << 10

// JSONOptions say how NDJSON is written.
type JSONOptions struct {
	Live   bool   // write each line at once, for a reader who follows
	Frames Frames // what is known about the frames; nil of a single file without comments
}

type jsonSink struct {
	record
	w      io.Writer
	live   bool
	frames Frames
	err    error
	names  map[reassembly.Flags]string // Flags.String of those met so far, for it allocates
}

// NewJSON returns a sink that writes one JSON object a line: segments,
// connections in the order they come, and the summary last.
func NewJSON(w io.Writer, o JSONOptions) Sink {
	return &jsonSink{w: w, live: o.Live, frames: orOneFile(o.Frames), names: map[reassembly.Flags]string{}}
}

// begin opens a line of the given type.
func (j *jsonSink) begin(kind string) {
	j.b = append(j.b, '{')
	j.string("type", kind)
	j.int("schema", schema)
}

// end closes a line and writes when enough is gathered.
func (j *jsonSink) end() error {
	j.b = append(j.b, '}', '\n')
	if j.live || len(j.b) >= gather {
		j.flush()
	}
	return j.err
}

func (j *jsonSink) flush() {
	if j.err == nil {
		_, j.err = j.w.Write(j.b)
	}
	j.b = j.b[:0]
}

// Segment writes a "segment" line. An ICMP error is no segment of the
// connection; the finding it leads to tells of it.
func (j *jsonSink) Segment(s *analyzer.Segment) error {
	m := &s.Mark
	if m.ICMP != nil {
		return j.err
	}
	j.begin("segment")
	j.int("connection", int64(s.Connection))
	j.int("frame", int64(m.Frame))
	j.time("time", m.Time)
	j.side("from", m.From)
	j.flags("flags", m.Flags)
	j.int("seq", m.Seq)
	if m.Flags.Has(reassembly.ACK) {
		j.int("ack", m.Ack)
	} else {
		j.null("ack")
	}
	j.int("len", m.Len)
	j.int("window", m.Window)
	j.stringOrNull("client", s.States[timeline.Client])
	j.stringOrNull("server", s.States[timeline.Server])
	j.notes(m, s.Codes)
	j.origin(m.Frame)
	return j.end()
}

// notes lists what a segment was recognised as, then the findings that it takes
// part in, each once.
func (j *jsonSink) notes(m *timeline.Mark, codes []string) {
	j.key("notes")
	j.b = append(j.b, '[')
	for i := range noteWords {
		if w := &noteWords[i]; m.Notes&w.note != 0 && !slices.Contains(codes, w.code) {
			j.comma()
			j.b = appendQuoted(j.b, w.code)
		}
	}
	if code := fateCode(m.Fate); code != "" {
		j.comma()
		j.b = appendQuoted(j.b, code)
	}
	for _, code := range codes {
		j.comma()
		j.b = appendQuoted(j.b, code)
	}
	j.b = append(j.b, ']')
}

func (j *jsonSink) flags(name string, f reassembly.Flags) {
	text, ok := j.names[f]
	if !ok {
		text = f.String()
		j.names[f] = text
	}
	j.string(name, text)
}

// Connection writes a "connection" line.
func (j *jsonSink) Connection(c *analyzer.Connection) error {
	j.begin("connection")
	j.int("id", int64(c.ID))
	j.endpoint("client", c.Ends[timeline.Client])
	j.endpoint("server", c.Ends[timeline.Server])
	j.string("roles", roles(c.Guessed))
	j.time("start", c.Start)
	j.time("end", c.End)
	j.seconds("duration", c.End-c.Start)
	j.int("first_frame", int64(c.FirstFrame))
	j.int("last_frame", int64(c.LastFrame))
	j.string("handshake", c.Handshake.String())
	if c.HandshakeRTT < 0 {
		j.null("handshake_rtt")
	} else {
		j.seconds("handshake_rtt", int64(c.HandshakeRTT))
	}
	j.string("teardown", c.Teardown.String())
	j.side("closed_by", c.ClosedBy)
	j.string("verdict", c.Verdict)
	j.story(c)
	j.counters(c)
	j.ways(&c.Ways)
	j.strings("capture", c.Conditions)
	j.open("zeek")
	j.string("conn_state", c.ZeekState)
	j.string("history", c.ZeekHistory)
	j.close()
	j.findings(c.Findings)
	return j.end()
}

// ways writes the interfaces that each side's packets passed, where the capture tells.
func (j *jsonSink) ways(ways *[2][]string) {
	if len(ways[timeline.Client])+len(ways[timeline.Server]) == 0 {
		return
	}
	j.open("interfaces")
	for side, names := range ways {
		j.strings(timeline.Side(side).String(), names)
	}
	j.close()
}

func roles(guessed bool) string {
	if guessed {
		return "guessed"
	}
	return "observed"
}

func (j *jsonSink) endpoint(name string, e reassembly.Endpoint) {
	j.open(name)
	j.addr("ip", e.Addr())
	j.int("port", int64(e.Port))
	j.close()
}

// side writes null for Nobody.
func (j *jsonSink) side(name string, s timeline.Side) {
	if s == timeline.Nobody {
		j.null(name)
		return
	}
	j.string(name, s.String())
}

// story writes the states and what the applications saw.
func (j *jsonSink) story(c *analyzer.Connection) {
	j.open("states")
	for s := range timeline.Nobody {
		j.key(s.String())
		j.b = append(j.b, '[')
		for i := range c.States[s] {
			j.transition(&c.States[s][i])
		}
		j.b = append(j.b, ']')
	}
	j.close()
	j.open("app")
	for s := range timeline.Nobody {
		j.app(s, &c.App[s])
	}
	j.close()
	if len(c.Doubts) > 0 {
		j.doubts(c.Doubts)
	}
}

// doubts writes where two histories remain possible, the reported one and the other.
func (j *jsonSink) doubts(all []timeline.Doubt) {
	j.key("doubts")
	j.b = append(j.b, '[')
	for i := range all {
		d := &all[i]
		j.comma()
		j.b = append(j.b, '{')
		j.string("endpoint", d.Side.String())
		j.string("state", d.State.String())
		j.string("or", d.Or)
		j.string("tells", d.Tells)
		j.close()
	}
	j.b = append(j.b, ']')
}

// transition leaves out the frame of what a timer did: there is none.
func (j *jsonSink) transition(t *timeline.Transition) {
	j.comma()
	j.b = append(j.b, '{')
	j.string("state", t.State.String())
	j.time("time", t.Time)
	if t.Frame != 0 {
		j.int("frame", int64(t.Frame))
	}
	j.string("basis", t.Basis.String())
	if t.Basis == timeline.Confirmed {
		j.int("confirmed_by", int64(t.ConfirmedBy))
	}
	j.close()
}

// app writes connect for a side that opened, which both did in a simultaneous
// open, and accept for the server.
func (j *jsonSink) app(s timeline.Side, a *timeline.App) {
	j.open(s.String())
	if a.Connect != "" {
		j.string("connect", a.Connect)
	}
	if s == timeline.Server {
		j.bool("accept", a.Accept)
	}
	j.bool("eof", a.EOF)
	j.stringOrNull("error", a.Error)
	j.close()
}

func (j *jsonSink) counters(c *analyzer.Connection) {
	j.open("counters")
	for s := range timeline.Nobody {
		n := &c.Counters[s]
		j.open(s.String())
		j.int("packets", int64(n.Packets))
		j.int("bytes", n.Bytes)
		j.int("retransmitted_packets", int64(n.RetransmittedPackets))
		j.int("retransmitted_bytes", n.RetransmittedBytes)
		j.int("out_of_order", int64(n.OutOfOrder))
		j.int("duplicate_acks", int64(n.DuplicateAcks))
		j.int("zero_windows", int64(n.ZeroWindows))
		j.int("keepalives", int64(n.KeepAlives))
		j.int("copies", int64(n.Copies))
		j.close()
	}
	j.close()
}

// across writes a "finding" line for each of what belongs to no single connection.
func (j *jsonSink) across(all []detect.Across) error {
	for i := range all {
		a := &all[i]
		j.begin("finding")
		j.open("target")
		j.addr("ip", a.Target.Addr())
		if a.Target.Port == 0 {
			j.null("port")
		} else {
			j.int("port", int64(a.Target.Port))
		}
		j.close()
		j.finding(&a.Finding)
		if err := j.end(); err != nil {
			return err
		}
	}
	return j.err
}

// findings writes those of one connection.
func (j *jsonSink) findings(fs []detect.Finding) {
	j.key("findings")
	j.b = append(j.b, '[')
	for i := range fs {
		j.comma()
		j.b = append(j.b, '{')
		j.finding(&fs[i])
		j.close()
	}
	j.b = append(j.b, ']')
}

func (j *jsonSink) finding(f *detect.Finding) {
	j.string("code", f.Code)
	j.string("severity", f.Severity.String())
	j.side("endpoint", f.Endpoint)
	j.ints("frames", f.Frames)
	j.places(f.Frames)
	j.time("time", f.Time)
	j.string("summary", f.Summary)
	j.string("explanation", f.Explanation)
	j.strings("causes", f.Causes)
	j.strings("checks", f.Checks)
	j.strings("refs", f.Refs)
}

// End writes what belongs to no single connection, and the "summary" line.
func (j *jsonSink) End(s *analyzer.Summary) error {
	if err := j.across(s.Across); err != nil {
		return err
	}
	j.begin("summary")
	j.strings("files", s.Files)
	j.string("link_type", s.LinkType)
	j.int("frames", int64(s.Frames))
	j.int("tcp_segments", int64(s.Segments))
	j.counts("skipped", s.Skipped)
	j.bool("truncated", s.Damage != nil)
	j.int("dropped", int64(s.Dropped))
	if s.LetGo > 0 {
		j.int("let_go", int64(s.LetGo))
	}
	j.int("connections", int64(s.Connections))
	j.open("by_state")
	for side := range timeline.Nobody {
		j.counts(side.String(), s.ByState[side])
	}
	j.close()
	j.counts("findings", s.Findings)
	j.damage(s.Damage)
	j.input(s)
	j.seconds("elapsed", int64(s.Elapsed))
	if err := j.end(); err != nil {
		return err
	}
	j.flush()
	return j.err
}

func (j *jsonSink) damage(d *analyzer.Damage) {
	if d == nil {
		j.null("damage")
		return
	}
	j.open("damage")
	j.string("file", d.File)
	j.int("offset", d.Offset)
	j.string("reason", d.Reason)
	j.close()
}

// counts writes a map in the order of its keys, so that equal reports are equal bytes.
func (j *jsonSink) counts(name string, m map[string]int) {
	j.open(name)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		j.comma()
		j.b = appendQuoted(j.b, k)
		j.b = append(j.b, ':')
		j.b = strconv.AppendInt(j.b, int64(m[k]), 10)
	}
	j.close()
}
