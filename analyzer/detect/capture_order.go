package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var reorderedCapture = &Rule{
	Code:  "reordered-capture",
	Title: "the capture is not in the order of time",
	Text: `Frames carry earlier times than frames before them, or an ACK stands before the data that it acknowledges. The capturing host put them
together from several queues or interfaces, or files were joined. What happened is inferred from the numbers; times between such frames say nothing.`,
	Refs:  []string{"RFC 9293 §3.4"},
	Needs: sawDisorder,
	Check: checkReorderedCapture,
}

func checkReorderedCapture(c *Case) []Finding {
	var early []*timeline.Mark
	c.segments(func(_ int, m *timeline.Mark) {
		if m.Notes&timeline.Reordered != 0 {
			early = append(early, m)
		}
	})
	if m := c.answerFirst(); m != nil {
		early = append(early, m)
	}
	if len(early) == 0 && c.Backward == 0 {
		return nil
	}
	f := Finding{Endpoint: timeline.Nobody, Time: c.Start, Frames: c.frameNumbers(early)}
	if c.Backward > 0 {
		f.Frames = append(f.Frames, c.BackFrame)
	}
	f.Summary = fmt.Sprintf("out of order: %s in the wrong place, %s with an earlier time than the one ahead of it", count(len(early), "segment"), count(c.Backward, "frame"))
	f.Explanation = "The order of the ends is worked out from sequence and acknowledgment numbers; differences of time between these frames mean nothing."
	f.Causes = []string{"several receive queues or interfaces of the capturing host", "capture files that were joined without sorting"}
	f.Checks = []string{"reordercap in.pcap out.pcap   # sorts by time, if the times are right", "ethtool -L DEV combined 1   # one queue while capturing"}
	return []Finding{f}
}

// answerFirst returns the SYN,ACK that stands before its SYN, nil when there is none.
func (c *Case) answerFirst() *timeline.Mark {
	if m := &c.Marks[0]; m.ICMP == nil && m.Flags.Has(reassembly.SYN|reassembly.ACK) {
		if len(c.sent(m.From.Other(), reassembly.SYN, reassembly.ACK)) > 0 {
			return m
		}
	}
	return nil
}

var offload = &Rule{
	Code:  "offload",
	Title: "segments larger than the path allows",
	Text: `The capture holds segments larger than the maximum segment size that the ends agreed on. They were recorded on a host whose network card
cuts them up when sending, or joins them when receiving (TSO, GSO, GRO, LRO). On the wire there were several smaller ones: the number of packets,
and the repetition of a part of one, are not what they seem. Checksums of sent segments are not filled in yet when recorded so.`,
	Refs:  []string{"RFC 9293 §3.7.1"},
	Needs: sawBig,
	Check: func(c *Case) []Finding {
		limit := c.largest()
		if limit == 0 || c.Big <= limit {
			return nil
		}
		f := Finding{Endpoint: timeline.Nobody, Frames: c.frameList(c.FirstFrame), Time: c.Start}
		c.segments(func(_ int, m *timeline.Mark) {
			if m.Len/int64(m.Count) > int64(limit) && len(f.Frames) == 1 {
				f.Frames = append(f.Frames, m.Frame)
			}
		})
		f.Summary = fmt.Sprintf("segments of up to %d bytes, where %d is the most that the ends agreed on", c.Big, limit)
		f.Explanation = "They were captured before the network card cut them up, or after it had joined them. Counts of packets are those of the capture, not of the wire."
		f.Causes = []string{"segmentation offload of the capturing host (TSO, GSO, GRO, LRO): normal"}
		f.Checks = []string{"ethtool -k DEV | grep -E 'segmentation|receive-offload'", "ethtool -K DEV tso off gso off gro off   # to see what goes over the wire"}
		return []Finding{f}
	},
}

// largest returns the most payload that a segment of this connection may have,
// 0 when the SYNs do not tell.
func (c *Case) largest() int {
	most := 0
	for _, side := range sides {
		if c.Opts[side].Has&reassembly.OptMSS == 0 {
			return 0
		}
		most = max(most, int(c.Opts[side].MSS))
	}
	return most
}
