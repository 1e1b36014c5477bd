package check

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Connection is what an expectation can ask of a connection: the fields of the
// NDJSON report by the same names. Three are handier than there: findings are
// their codes (details has the rest), states have the last one by name, and
// durations are durations. What is null there is nil here.
type Connection struct {
	ID           int            `expr:"id"`
	Client       End            `expr:"client"`
	Server       End            `expr:"server"`
	Roles        string         `expr:"roles"`
	Start        time.Time      `expr:"start"`
	End          time.Time      `expr:"end"`
	Duration     time.Duration  `expr:"duration"`
	FirstFrame   int            `expr:"first_frame"`
	LastFrame    int            `expr:"last_frame"`
	Handshake    string         `expr:"handshake"`
	HandshakeRTT *time.Duration `expr:"handshake_rtt"`
	Teardown     string         `expr:"teardown"`
	ClosedBy     *string        `expr:"closed_by"`
	Verdict      string         `expr:"verdict"`
	States       States         `expr:"states"`
	App          Apps           `expr:"app"`
	Counters     Counters       `expr:"counters"`
	Capture      []string       `expr:"capture"`
	Zeek         Zeek           `expr:"zeek"`
	Findings     []string       `expr:"findings"`
	Details      []Finding      `expr:"details"`
	Worst        *string        `expr:"worst"` // gravest severity among the findings
}

// End is one endpoint.
type End struct {
	IP   string `expr:"ip"`
	Port int    `expr:"port"`
}

// States are those that each end went through.
type States struct {
	Client Sequence `expr:"client"`
	Server Sequence `expr:"server"`
}

// Sequence is the states of one end, in order.
type Sequence struct {
	Last string   `expr:"last"` // "UNKNOWN" when nothing told one
	All  []string `expr:"all"`
}

// Apps are what the applications saw.
type Apps struct {
	Client App `expr:"client"`
	Server App `expr:"server"`
}

// App is what one application saw of its socket.
type App struct {
	Connect *string `expr:"connect"`
	Accept  bool    `expr:"accept"`
	EOF     bool    `expr:"eof"`
	Error   *string `expr:"error"`
}

// Counters count the segments of both directions.
type Counters struct {
	Client Count `expr:"client"`
	Server Count `expr:"server"`
}

// Count counts the segments that one end sent.
type Count struct {
	Packets              int `expr:"packets"`
	Bytes                int `expr:"bytes"`
	RetransmittedPackets int `expr:"retransmitted_packets"`
	RetransmittedBytes   int `expr:"retransmitted_bytes"`
	OutOfOrder           int `expr:"out_of_order"`
	DuplicateAcks        int `expr:"duplicate_acks"`
	ZeroWindows          int `expr:"zero_windows"`
	KeepAlives           int `expr:"keepalives"`
	Copies               int `expr:"copies"`
}

// Zeek has the letters that Zeek gives a connection.
type Zeek struct {
	ConnState string `expr:"conn_state"`
	History   string `expr:"history"`
}

// Finding is a finding without its long texts.
type Finding struct {
	Code     string  `expr:"code"`
	Severity string  `expr:"severity"`
	Endpoint *string `expr:"endpoint"`
	Frames   []int   `expr:"frames"`
	Summary  string  `expr:"summary"`
}

// Capture is what an expectation without "for" can ask: all connections, and the
// fields of the NDJSON summary. Findings are counted by their codes.
type Capture struct {
	Connections []*Connection  `expr:"connections"`
	Findings    map[string]int `expr:"findings"`
	Frames      int            `expr:"frames"`
	Segments    int            `expr:"tcp_segments"`
	Skipped     map[string]int `expr:"skipped"`
	Dropped     int            `expr:"dropped"`
	Truncated   bool           `expr:"truncated"`
	LinkType    string         `expr:"link_type"`
}

// connectionOf copies what can be asked from a report on a connection.
func connectionOf(c *analyzer.Connection) *Connection {
	out := &Connection{
		ID: c.ID, Client: endOf(c.Ends[timeline.Client]), Server: endOf(c.Ends[timeline.Server]), Roles: "observed",
		Start: time.Unix(0, c.Start).UTC(), End: time.Unix(0, c.End).UTC(), Duration: time.Duration(c.End - c.Start),
		FirstFrame: c.FirstFrame, LastFrame: c.LastFrame,
		Handshake: c.Handshake.String(), Teardown: c.Teardown.String(), ClosedBy: sideOf(c.ClosedBy), Verdict: c.Verdict,
		States:   States{sequenceOf(c, timeline.Client), sequenceOf(c, timeline.Server)},
		App:      Apps{appOf(&c.App[timeline.Client]), appOf(&c.App[timeline.Server])},
		Counters: Counters{countOf(&c.Counters[timeline.Client]), countOf(&c.Counters[timeline.Server])},
		Capture:  append([]string{}, c.Conditions...),
		Zeek:     Zeek{c.ZeekState, c.ZeekHistory},
	}
	if c.Guessed {
		out.Roles = "guessed"
	}
	if c.HandshakeRTT >= 0 {
		rtt := c.HandshakeRTT
		out.HandshakeRTT = &rtt
	}
	for i := range c.Findings {
		out.Findings = append(out.Findings, c.Findings[i].Code)
		out.Details = append(out.Details, findingOf(&c.Findings[i]))
	}
	if worst := c.Worst(); worst > detect.Capture {
		out.Worst = optional(worst.String())
	}
	return out
}

func endOf(e reassembly.Endpoint) End { return End{e.Addr().String(), int(e.Port)} }

func sequenceOf(c *analyzer.Connection, side timeline.Side) Sequence {
	s := Sequence{Last: c.Last(side).String()}
	for i := range c.States[side] {
		s.All = append(s.All, c.States[side][i].State.String())
	}
	return s
}

func appOf(a *timeline.App) App {
	return App{Connect: optional(a.Connect), Accept: a.Accept, EOF: a.EOF, Error: optional(a.Error)}
}

func countOf(n *timeline.Counters) Count {
	return Count{
		n.Packets, int(n.Bytes), n.RetransmittedPackets, int(n.RetransmittedBytes),
		n.OutOfOrder, n.DuplicateAcks, n.ZeroWindows, n.KeepAlives, n.Copies,
	}
}

func findingOf(f *detect.Finding) Finding {
	return Finding{f.Code, f.Severity.String(), sideOf(f.Endpoint), append([]int{}, f.Frames...), f.Summary}
}

// sideOf is nil for Nobody, as the NDJSON report has null.
func sideOf(s timeline.Side) *string {
	if s == timeline.Nobody {
		return nil
	}
	return optional(s.String())
}

// optional is nil for the empty string, as the NDJSON report has null.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
