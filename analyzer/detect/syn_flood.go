package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var synFlood = &Rule{
	Code:     "syn-flood",
	Severity: Error,
	Title:    "many handshakes at one target were left half open",
	Text: `Within a minute many SYNs came to one address and port whose SYN,ACK nobody ever acknowledged, each sent once only: real clients repeat a SYN
that gets no answer, and acknowledge one that does. Each takes a place in the SYN queue for up to a minute. When the queue is full Linux answers by
SYN cookies, which take no place (net.ipv4.tcp_syncookies, on by default), or drops further SYNs, those of real clients among them. The source
addresses of a flood are mostly forged: they are no list of culprits.`,
	Refs:     []string{"RFC 4987"},
	Swallows: []string{"half-open-handshake", "synack-retransmitted", "syn-unanswered"},
}

// A flood is so many half-open handshakes in so short a time: as many as the
// smaller default SYN queues hold, in the time that each stays in one. SYNs that
// got no answer count once the target has answered some: its queue is full.
const (
	floodSpan     = time.Minute
	floodLeast    = 100
	floodAnswered = 5                       // SYN,ACKs that prove that somebody listens
	floodRepeat   = 1500 * time.Millisecond // when a real client has repeated its SYN
)

type synFloods struct {
	kept[reassembly.Endpoint, floodTarget, *floodTarget]
}

// floodTarget is one address and port: the present minute and the worst so far.
type floodTarget struct {
	now   floodMinute
	worst *floodMinute // nil while none is over
}

type floodMinute struct {
	from, to  int64
	halfOpen  int // SYN,ACKs that nobody acknowledged
	dropped   int // SYNs without an answer
	completed int
	bare      int // SYN,ACKs without the options that the SYN offered
	full      int // SYN,ACKs with them
	bareFrame int
	sources   distinct
	frames    few[int]
}

// total returns how many handshakes failed in a minute, 0 in none.
func (m *floodMinute) total() int {
	if m == nil {
		return 0
	}
	return m.halfOpen + m.dropped
}

func (t *floodTarget) weight() int { return max(t.now.total(), t.worst.total()) }
func (t *floodTarget) clear()      { *t = floodTarget{} }

func (s *synFloods) add(f *Fact, h *hashes) {
	if f.Probe != ProbeSYN {
		return
	}
	t := s.at(f.Ends[timeline.Server], h.server)
	if f.Start-t.now.from > int64(floodSpan) || t.now.from-f.Start > int64(floodSpan) {
		t.settle()
		t.now = floodMinute{from: f.Start, to: f.Start}
	}
	t.now.from, t.now.to = min(t.now.from, f.Start), max(t.now.to, f.Start)
	t.now.add(f)
}

// settle keeps the present minute if it is the worst.
func (t *floodTarget) settle() {
	if t.now.total() > t.worst.total() {
		worst := t.now
		t.worst = &worst
	}
}

func (m *floodMinute) add(f *Fact) {
	switch {
	case f.Completed:
		m.completed++
		return
	case !f.Silent || f.SYNs > 1 || f.Refused:
		return // a client that repeats itself, or answers, is a real one
	case f.Answered:
		m.halfOpen++
		m.options(f)
	case f.Waited < floodRepeat:
		return // its repetition may still come
	default:
		m.dropped++
	}
	m.sources.addHost(f.Ends[timeline.Client].IP)
	m.frames.add(f.FirstFrame)
}

// options counts what tells SYN cookies: without timestamps they cannot keep
// window scale and SACK, so the SYN,ACK does not take those up.
func (m *floodMinute) options(f *Fact) {
	switch {
	case !f.OffersMore:
	case f.TakesMore:
		m.full++
	default:
		m.bare++
		if m.bareFrame == 0 {
			m.bareFrame = f.FirstFrame
		}
	}
}

func (s *synFloods) findings(int64) []Across {
	var out []Across
	s.each(func(target reassembly.Endpoint, t *floodTarget) {
		t.settle()
		if m := t.worst; m.total() >= floodLeast && m.halfOpen >= floodAnswered && m.total() > m.completed {
			out = append(out, m.describe(target))
		}
	})
	return out
}

func (m *floodMinute) describe(target reassembly.Endpoint) Across {
	a := synFlood.across(target, m.from, m.frames.list())
	took := max(time.Duration(m.to-m.from), time.Millisecond)
	a.Summary = fmt.Sprintf("%d handshakes at %s were left half open within %s: %.0f SYNs a second from about %s",
		m.halfOpen, target, Span(took), float64(m.total())/took.Seconds(), count(m.sources.count(), "source"))
	a.Explanation = fmt.Sprintf("The server answered %s by SYN,ACK and nobody acknowledged them; %s got no answer at all. In the same time %s completed. %s",
		count(m.halfOpen, "SYN"), count(m.dropped, "more SYN"), count(m.completed, "handshake"), m.cookies())
	a.Causes = []string{
		"a SYN flood with forged source addresses",
		fmt.Sprintf("the SYN,ACKs of %s go nowhere: a missing way back, or a filter; then the clients are real and their SYNs come again", target.Addr()),
		"a scan of many hosts for this one port, seen at one of them",
	}
	a.Checks = []string{
		fmt.Sprintf("ss -tan state syn-recv 'sport = :%d' | wc -l; nstat -az TcpExtSyncookiesSent TcpExtTCPReqQFullDoCookies TcpExtTCPReqQFullDrop   # on %s", target.Port, target.Addr()),
		"sysctl net.ipv4.tcp_syncookies net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_synack_retries",
		fmt.Sprintf("tcpdump -nvi any 'dst host %s and tcp dst port %d and tcp[tcpflags] == tcp-syn' -c 50   # TTLs and options all alike?", target.Addr(), target.Port),
	}
	return a
}

// cookies says whether SYN cookies answered, as far as the options tell.
func (m *floodMinute) cookies() string {
	switch {
	case m.bare > 0 && m.full > 0:
		return fmt.Sprintf("SYN cookies answered from about frame %d on: %d of the SYN,ACKs carry none of the options that a cookie cannot keep, where %d before had them.", m.bareFrame, m.bare, m.full)
	case m.dropped > m.halfOpen:
		return "Most were dropped: the SYN queue was full and no SYN cookies answered, or a filter takes them."
	}
	return "Whether SYN cookies answered cannot be told from the segments."
}
