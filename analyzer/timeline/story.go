package timeline

import (
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Side is one endpoint of a connection.
type Side uint8

// Client is the active opener, or a guess (Conn.Guessed); Server is the other.
const (
	Client Side = iota
	Server
	Nobody
)

// Other returns the peer of s.
func (s Side) Other() Side { return 1 - s }

// String returns "client", "server" or "nobody".
func (s Side) String() string { return [...]string{"client", "server", "nobody"}[s] }

// Basis says how a transition is known.
type Basis uint8

// From the surest to the least.
const (
	Observed  Basis = iota // the endpoint's own segment proves it
	Confirmed              // an arriving segment caused it, and a later segment proves the arrival
	Inferred               // presumed, and nothing contradicts it
	Timed                  // a timer of the endpoint ended it: silence is the evidence
	MidStream              // the state it was found in when the capture began
)

// String returns the word that the NDJSON report uses.
func (b Basis) String() string {
	return [...]string{"observed", "confirmed", "inferred", "timer", "mid-stream"}[b]
}

// Transition is one step of an endpoint's state sequence.
type Transition struct {
	State       tcpstate.State
	Time        int64          // nanoseconds since the Unix epoch
	Frame       int            // the segment that caused it; 0 for a timer
	Basis       Basis          //
	ConfirmedBy int            // frame of the segment that proves the arrival; 0 unless Confirmed
	Rule        *tcpstate.Rule // the row of the transition table; nil for a mid-stream start
}

// Fate is what became of a segment after it passed the point of capture.
type Fate uint8

// A capture proves that a segment passed; only its receiver's later segments
// prove that it arrived.
const (
	Presumed Fate = iota // nothing contradicts that it arrived
	Arrived              // the receiver acknowledged it, answered it or acted on it
	Lost                 // the receiver's later segments show that it never had it
	Ignored              // it arrived, or may have, and was not acceptable
)

// Note is a set of remarks on a line of the history.
type Note uint32

// What a segment was recognised as.
const (
	Retransmission Note = 1 << iota
	OutOfOrder
	KeepAlive
	KeepAliveAck
	WindowProbe
	ZeroWindow
	WindowUpdate
	DuplicateAck
	ChallengeAck
	BeyondFIN  // data after the sender's own FIN
	AckUnsent  // acknowledges bytes that nobody sent
	Unseen     // acknowledges bytes that the capture missed
	FastOpen   // data on a SYN
	Reordered  // stands in the capture before what it answers
	Stray      // belongs to no live connection
	OutOfReach // outside the receive window
	Copy       // holds a packet that was captured before
	Void       // dropped by its receiver: no ACK, too old a time stamp, or far outside the window
)

// Mark is one line of a connection's history: a segment that matters by
// itself, or a run of plain ones in one direction (Count > 1). Numbers are
// relative to the ISN of their direction, unwrapped to 64 bits.
type Mark struct {
	From      Side
	Fate      Fate
	Notes     Note
	Flags     reassembly.Flags
	Count     int   // segments; 1 unless the mark is a run
	Bare      int   // how many of them are acknowledgments without data, SYN, FIN or RST
	Frame     int   // first frame
	LastFrame int   // last frame; Frame when Count is 1
	Time      int64 // of the first frame, nanoseconds since the Unix epoch
	LastTime  int64 // of the last frame
	Seq       int64 // of the first segment
	End       int64 // sequence number after the last segment: payload, SYN and FIN count
	Ack       int64 // acknowledgment number of the first segment; meaningless without ACK
	LastAck   int64 // acknowledgment number of the last segment
	Len       int64 // payload bytes
	Window    int64 // bytes, scaled when the scale is known; of the last segment
	SACKed    int64 // right edge of the highest SACK block, 0 when there is none
	TSVal     uint32
	TSEcr     uint32
	HasTS     bool
	IPID      uint16
	HasIPID   bool
	TTL       uint8
	ICMP      *ICMPNote // an ICMP error about a segment of the other side; From is the side it names as unreachable
}

// ICMPNote is an ICMP error about the connection.
type ICMPNote struct {
	Router [16]byte // who sent it
	V6     bool
	Type   uint8
	Code   uint8
	Seq    int64 // relative sequence number of the quoted segment
}

// Handshake says how the opening went.
type Handshake uint8

// The values of "handshake" in the NDJSON report.
const (
	HandshakeIncomplete Handshake = iota
	HandshakeComplete
	HandshakeRefused
	HandshakeUnanswered
	HandshakeUnreachable
	HandshakeSimultaneous
	HandshakeNotCaptured
)

// String returns the word that the NDJSON report uses.
func (h Handshake) String() string {
	return [...]string{"incomplete", "complete", "refused", "unanswered", "unreachable", "simultaneous", "not-captured"}[h]
}

// Teardown says how the connection ended.
type Teardown uint8

// The values of "teardown" in the NDJSON report.
const (
	TeardownNone Teardown = iota
	TeardownFIN
	TeardownSimultaneous
	TeardownHalfClosed
	TeardownReset
	TeardownTimeout
)

// String returns the word that the NDJSON report uses.
func (t Teardown) String() string {
	return [...]string{"none", "fin", "fin-simultaneous", "half-closed", "reset", "timeout"}[t]
}

// App is what the application of one endpoint saw of the connection.
type App struct {
	Connect string // "ok", "pending" or an errno name; empty for a side that did not open
	Accept  bool   // accept() had this connection to return; false for a side that opened
	EOF     bool   // reads reach end-of-file
	Error   string // errno name pending on the socket, empty for none
}

// Counters count the segments of one direction.
type Counters struct {
	Packets              int
	Bytes                int64 // payload, retransmissions included once each
	RetransmittedPackets int
	RetransmittedBytes   int64
	OutOfOrder           int
	DuplicateAcks        int
	ZeroWindows          int
	KeepAlives           int
	Copies               int   // frames that hold a packet already counted
	WindowFulls          int   // data that ended exactly at the edge of the receiver's window
	FullFrame            int   // first of those, 0 for none
	DSACKs               int   // reports of data that came twice (RFC 2883)
	DataTime             int64 // of the first payload, nanoseconds since the Unix epoch; 0 for none
	FirstData            int   // first frame with payload and neither SYN, FIN nor RST, 0 for none
	FirstBare            int   // first frame that is an acknowledgment and nothing else, 0 for none
}

// Story is what a connection went through, as far as its history proves it.
// It is told anew from the history whenever that grows, so it never holds
// anything that a later frame disproved.
type Story struct {
	States       [2][]Transition // by Side
	Marks        []Mark          // the history with the fates filled in
	App          [2]App
	Handshake    Handshake
	HandshakeRTT time.Duration // from the SYN to the ACK that completes it; -1 when not complete
	Teardown     Teardown
	Doubts       []Doubt          // where two histories remain possible
	Reply        [2]time.Duration // how soon each side's answer passes the point of capture, at its quickest; -1 when it answered nothing
	ClosedBy     Side             // who sent the first FIN or RST that counted; Nobody when neither did
}

// Last returns the state that side was last known in.
func (s *Story) Last(side Side) tcpstate.State {
	if n := len(s.States[side]); n > 0 {
		return s.States[side][n-1].State
	}
	return tcpstate.Unknown
}

// Ended reports whether the reset m closed an end: its sender's own, or the one
// that it was sent to.
func (s *Story) Ended(m *Mark) bool {
	for side := range s.States {
		for _, tr := range s.States[side] {
			if tr.Frame == m.Frame && tr.State == tcpstate.Closed {
				return true
			}
		}
	}
	return false
}
