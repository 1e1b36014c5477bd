package detect

import (
	"fmt"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var fastOpen = &Rule{
	Code:     "fast-open",
	Severity: NoteLevel,
	Title:    "Fast Open: a cookie asked for, or data on the SYN",
	Text: `TCP Fast Open saves a round trip: a client that holds a cookie of the server sends its first data on the SYN, and the server may answer it
before the handshake is complete. First the client asks for the cookie with an empty option. A server that does not take the data acknowledges the SYN
alone, and the data comes again after the handshake; that is no loss.`,
	Refs:  []string{"RFC 7413 §3", "RFC 7413 §4.2"},
	Needs: sawFastOpen,
	Check: checkFastOpen,
}

func checkFastOpen(c *Case) []Finding {
	syns := c.sent(timeline.Client, reassembly.SYN, reassembly.ACK|reassembly.RST)
	if len(syns) == 0 {
		return nil
	}
	syn := syns[0]
	option := c.Opts[timeline.Client].Has&reassembly.OptFastOpen != 0
	if !option && syn.Len == 0 {
		return nil
	}
	f := c.at(syn, timeline.Client, syn.Frame)
	answer := "no SYN,ACK was captured"
	if _, synack := c.openingPair(); synack != nil {
		f.Frames = append(f.Frames, synack.Frame)
		answer = c.fastOpenAnswer(syn, synack)
	}
	f.Summary = fmt.Sprintf("%s: %s", upper(c.fastOpenOffer(syn, option)), answer)
	f.Explanation = fmt.Sprintf("The client sent this in SYN_SENT, in frame %d. %s", syn.Frame, c.fastOpenEffect(syn))
	f.Causes = []string{"the application uses TCP_FASTOPEN_CONNECT or sendto() with MSG_FASTOPEN, or its system does so for it"}
	f.Checks = []string{
		"sysctl net.ipv4.tcp_fastopen   # on both hosts: 1 client, 2 server, 3 both",
		fmt.Sprintf("nstat -az TcpExtTCPFastOpenActive TcpExtTCPFastOpenActiveFail   # on %s", c.host(timeline.Client)),
		fmt.Sprintf("nstat -az TcpExtTCPFastOpenPassive TcpExtTCPFastOpenPassiveFail TcpExtTCPFastOpenCookieReqd   # on %s", c.host(timeline.Server)),
	}
	return []Finding{f}
}

// fastOpenOffer says what the SYN brought.
func (c *Case) fastOpenOffer(syn *timeline.Mark, option bool) string {
	switch cookie := c.Opts[timeline.Client].CookieLength; {
	case !option:
		return fmt.Sprintf("the SYN carries %s of data without a Fast Open cookie", bytes(syn.Len))
	case cookie == 0:
		return "the SYN asks for a Fast Open cookie"
	default:
		return fmt.Sprintf("the SYN carries a Fast Open cookie of %d bytes and %s of data", cookie, bytes(syn.Len))
	}
}

// fastOpenAnswer says what the SYN,ACK made of it.
func (c *Case) fastOpenAnswer(syn, synack *timeline.Mark) string {
	var said string
	switch taken := min(synack.Ack-1, syn.Len); {
	case syn.Len == 0:
	case taken == syn.Len:
		said = fmt.Sprintf("the SYN,ACK in frame %d acknowledges all of the data, a round trip saved", synack.Frame)
	case taken > 0:
		said = fmt.Sprintf("the SYN,ACK in frame %d acknowledges %s of the data, the rest comes again", synack.Frame, bytes(taken))
	default:
		said = fmt.Sprintf("the SYN,ACK in frame %d acknowledges the SYN alone, the data comes again after the handshake", synack.Frame)
	}
	granted := c.Opts[timeline.Server].Has&reassembly.OptFastOpen != 0 && c.Opts[timeline.Server].CookieLength > 0
	switch {
	case granted && said == "":
		return fmt.Sprintf("the SYN,ACK in frame %d brings one of %d bytes, for the next connection", synack.Frame, c.Opts[timeline.Server].CookieLength)
	case granted:
		return said + ", and brings a new cookie"
	case said == "":
		return fmt.Sprintf("the SYN,ACK in frame %d brings none: the server, or a middlebox, does not do Fast Open", synack.Frame)
	}
	return said
}

// fastOpenEffect says what it means for the applications.
func (c *Case) fastOpenEffect(syn *timeline.Mark) string {
	_, synack := c.openingPair()
	switch {
	case synack == nil:
		return "Whether the data was taken is not known."
	case syn.Len == 0:
		return "A cookie lets the next connection to this server carry data on its SYN; this one opens as any other."
	case synack.Ack > 1:
		return "The server's application could read the data, and answer it, before the handshake was complete."
	}
	return "Nothing is lost by it: the data follows after the handshake, as it would have without Fast Open."
}
