package detect

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Conditions of the capture. None is a fault of the connection; each says what
// could not be judged because of it.

var midStream = &Rule{
	Code:  "mid-stream",
	Title: "the beginning was not captured",
	Text: `The connection was open already when the capture began, or its SYN was not captured. Its states before are unknown, and so are window
scale, SACK and timestamps; relative numbers count from the first segment seen. Who is client and who server is a guess, unless a SYN,ACK tells.`,
	Refs:  []string{"RFC 9293 §3.5"},
	Needs: sawMidStream,
	Check: func(c *Case) []Finding {
		if len(c.States[timeline.Client])+len(c.States[timeline.Server]) > 0 && !c.foundOpen() {
			return nil
		}
		f := c.at(&c.Marks[0], timeline.Nobody, c.Marks[0].Frame)
		f.Summary = c.textf("the capture holds no SYN of this connection: it begins with %s in frame %d", firstText(&c.Marks[0]), c.Marks[0].Frame)
		f.Explanation = "How it was opened is unknown. States are inferred from the first segments on."
		if c.Earlier > 0 {
			f.Summary = c.textf("connection %d goes on here, which was let go to make room", c.Earlier)
			f.Explanation = c.textf("Its beginning is told there. States are inferred anew from frame %d on. --max-connections and --max-memory allow for more.", c.Marks[0].Frame)
			return append(c.none(), f)
		}
		if c.Guessed {
			f.Explanation += " Which side is the client is a guess by the port numbers."
		}
		f.Checks = c.list("begin to capture before the connection is opened")
		return append(c.none(), f)
	},
}

// firstText names a segment by its flags, and an ICMP error as such.
func firstText(m *timeline.Mark) string {
	switch {
	case m.ICMP != nil:
		return "an ICMP error"
	case m.Flags == 0:
		return "a segment without flags"
	}
	return m.Flags.String()
}

// foundOpen reports whether the story begins with a state that the capture found
// an endpoint in.
func (c *Case) foundOpen() bool {
	for _, side := range sides {
		if len(c.States[side]) > 0 && c.States[side][0].Basis == timeline.MidStream {
			return true
		}
	}
	return false
}

var oneDirection = &Rule{
	Code:  "one-direction",
	Title: "only one side was captured",
	Text: `One side's segments are missing altogether, though the other side acknowledges them: asymmetric routing, a mirror port that copies one
direction, or a filter on the source. What the missing side did is inferred from the acknowledgment numbers of the other.`,
	Refs:  []string{"RFC 9293 §3.4"},
	Needs: sawOneSide,
	Check: func(c *Case) []Finding {
		for _, side := range sides {
			if c.Halves[side].Sent || c.Counters[side].Packets > 0 || !c.acknowledged(side.Other()) {
				continue
			}
			f := c.at(&c.Marks[0], side, c.Marks[0].Frame)
			f.Summary = c.textf("no segment of %s was captured, though %s acknowledges its data", the(side), the(side.Other()))
			f.Explanation = "Findings that need both directions are withheld; what " + the(side) + " did is inferred from what acknowledges it."
			f.Causes = c.list("the way back takes another path, or the mirror port copies one direction", "the capture filter keeps one direction")
			f.Checks = c.list(c.textf("tcpdump -ni any 'tcp and src host %s and dst host %s'", c.host(side), c.host(side.Other())))
			return append(c.none(), f)
		}
		return nil
	},
}

// acknowledged reports whether side sent an acknowledgment outside a reset.
func (c *Case) acknowledged(side timeline.Side) bool {
	return len(c.sent(side, reassembly.ACK, reassembly.RST)) > 0
}

var duplicateFrames = &Rule{
	Code:  "duplicate-frames",
	Title: "the same packet was captured more than once",
	Text: `The capture holds packets twice or more: on "any" with bridges, VLANs or tunnels, or on a mirror port that copies both ports. They are
recognised by their IP identification, numbers and time, counted once, and taken for no retransmission.`,
	Needs: sawCopies,
	Check: func(c *Case) []Finding {
		n := c.Counters[timeline.Client].Copies + c.Counters[timeline.Server].Copies
		if n == 0 {
			return nil
		}
		f := Finding{Endpoint: timeline.Nobody, Frames: c.frameList(c.CopyFrame), Time: c.Start}
		f.Summary = c.textf("%s of this connection hold a packet that was captured before, first frame %d", c.count(n, "frame"), c.CopyFrame)
		f.Explanation = "Each packet is counted once. What comes again a round trip later, or with another IP identification, is a retransmission and is told as one."
		f.Causes = c.list("-i any on a host with bridges, VLANs or tunnels", "a mirror port that copies both ports of the path", "a network that duplicates packets")
		f.Checks = c.list("tcpdump -D   # capture on one interface of the path")
		return append(c.none(), f)
	},
}

var captureLoss = &Rule{
	Code:  "capture-loss",
	Title: "bytes were acknowledged that were never captured",
	Text: `An endpoint acknowledged what the capture does not hold: the capture lost packets, or took only a part of them. Whatever "never came" means
elsewhere, it means "was not captured" here.`,
	Refs:  []string{"RFC 9293 §3.4"},
	Needs: sawUncaptured,
	Check: func(c *Case) []Finding {
		if !c.Halves[timeline.Client].Sent || !c.Halves[timeline.Server].Sent {
			return nil // one-direction says it
		}
		var f Finding
		c.segments(func(i int, m *timeline.Mark) {
			if m.Notes&timeline.Unseen != 0 && i > 0 {
				f.Frames = append(f.Frames, m.Frame)
			}
		})
		if m := c.missedSYN(); m != nil {
			f.Frames = append(f.Frames, m.Frame)
		}
		if len(f.Frames) == 0 {
			return nil
		}
		f.Endpoint, f.Time = timeline.Nobody, c.Start
		f.Summary = c.textf("%s bytes that are not in the capture, first frame %d", c.acknowledges(len(f.Frames)), f.Frames[0])
		f.Explanation = "They were sent and received: the capture missed them. Findings that a missing frame could explain are worded with that in mind."
		f.Causes = c.list("the capturing host was too slow, or its buffer too small", "another path took them", "a capture filter or a ring buffer cut them out")
		f.Checks = c.list("look at the drop counters that the capturing program printed", "capture with a larger buffer and a smaller snap length: -B 16384 -s 256")
		return append(c.none(), f)
	},
}

// missedSYN returns the first acknowledgment of a SYN or SYN,ACK that is not in
// the capture although that of the other side is; nil when both are, or neither.
func (c *Case) missedSYN() *timeline.Mark {
	for _, side := range sides {
		if c.Halves[side].Synced || !c.Halves[side.Other()].Synced {
			continue
		}
		if acks := c.sent(side.Other(), reassembly.ACK, reassembly.RST); len(acks) > 0 {
			return acks[0]
		}
	}
	return nil
}

func (c *Case) acknowledges(n int) string {
	if n == 1 {
		return "1 segment acknowledges"
	}
	return c.textf("%d segments acknowledge", n)
}

var snaplen = &Rule{
	Code:  "snaplen",
	Title: "frames were cut short",
	Text: `The snap length cut TCP headers. Cut payload is no loss: it is not needed, and lengths come from the IP header. Where options are cut, window scale, SACK and timestamps are unknown, and with
them the exact window and the proof that a time stamp gives.`,
	Needs: sawCut,
	Check: func(c *Case) []Finding {
		if c.Cut == 0 {
			return nil // no byte that anything rests on is missing
		}
		f := Finding{Endpoint: timeline.Nobody, Frames: c.frameList(c.FirstFrame), Time: c.Start}
		f.Summary = c.textf("%s with cut payload, %s with cut TCP options", c.count(c.Sliced, "frame"), c.count(c.Cut, "frame"))
		f.Explanation = "Lengths come from the IP header and are right. Contents of cut options could not be judged."
		f.Causes = c.list("the snap length of the capturing program (tcpdump -s)")
		f.Checks = c.list("capture with -s 128 or more: that keeps every header")
		return append(c.none(), f)
	},
}

var notClosed = &Rule{
	Code:  "not-closed",
	Title: "the capture ended before the connection did",
	Text:  `The last frame of the capture came while at least one end still had the connection. Its states are those "when the capture ended".`,
	Needs: sawOpen,
	Check: func(c *Case) []Finding {
		open := false
		for _, side := range sides {
			open = open || len(c.States[side]) > 0 && !c.Last(side).Over(true)
		}
		if !open {
			return nil
		}
		f := Finding{Endpoint: timeline.Nobody, Frames: c.frameList(c.LastFrame), Time: c.End}
		f.Summary = c.textf("%s: client %s, server %s", c.ending(), orNone(c, timeline.Client), orNone(c, timeline.Server))
		f.Explanation = c.textf("Its last segment is frame %d, and with it the capture ends.", c.LastFrame)
		switch {
		case c.LetGo:
			f.Explanation = c.textf("Its last segment is frame %d, %s before that. --max-connections and --max-memory allow for more.", c.LastFrame, c.since(c.End, c.Until))
		case c.Until > c.End:
			f.Explanation = c.textf("Its last segment is frame %d; the capture runs on for %s after it.", c.LastFrame, c.since(c.End, c.Until))
		}
		f.Checks = c.list(c.socketOf(timeline.Client), c.socketOf(timeline.Server))
		return append(c.none(), f)
	},
}

func orNone(c *Case, side timeline.Side) string {
	if len(c.States[side]) == 0 {
		return "unknown"
	}
	return c.Last(side).String()
}
