package analyzer

import (
	"slices"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Connection is the report on one connection: one incarnation of a 4-tuple.
type Connection struct {
	ID          int                    // from 1, in the order of first frames
	Ends        [2]reassembly.Endpoint // by timeline.Side
	Guessed     bool                   // who is client and who server is a guess
	Start, End  int64                  // nanoseconds since the Unix epoch
	FirstFrame  int
	LastFrame   int
	Verdict     string // one sentence that a person can paste into a ticket
	Counters    [2]timeline.Counters
	Dropped     uint64           // frames that the capturing host had dropped, if it did since Start
	Ways        [2][]string      // by timeline.Side: the interfaces that its packets passed, in order; nil where nothing tells
	Conditions  []string         // codes of the capture conditions that touched it
	ZeekState   string           // Zeek's conn_state
	ZeekHistory string           // Zeek's history letters
	Findings    []detect.Finding // gravest first; capture conditions last
	timeline.Story
}

// Worst returns the gravest severity among the findings, detect.Capture when there is none.
func (c *Connection) Worst() detect.Severity {
	worst := detect.Capture
	for i := range c.Findings {
		worst = max(worst, c.Findings[i].Severity)
	}
	return worst
}

// Segment is one segment with the states of both ends after it, for --segments
// and for the live view.
type Segment struct {
	Connection int                    // ID of the connection
	Ends       [2]reassembly.Endpoint // by timeline.Side
	Mark       timeline.Mark
	States     [2]string   // by timeline.Side, "" before anything is known
	Codes      []string    // findings that it takes part in
	Ways       [2][]string // live: as in Connection, as far as known
}

// Summary closes a report.
type Summary struct {
	Files       []string
	LinkType    string // "EN10MB", "LINUX_SLL2"; several are joined with a comma
	Frames      int
	Segments    int            // TCP segments, copies included
	Skipped     map[string]int // frames that were not analysed, by reason
	Damage      *Damage        // nil when the input was whole
	Inputs      []Input        // the files of a merged set; nil for a single capture
	Interfaces  []string       // names of those that frames came from, as far as the capture tells
	Notes       []string       // what else is to be known about the input: whole sentences
	LetGo       int            // connections that were forgotten while they were open, to stay within bounds
	Dropped     uint64         // frames that the capturing host dropped, as far as the capture tells
	Connections int
	ByState     [2]map[string]int // last states, by timeline.Side
	Findings    map[string]int    // by code
	Across      []detect.Across   // what belongs to no single connection, gravest first
	First, Last int64             // times of the first and the last frame
	Vantage     string            // where the capture was taken, as far as it can be told: "near the client"
	Elapsed     time.Duration
}

// Input is one file of a set that was merged by time. Frames are numbered through the
// set; where files overlap in time, their numbers alternate.
type Input struct {
	File, Name            string // path, and the short name that frames are told by
	Frames                int
	FirstFrame, LastFrame int   // numbers of its first and last frame in the set
	Start, End            int64 // times of these, nanoseconds since the Unix epoch
}

// Damage says where and why a capture could not be read further.
type Damage struct {
	File   string
	Offset int64 // byte offset of the record that could not be read
	Reason string
}

// Handler receives a report as it is made. An error stops the analysis.
type Handler interface {
	// Segment is called for each segment when Config.Segments is set.
	Segment(*Segment) error
	// Connection is called once for each connection. What it points to is valid
	// until the handler returns: keep a Clone of what must last longer.
	Connection(*Connection) error
}

// Clone returns a copy that stays valid after the handler has returned.
func (c *Connection) Clone() *Connection {
	out := *c
	out.Marks = slices.Clone(c.Marks)
	out.Doubts = slices.Clone(c.Doubts)
	out.Conditions = slices.Clone(c.Conditions)
	out.Findings = slices.Clone(c.Findings)
	for i := range out.Findings {
		out.Findings[i] = c.Findings[i].Clone()
	}
	for side := range out.States {
		out.States[side] = slices.Clone(c.States[side])
	}
	return &out
}
