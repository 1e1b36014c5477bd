package detect

import "fmt"

var overlapConflict = &Rule{
	Code:     "overlap-conflict",
	Severity: Error,
	Title:    "the same bytes were sent twice, and not the same",
	Text: `A segment came again with the same sequence numbers and other bytes. TCP repeats what it has sent; a sender that does not is
broken, or it is not the sender: somebody on the way rewrites segments, or injects them to make two observers of the stream see different
things. Which of the two the receiver takes depends on its system: most keep what came first. Only segments of the same place and length are
compared, and samples of their bytes.`,
	Refs:    []string{"RFC 9293 §3.10.7.4"},
	Certain: true,
	Needs:   sawConflict,
	Check: func(c *Case) []Finding {
		x := &c.Conflict
		first := c.mark(x.First)
		if x.Count == 0 || first == nil {
			return nil
		}
		f := c.at(first, x.From, x.First, x.Second)
		f.Summary = fmt.Sprintf("%s sent %s at sequence number %d twice, with different contents", upper(the(x.From)), bytes(x.Len), x.Seq)
		f.Explanation = fmt.Sprintf("Frame %d and frame %d hold the same range of the stream, %s from %d on, and not the same bytes. "+
			"The application of %s read one of the two; the capture cannot tell which.", x.First, x.Second, bytes(x.Len), x.Seq, the(x.From.Other()))
		if x.Count > 1 {
			f.Explanation += fmt.Sprintf(" It happened %d times.", x.Count)
		}
		f.Causes = []string{
			"somebody on the way injects or rewrites segments",
			fmt.Sprintf("a broken sender or offload of %s", c.host(x.From)),
		}
		f.Checks = []string{
			fmt.Sprintf("tcpdump -nXXr CAPTURE 'src host %s and tcp src port %d'   # compare the two frames: bytes, TTL, IP identification, link addresses", c.host(x.From), c.port(x.From)),
			fmt.Sprintf("ethtool -k DEV   # on %s", c.host(x.From)),
		}
		return []Finding{f}
	},
}
