package dumptext

import (
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// segment is a TCP segment as it was printed. Its sequence numbers count from
// wherever tcpdump let them count.
type segment struct {
	src, dst reassembly.Endpoint
	flags    reassembly.Flags
	seq, ack uint32
	hasSeq   bool // tcpdump leaves the number of a segment without data out
	window   uint16
	urgent   uint16
	length   int
	options  []option
	cut      bool  // the snap length had cut the options
	quoted   bool  // in an ICMP error
	at       int64 // nanoseconds since the Unix epoch
}

// Letters of the control bits. The point is ACK now; before version 4 it stood for
// "none of the others", and ACK showed by its number only.
var flagLetters = map[byte]reassembly.Flags{
	'S': reassembly.SYN, 'F': reassembly.FIN, 'R': reassembly.RST, 'P': reassembly.PSH, 'U': reassembly.URG,
	'E': reassembly.ECE, 'W': reassembly.CWR, 'e': reassembly.AE, '.': 0,
}

// parseTCP reads what follows "SRC > DST: " of a TCP segment.
func parseTCP(body string) (segment, bool) {
	s := scanner(body)
	if s.take("Flags [") {
		return s.tcp()
	}
	return s.tcpBefore4()
}

// isTCPWithoutFlags tells the short form of -q, and a header cut by the snap length.
func isTCPWithoutFlags(body string) bool {
	s := scanner(body)
	if s.take("[|tcp]") {
		return true
	}
	if !s.take("tcp ") {
		return false
	}
	_, digits := s.number()
	return digits > 0
}

// tcp reads "S.], seq 1, ack 1, win 63, options [nop,…], length 0".
func (s *scanner) tcp() (seg segment, ok bool) {
	letters, rest, ok := strings.Cut(string(*s), "]")
	if !ok || !seg.readFlags(letters) {
		return seg, false
	}
	if strings.Contains(letters, ".") {
		seg.flags |= reassembly.ACK
	}
	*s = scanner(rest)
	numbers := 0
	for s.take(", ") && s.field(&seg) {
		numbers++
	}
	return seg, numbers > 0
}

func (seg *segment) readFlags(letters string) bool {
	if letters == "none" {
		return true
	}
	for i := range len(letters) {
		flag, ok := flagLetters[letters[i]]
		if !ok {
			return false
		}
		seg.flags |= flag
	}
	return letters != ""
}

// field reads one of the comma-separated fields, and reports whether more may follow.
func (s *scanner) field(seg *segment) bool {
	switch {
	case s.take("cksum "):
		return s.checksum()
	case s.take("seq "):
		return s.sequence(seg)
	case s.take("ack "):
		return s.acknowledgment(seg)
	case s.take("win "):
		return s.uint16(&seg.window)
	case s.take("urg "):
		return s.uint16(&seg.urgent)
	case s.take("options ["):
		return s.options(seg, "]")
	case s.take("length "):
		if n, digits := s.number(); digits > 0 && n < maxLength {
			seg.length = int(n)
		}
	}
	return false
}

// maxLength is above all that fits a segment, BIG TCP included.
const maxLength = 1 << 20

// checksum reads "0xbc4e (correct)" and "0x1863 (incorrect -> 0x31a1)".
func (s *scanner) checksum() bool {
	_, rest, ok := strings.Cut(string(*s), ")")
	*s = scanner(rest)
	return ok
}

// sequence reads "1" and "1:1449".
func (s *scanner) sequence(seg *segment) (ok bool) {
	if seg.seq, ok = s.uint32(); !ok {
		return false
	}
	seg.hasSeq = true
	if s.take(":") {
		var end uint32
		if end, ok = s.uint32(); end-seg.seq < maxLength {
			seg.length = int(end - seg.seq)
		}
	}
	return ok
}

func (s *scanner) acknowledgment(seg *segment) (ok bool) {
	seg.flags |= reassembly.ACK
	seg.ack, ok = s.uint32()
	return ok
}

func (s *scanner) uint16(field *uint16) bool {
	n, digits := s.number()
	*field = uint16(n)
	return digits > 0 && n < 1<<16
}

// options reads the list of options and the bracket behind it.
func (s *scanner) options(seg *segment, closing string) bool {
	const cut = "[|tcp]"
	text := string(*s)
	end := strings.Index(text, closing)
	if i := strings.Index(text, cut); i >= 0 && i <= end {
		seg.cut = true
		seg.options = parseOptions(text[:i])
		return false // nothing follows
	}
	if end < 0 {
		return false
	}
	seg.options = parseOptions(text[:end])
	*s = scanner(text[end+len(closing):])
	return true
}

// tcpBefore4 reads "S 123:123(0) ack 1 win 5840 <mss 1460,…>", as tcpdump 3 and
// OpenBSD's print it.
func (s *scanner) tcpBefore4() (seg segment, ok bool) {
	n := strings.IndexAny(string(*s), " ,")
	if n < 0 || !seg.readFlags(string((*s)[:n])) {
		return seg, false
	}
	*s = (*s)[n:]
	if s.take(", cksum ") {
		s.checksum()
		s.take(",")
	}
	s.skip(" ")
	if c := *s; len(c) > 0 && isDigit(c[0]) {
		if !s.sequence(&seg) || !s.take("(") {
			return seg, false
		}
		n, _ := s.number()
		if !s.take(")") || n >= maxLength {
			return seg, false
		}
		seg.length = int(n)
	}
	if s.skip(" "); s.take("ack ") && !s.acknowledgment(&seg) {
		return seg, false
	}
	if s.skip(" "); !s.take("win ") || !s.uint16(&seg.window) {
		return seg, false
	}
	if s.skip(" "); s.take("urg ") {
		s.uint16(&seg.urgent)
	}
	if s.skip(" "); s.take("<") {
		s.options(&seg, ">")
	}
	return seg, seg.hasSeq || seg.flags.Has(reassembly.ACK)
}
