package detect

import (
	"slices"
)

// Rule is a detector: what it looks for, the text that explains it in general,
// and the function that finds it in one connection.
type Rule struct {
	Code     string
	Severity Severity // the severity unless the case says otherwise
	Title    string   // a few words: "the last ACK of the close was lost"
	Text     string   // what it means in general
	Refs     []string // "RFC 9293 §3.6"
	// Certain reports that the finding stands as soon as it is made: no later
	// segment can take it back. The live view tells those at once.
	Certain bool
	// Swallows names the codes that this finding explains: they are not given
	// beside it. Where many connections together show it, the others stay with each
	// of those connections, and a report that folds them can leave them out.
	Swallows []string
	// Needs are the signs without which Check finds nothing.
	Needs Signs
	// Check returns what it finds, with Code, Severity, Refs and Time left for
	// the caller to fill in where they are the rule's own. It is nil for what only
	// many connections together show: a Watcher finds that.
	Check func(*Case) []Finding
}

// rules is every detector. A new one is a file of its own and a line here; the
// order is that of the catalogue, so that output does not depend on chance.
var rules = []*Rule{
	synUnanswered,
	connectionRefused,
	unreachable,
	halfOpenHandshake,
	synRetransmitted,
	synackRetransmitted,
	handshakeAckLost,
	acceptQueueOverflow,
	resetBeforeAccept,
	simultaneousOpen,
	selfConnect,
	isnMismatch,
	synOnEstablished,
	portReused,
	handshakeOptions,
	fastOpen,
	rstAfterFIN,
	abortiveClose,
	finalAckLost,
	finalAckMissing,
	finRetransmitted,
	finUnanswered,
	halfClosed,
	closeWaitStuck,
	simultaneousClose,
	dataAfterFIN,
	dataAfterClose,
	segmentAfterReset,
	idleCloseRace,
	timeWaitAssassination,
	timeWaitReuseRefused,
	halfOpenPeerGone,
	peerUnresponsive,
	keepalive,
	keepaliveTimeout,
	idleDrop,
	retransmission,
	outOfOrder,
	zeroWindow,
	zeroWindowStuck,
	windowFull,
	challengeACK,
	resetIgnored,
	resetForged,
	overlapConflict,
	pawsReject,
	ackInvalid,
	badFlags,
	synFlood,
	portScan,
	portExhaustion,
	idleLimit,
	ghostConnections,
	acceptStall,
	midStream,
	oneDirection,
	captureLoss,
	duplicateFrames,
	reorderedCapture,
	snaplen,
	offload,
	notClosed,
}

// Rules returns every detector, in the order of the catalogue.
func Rules() []*Rule { return slices.Clone(rules) }

// Find returns the detector of a code, nil when there is none.
func Find(code string) *Rule {
	for _, r := range rules {
		if r.Code == code {
			return r
		}
	}
	return nil
}

// Certain reports whether a finding of this code stands as soon as it is made.
func Certain(code string) bool {
	r := Find(code)
	return r != nil && r.Certain
}

// Explains reports whether a finding of one code says all that one of another would.
func Explains(code, other string) bool {
	r := Find(code)
	return r != nil && slices.Contains(r.Swallows, other)
}

// complete fills in what the rule says for all its findings.
func (r *Rule) complete(f *Finding) {
	f.Code = r.Code
	if f.Severity == Capture {
		f.Severity = r.Severity
	}
	if f.Refs == nil {
		f.Refs = r.Refs
	}
	if len(f.Frames) > 1 {
		slices.Sort(f.Frames)
		f.Frames = slices.Compact(f.Frames)
	}
}
