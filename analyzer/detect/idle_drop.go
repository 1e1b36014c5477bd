package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

var idleDrop = &Rule{
	Code:     "idle-drop",
	Severity: Error,
	Title:    "after a quiet time the connection was found cut",
	Text: `Nothing was sent for a while, and the first segments after it met silence, or a reset that does not look like the other end's. Firewalls,
address translators and load balancers keep a record of each connection and forget it when it has been idle for long enough; what comes
afterwards they drop, or answer by a reset in the name of the other end. Both ends still hold the connection for ESTABLISHED. A peer that died
during the quiet time looks the same, as long as only silence answers.`,
	Refs:     []string{"RFC 5382 §5", "RFC 9293 §3.8.4"},
	Swallows: []string{"peer-unresponsive", "retransmission", "half-open-peer-gone", "reset-forged", "abortive-close"},
	Needs:    sawResetOrRepeat,
	Check:    checkIdleDrop,
}

// Idle means quiet for longer than the first retransmission timeout of a
// connection without history (RFC 6298 §2.1), and for many round trips: shorter
// pauses are part of the conversation.
const (
	idleLeast  = time.Second
	idleRounds = 20
	dropProof  = 3 // repetitions that nothing answers before silence counts
)

func checkIdleDrop(c *Case) []Finding {
	for _, side := range sides {
		if f := c.idleThenSilence(side); f != nil {
			return []Finding{*f}
		}
		if f := c.idleThenReset(side); f != nil {
			return []Finding{*f}
		}
	}
	return nil
}

// idle reports whether a quiet time is long enough to call the connection idle.
func (c *Case) idle(quiet time.Duration) bool {
	return quiet >= idleLeast && quiet >= idleRounds*c.round()
}

func (c *Case) idleThenSilence(side timeline.Side) *Finding {
	quiet := c.Resumed.After
	if c.Resumed.From != side || !c.idle(quiet) {
		return nil
	}
	t := c.silentTail(side)
	if t == nil || len(t.windows) > 0 || t.repeats() < dropProof || !c.passed(side, tcpstate.Established) || t.data[0].Len == 0 || c.Reply[side.Other()] < 0 {
		return nil
	}
	if c.Resumed.Frame < t.heard.LastFrame || c.Resumed.Frame > t.data[0].Frame || c.before(side.Other(), t.data[0].Frame).Over(true) {
		return nil
	}
	f := c.at(t.data[0], timeline.Nobody, append([]int{t.heard.LastFrame, t.frame}, c.frameNumbers(t.data)...)...)
	f.Summary = fmt.Sprintf("after %s without traffic nothing got through any more: %s sent data again %s without an answer", Span(quiet), the(side), times(t.repeats()))
	f.Explanation = fmt.Sprintf("Until frame %d the two ends answered each other. Then nothing was sent for %s. Data of %s in frame %d and its %d repetitions met silence, for %s. "+
		"The idle limit of whatever cut it is at most %s. %s",
		t.heard.LastFrame, Span(quiet), the(side), t.frame, t.repeats(), Span(t.waited()), Span(quiet), c.leftBehind(side.Other()))
	c.idleAdvice(&f, side, quiet)
	return &f
}

// idleThenReset finds the reset of a middlebox: it answers the first segment
// after a quiet time, and came another way than its claimed sender's segments.
func (c *Case) idleThenReset(side timeline.Side) *Finding {
	for _, rst := range c.resets(side.Other()) {
		evidence := c.foreign(rst)
		asked := c.answeredBy(rst)
		if len(evidence) == 0 || asked == nil || rst.Fate == timeline.Ignored {
			continue
		}
		quiet := c.quietBefore(asked)
		if !c.idle(quiet) {
			continue
		}
		frame := asked.Frame
		if asked.Count > 1 {
			frame = c.Resumed.Frame
		}
		f := c.at(rst, timeline.Nobody, frame, rst.Frame)
		f.Summary = fmt.Sprintf("after %s without traffic the next segment was answered by a reset that %s does not seem to have sent", Span(quiet), the(rst.From))
		f.Explanation = fmt.Sprintf("%s sent frame %d after %s of silence and got the reset in frame %d. It does not fit %s: %s. "+
			"The idle limit of whatever cut the connection is at most %s. %s",
			upper(the(side)), frame, Span(quiet), rst.Frame, the(rst.From), join(evidence), Span(quiet), c.errorSeen(side))
		c.idleAdvice(&f, side, quiet)
		f.Causes[1] = fmt.Sprintf("somebody on the way, or an attacker, resets in the name of %s", the(rst.From))
		return &f
	}
	return nil
}

// idleAdvice fills in the causes and checks of an idle-drop.
func (c *Case) idleAdvice(f *Finding, side timeline.Side, quiet time.Duration) {
	f.Causes = []string{
		fmt.Sprintf("a firewall, NAT or load balancer between %s and %s forgets connections that have been idle for %s, or for less", c.host(side), c.host(side.Other()), Span(quiet)),
		fmt.Sprintf("%s went down, or lost its way back, during the quiet time", c.host(side.Other())),
	}
	f.Checks = append([]string{
		fmt.Sprintf("sysctl net.ipv4.tcp_keepalive_time   # on %s: half of %s, with SO_KEEPALIVE on the socket, would keep the record alive", c.host(side), Span(quiet)),
		"conntrack -L -p tcp; sysctl net.netfilter.nf_conntrack_tcp_timeout_established   # on the box between",
	}, c.reachChecks(side)[:3]...)
}
