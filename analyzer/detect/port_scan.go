package detect

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

var portScan = &Rule{
	Code:     "port-scan",
	Severity: Warning,
	Title:    "one source tried many ports or hosts",
	Text: `Within minutes one address sent probes to many ports of a host, or to many hosts, and nearly all were refused, ignored or dropped at once by
the source itself. A SYN scan resets what answers; FIN, NULL and Xmas scans send segments that belong to no connection, which closed ports answer by a
reset and open ones not at all. SYN,ACKs and resets that nobody asked for are backscatter of forged addresses, and no scan: their sender is a victim.`,
	Refs:     []string{"RFC 9293 §3.10.7", "RFC 4948 §3"},
	Swallows: []string{"connection-refused", "syn-unanswered", "half-open-handshake", "bad-flags", "reset-before-accept"},
}

// What a scan is made of, within so long: failed probes to so many ports or
// hosts, and hardly a connection that comes to anything.
const (
	scanSpan  = 5 * time.Minute
	scanPorts = 15
	scanHosts = 25
	scanShare = 0.8
)

type portScans struct {
	kept[[16]byte, scanSource, *scanSource]
}

type scanSource struct {
	now   scanSpell
	worst *scanSpell // nil while none is over
}

// scanSpell is what one source tried within scanSpan.
type scanSpell struct {
	from, to      int64
	tried, failed int
	ports, hosts  distinct
	kinds         [ProbeXmas + 1]int
	refused       int
	silent        int
	open          few[uint16] // ports that answered a SYN, the first few
	one           [16]byte    // a host that was tried
	frames        few[int]
}

func (s *scanSource) weight() int { return max(s.now.failures(), s.worst.failures()) }
func (s *scanSource) clear()      { *s = scanSource{} }

// failures returns how many probes of a spell failed, 0 of none.
func (s *scanSpell) failures() int {
	if s == nil {
		return 0
	}
	return s.failed
}

func (s *portScans) add(f *Fact, h *hashes) {
	if f.Probe == NoProbe {
		return
	}
	src := s.at(f.Ends[f.Opener].IP, h.opener)
	if f.Start-src.now.from > int64(scanSpan) || src.now.from-f.Start > int64(scanSpan) {
		src.settle()
		src.now = scanSpell{from: f.Start, to: f.Start}
	}
	src.now.from, src.now.to = min(src.now.from, f.Start), max(src.now.to, f.Start)
	src.now.add(f)
}

func (s *scanSource) settle() {
	if s.now.failed > s.worst.failures() {
		worst := s.now
		s.worst = &worst
	}
}

func (s *scanSpell) add(f *Fact) {
	s.tried++
	if f.Completed {
		return
	}
	to := f.Ends[f.Opener.Other()]
	s.failed++
	s.kinds[f.Probe]++
	s.ports.addPort(to.Port)
	s.hosts.addHost(to.IP)
	s.one = to.IP
	s.frames.add(f.FirstFrame)
	switch {
	case f.Answered:
		s.open.add(to.Port)
	case f.Refused:
		s.refused++
	default:
		s.silent++
	}
}

// isScan reports whether a spell is a scan.
func (s *scanSpell) isScan() bool {
	return float64(s.failed) >= scanShare*float64(s.tried) && (s.ports.count() >= scanPorts || s.hosts.count() >= scanHosts)
}

func (s *portScans) findings(int64) []Across {
	var out []Across
	s.each(func(source [16]byte, v *scanSource) {
		if v.settle(); v.worst != nil && v.worst.isScan() {
			out = append(out, v.worst.describe(reassembly.Endpoint{IP: source}))
		}
	})
	return out
}

func (s *scanSpell) describe(source reassembly.Endpoint) Across {
	a := portScan.across(source, s.from, s.frames.list())
	what := count(s.ports.count(), "port") + " of " + reassembly.Endpoint{IP: s.one}.Addr().String()
	if hosts := s.hosts.count(); hosts > 1 {
		what = fmt.Sprintf("%s on %s", count(s.ports.count(), "port"), count(hosts, "host"))
	}
	kind := s.kind()
	a.Summary = fmt.Sprintf("%s tried %s in %s, and %d of its %s came to nothing: %s scan",
		source.Addr(), what, Span(time.Duration(s.to-s.from)), s.failed, count(s.tried, "attempt"), kind)
	a.Explanation = fmt.Sprintf("Of its %s %d were refused by a reset, %d got no answer, and %d were answered by SYN,ACK and dropped by the source itself%s.",
		count(s.failed, "probe"), s.refused, s.silent, s.failed-s.refused-s.silent, s.openText())
	a.Causes = []string{
		"a port scanner (nmap, masscan, zmap), of your own or somebody else's",
		"a program with a list of peers that are no longer there: peer-to-peer, a crawler, a monitoring system",
	}
	if !strings.HasPrefix(kind, "SYN") { // no program opens connections that way
		a.Causes = a.Causes[:1]
	}
	a.Checks = []string{
		fmt.Sprintf("ss -tnp 'src %s' ; ps aux | grep -E 'nmap|masscan|zmap'   # on %s, if it is yours", source.Addr(), source.Addr()),
		fmt.Sprintf("tcpdump -ni any 'src host %s and tcp[tcpflags] & tcp-ack == 0' -c 100", source.Addr()),
	}
	return a
}

// kind names the scan by its most frequent probe.
func (s *scanSpell) kind() string {
	best := ProbeSYN
	for p, n := range s.kinds {
		if n > s.kinds[best] {
			best = Probe(p)
		}
	}
	if best == ProbeSYN && s.failed == s.refused+s.silent {
		return "SYN or connect()"
	}
	return best.String()
}

func (s *scanSpell) openText() string {
	var names []string
	for _, p := range s.open.list() {
		names = append(names, fmt.Sprint(p))
	}
	if len(names) == 0 {
		return ""
	}
	return " (open: port " + strings.Join(names, ", ") + ")"
}
