package detect

import (
	"fmt"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var acceptStall = &Rule{
	Code:     "accept-stall",
	Severity: Warning,
	Title:    "connections are accepted by the kernel, and the server says nothing",
	Text: `Handshakes complete and the clients' requests are acknowledged, both by the server's kernel, but the first byte of the application comes late or
never, on many connections at the same time. They wait in the accept queue, or behind a lock, a full thread pool or a slow back end. When the accept
queue (the smaller of listen()'s backlog and net.core.somaxconn) is full, further SYNs are dropped.`,
	Refs: []string{"RFC 9293 §3.9.1"},
}

// A stall is so many requests of one spell that waited so long, and at least half
// of all.
const (
	stallSpan  = 10 * time.Second
	stallLeast = 5
	stallWait  = time.Second
)

type stalls struct {
	kept[reassembly.Endpoint, stallTarget, *stallTarget]
}

type stallTarget struct{ now, worst stallSpell }

type stallSpell struct {
	from           int64
	asked          int
	late           []waiting // at most mostWaiting
	never, lateAll int
}

// waiting is a request that had no answer yet, or late.
type waiting struct {
	asked, reply int64
	frame        int
}

// mostWaiting is how many late requests of one spell are kept.
const mostWaiting = 64

func (t *stallTarget) weight() int { return max(t.now.asked, t.worst.asked) }
func (t *stallTarget) clear()      { *t = stallTarget{} }

func (s *stalls) add(f *Fact, h *hashes) {
	if !f.Completed || f.Asked == 0 || f.Reply != 0 && f.Reply < f.Asked {
		return // nothing was asked, or the server speaks first
	}
	t := s.at(f.Ends[timeline.Server], h.server)
	if f.Asked-t.now.from > int64(stallSpan) || t.now.from-f.Asked > int64(stallSpan) {
		t.settle(f.Asked)
		t.now = stallSpell{from: f.Asked}
	}
	t.now.add(f)
}

func (s *stallSpell) add(f *Fact) {
	s.asked++
	if f.Reply != 0 && f.Reply-f.Asked < int64(stallWait) || len(s.late) >= mostWaiting {
		return
	}
	s.late = append(s.late, waiting{f.Asked, f.Reply, f.FirstFrame})
}

// settle keeps the present spell if it is the worst. until is how long the
// capture could have shown an answer.
func (t *stallTarget) settle(until int64) {
	t.now.judge(until)
	if t.now.lateAll > t.worst.lateAll {
		t.worst = t.now
	}
}

// judge counts the requests that waited long enough to be called late.
func (s *stallSpell) judge(until int64) {
	s.lateAll, s.never = 0, 0
	for _, w := range s.late {
		switch {
		case w.reply != 0:
			s.lateAll++
		case until-w.asked >= int64(stallWait):
			s.lateAll++
			s.never++
		}
	}
}

func (s *stalls) findings(until int64) []Across {
	var out []Across
	s.each(func(target reassembly.Endpoint, t *stallTarget) {
		t.settle(until)
		if w := &t.worst; w.lateAll >= stallLeast && 2*w.lateAll >= min(w.asked, 2*mostWaiting) {
			out = append(out, w.describe(target))
		}
	})
	return out
}

func (s *stallSpell) describe(target reassembly.Endpoint) Across {
	var frames few[int]
	var longest int64
	for _, w := range s.late {
		frames.add(w.frame)
		longest = max(longest, w.reply-w.asked)
	}
	a := acceptStall.across(target, s.from, frames.list())
	a.Summary = fmt.Sprintf("%s answered %d of %s late or never, all within %s", target, s.lateAll, count(s.asked, "request"), Span(stallSpan))
	a.Explanation = fmt.Sprintf("The server's kernel completed the handshakes and acknowledged the requests; its application sent its first byte more than %s later on %s%s. %s",
		Span(stallWait), count(s.lateAll-s.never, "connection"), neverText(s.never), longestText(longest))
	a.Causes = []string{
		"the application accepts too slowly or not at all: its threads or workers are all busy, or it hangs",
		"a back end that it waits for is slow",
		"the requests are that expensive: then it is no stall",
	}
	a.Checks = []string{
		fmt.Sprintf("ss -ltn 'sport = :%d'   # on %s: Recv-Q is what waits to be accepted, Send-Q the limit", target.Port, target.Addr()),
		fmt.Sprintf("nstat -az TcpExtListenOverflows TcpExtListenDrops; sysctl net.core.somaxconn   # on %s", target.Addr()),
		fmt.Sprintf("strace -f -c -p PID   # on %s: does it call accept()?", target.Addr()),
	}
	return a
}

func longestText(ns int64) string {
	if ns <= 0 {
		return ""
	}
	return fmt.Sprintf("The longest wait that ended was %s.", Span(time.Duration(ns)))
}

func neverText(never int) string {
	if never == 0 {
		return ""
	}
	return fmt.Sprintf(", and nothing at all on %d", never)
}
