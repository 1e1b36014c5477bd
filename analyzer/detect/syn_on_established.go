package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var synOnEstablished = &Rule{
	Code:     "syn-on-established",
	Severity: NoteLevel,
	Title:    "a SYN inside a live connection",
	Text: `A SYN came for a connection that was open. Its receiver changes nothing and answers with a challenge ACK, wherever the SYN's sequence number
lies: were the sender really starting anew, it would answer that with a reset, and its next SYN would be accepted. So an old duplicate or a blind
attack does no harm. Challenge ACKs are limited in rate: that one is missing proves nothing.`,
	Refs:     []string{"RFC 5961 §4", "RFC 9293 §3.10.7.4"},
	Swallows: []string{"challenge-ack"},
	Needs:    sawLateSYN,
	Check:    checkSYNOnEstablished,
}

func checkSYNOnEstablished(c *Case) []Finding {
	for _, syn := range c.lateSYNs() {
		receiver := syn.From.Other()
		if state := c.before(receiver, syn.Frame); state != tcpstate.TimeWait {
			return []Finding{describeSYNOnEstablished(c, syn, state)}
		}
	}
	return nil
}

// lateSYNs returns the SYNs that found their receiver in a synchronized state, by
// its own segments: a client that still sends SYNs has not made that state known.
func (c *Case) lateSYNs() []*timeline.Mark {
	var out []*timeline.Mark
	for i := range c.Marks {
		m := &c.Marks[i]
		if m.ICMP != nil || !m.Flags.Has(reassembly.SYN) || m.Flags.Any(reassembly.ACK|reassembly.RST|reassembly.FIN) {
			continue
		}
		own := c.before(m.From, m.Frame)
		opening := own == tcpstate.SynSent || own == tcpstate.SynReceived || own == tcpstate.Closed && m.Notes&timeline.Stray == 0
		if c.before(m.From.Other(), m.Frame).Synchronized() && !opening {
			out = append(out, m)
		}
	}
	return out
}

func describeSYNOnEstablished(c *Case, syn *timeline.Mark, state tcpstate.State) Finding {
	receiver := syn.From.Other()
	f := c.at(syn, syn.From, syn.Frame)
	number := fmt.Sprintf("with another sequence number (relative %d)", syn.Seq)
	if syn.Seq == 0 {
		number = "with the sequence number of the SYN that had opened the connection"
	}
	f.Summary = fmt.Sprintf("a SYN of %s in frame %d came %s after the beginning, while %s was in %s", c.addr(syn.From), syn.Frame, since(c.Start, syn.Time), the(receiver), state)
	answer, causes := c.synAnswer(syn, &f)
	f.Explanation = fmt.Sprintf("Frame %d is a SYN %s; %s was in %s and keeps its connection. %s", syn.Frame, number, the(receiver), state, answer)
	f.Causes = causes
	f.Checks = []string{
		fmt.Sprintf("nstat -az TcpExtTCPSYNChallenge TcpExtTCPChallengeACK   # on %s", c.host(receiver)),
		c.socketOf(receiver),
		fmt.Sprintf("uptime   # on %s: restarted at this time?", c.host(syn.From)),
	}
	return f
}

// synAnswer says what answered a SYN on a live connection, and what that points to.
func (c *Case) synAnswer(syn *timeline.Mark, f *Finding) (string, []string) {
	sender, receiver := syn.From, syn.From.Other()
	old := fmt.Sprintf("an old duplicate of a SYN of %s, delayed or repeated by the network", c.host(sender))
	anew := fmt.Sprintf("%s lost the connection (a restart, a crash, an expired translation) and uses the same port again", c.host(sender))
	blind := "a blind attempt by someone else to reset or to probe the connection"
	answer := c.answerTo(syn, receiver)
	if answer == nil {
		return "No answer to it was captured; the challenge ACK is limited in rate, so that proves nothing.", []string{old, blind, anew}
	}
	f.Frames = append(f.Frames, answer.Frame)
	switch {
	case answer.Flags.Has(reassembly.RST):
		return fmt.Sprintf("It was answered by a reset in frame %d: %s no longer had the connection.", answer.Frame, the(receiver)), []string{anew, old}
	case answer.Flags.Has(reassembly.SYN):
		return fmt.Sprintf("It was answered by %s in frame %d: a new incarnation, or a repetition of the old handshake.", answer.Flags, answer.Frame), []string{old, anew}
	}
	said := fmt.Sprintf("It was answered by a challenge ACK in frame %d, with the numbers of the old connection: that lives on at %s.", answer.Frame, the(receiver))
	if rst := c.answerTo(answer, sender); rst != nil && rst.Flags.Has(reassembly.RST) && rst.Seq == answer.Ack {
		f.Frames = append(f.Frames, rst.Frame)
		return said + fmt.Sprintf(" %s reset it in frame %d: it had no such connection any more, and its next SYN can be accepted.", upper(the(sender)), rst.Frame), []string{anew}
	}
	return said, []string{old, blind, anew}
}
