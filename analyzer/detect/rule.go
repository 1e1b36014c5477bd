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
	// Ordinary reports that it can be found in a connection in which nothing
	// unusual happened; the others are not looked for there.
	Ordinary bool
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

// All returns what the detectors find in c, gravest first and capture conditions
// last. Where one finding explains another, the more specific one is given alone.
func All(c *Case) []Finding { return all(c, c.ordinary()) }

// all is All; ordinary tells it to skip the rules that an ordinary connection
// gives nothing to find.
func all(c *Case, ordinary bool) []Finding {
	var found []Finding
	for _, r := range rules {
		if r.Check == nil || ordinary && !r.Ordinary {
			continue
		}
		for _, f := range r.Check(c) {
			f = r.complete(f)
			if f.Severity > Capture {
				c.tellResets(&f)
			}
			found = append(found, f)
		}
	}
	found = settle(found)
	doubtAbsence(c, found)
	slices.SortStableFunc(found, func(a, b Finding) int { return int(b.Severity) - int(a.Severity) })
	return found
}

// complete fills in what the rule says for all its findings.
func (r *Rule) complete(f Finding) Finding {
	f.Code = r.Code
	if f.Severity == Capture {
		f.Severity = r.Severity
	}
	if f.Refs == nil {
		f.Refs = r.Refs
	}
	slices.Sort(f.Frames)
	f.Frames = slices.Compact(f.Frames)
	return f
}

// settle drops the findings that another one explains.
func settle(found []Finding) []Finding {
	return slices.DeleteFunc(found, func(f Finding) bool {
		return slices.ContainsFunc(found, func(by Finding) bool {
			return Explains(by.Code, f.Code)
		})
	})
}
