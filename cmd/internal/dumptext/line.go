package dumptext

import "strings"

// tidy undoes what mail programs and web pages make of spaces and of brackets.
var tidy = strings.NewReplacer(
	"\u00a0", " ", "\u2007", " ", "\u202f", " ", "\u200b", "", "\ufeff", "",
	"&gt;", ">", "&lt;", "<",
)

// clean returns a line without what the way into a ticket has added to it: quote
// marks, special spaces, a carriage return. It keeps the indentation.
func clean(line string) string {
	if strings.IndexFunc(line, func(r rune) bool { return r >= 0x80 || r == '&' }) >= 0 {
		line = tidy.Replace(line)
	}
	line = strings.TrimRight(line, " \t\r\n")
	for {
		inner := strings.TrimLeft(line, " \t")
		if inner == "" || !strings.ContainsRune(">|`", rune(inner[0])) {
			return line
		}
		line = strings.TrimPrefix(inner[1:], " ")
	}
}

// head is the front of a packet's first line.
type head struct {
	number int // in front of the time; 0 when there is none
	at     stamp
	rest   string
}

// readHead reads the front of a line and reports whether a packet begins there: by its
// time or, without one, by the name of a protocol. A number, as of -# or of cat -n,
// and the prefix of a log may stand in front.
func readHead(line string) (h head, ok bool) {
	s := scanner(strings.TrimLeft(line, " \t"))
	if h.at, ok = s.stamp(); !ok {
		rest := s
		if n, digits := rest.number(); digits > 0 && len(rest) > 0 && strings.ContainsRune(" \t:.)#|", rune(rest[0])) {
			rest.skip(" \t:.)#|")
			if h.at, ok = rest.stamp(); ok || startsPacket(string(rest)) {
				s, h.number, ok = rest, int(n), true
			}
		}
	}
	h.rest = strings.TrimLeft(string(s), " ")
	if ok || startsPacket(h.rest) {
		return h, true
	}
	return behindPrefix(line)
}

// behindPrefix finds a time behind what a log puts in front of it.
func behindPrefix(line string) (head, bool) {
	const longest = 160
	for i := 0; i < min(len(line), longest); i++ {
		if !strings.ContainsRune(" \t|]:", rune(line[i])) {
			continue
		}
		s := scanner(line[i+1:])
		if at, ok := s.stamp(); ok && startsPacket(strings.TrimLeft(string(s), " ")) {
			return head{at: at, rest: strings.TrimLeft(string(s), " ")}, true
		}
	}
	return head{}, false
}

// startsPacket reports whether text is what tcpdump prints behind the time of a packet
// with IP or ARP in it.
func startsPacket(text string) bool {
	s := scanner(text)
	if first := s.word(); isDirection(first) || isMAC(first) {
		return len(s) > 0
	}
	rest := s
	if isDirection(rest.word()) {
		s = rest
	} else {
		s = scanner(text)
	}
	switch protocol := s.word(); protocol {
	case "IP", "IP6":
		return strings.HasPrefix(string(s), "(") || strings.Contains(string(s), " > ")
	case "ARP,", "ethertype", "ifindex":
		return true
	}
	return false
}

// isDirection reports whether a word is how tcpdump prints the direction of a packet
// on a Linux cooked capture.
func isDirection(word string) bool {
	switch word {
	case "In", "Out", "B", "M", "P":
		return true
	}
	return false
}

func isMAC(word string) bool {
	_, ok := parseMAC(word)
	return ok
}

// parseMAC reads "02:d2:e0:a7:13:b2".
func parseMAC(word string) (mac [6]byte, ok bool) {
	const size = len("02:d2:e0:a7:13:b2")
	if len(word) != size {
		return mac, false
	}
	for i := range mac {
		hi, lo := hexDigit(word[3*i]), hexDigit(word[3*i+1])
		if hi < 0 || lo < 0 || i > 0 && word[3*i-1] != ':' {
			return mac, false
		}
		mac[i] = byte(hi<<4 | lo)
	}
	return mac, true
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c) }
