package flowtest

import (
	"fmt"
	"math"
	"strings"
)

// Claim is one line of an expect file: what the rules of TCP say must come out
// of a scenario. Unlike a golden it is written by hand and stays when the
// goldens are made anew. Lines are
//
//	connections 2
//	client SYN_SENT ESTABLISHED CLOSED    every state, in order; "-" for none
//	server SYN_RCVD@2 ESTABLISHED CLOSED  "@" and a frame where that is certain
//	client SYN_SENT CLOSED@2m7s           "@" and the time since the beginning, of a timer
//	client-app connect=ok eof error=EPIPE what the application saw; "-" for nothing
//	server-app accept error=ECONNRESET
//	handshake complete                    the words of the report
//	teardown fin
//	closed-by client
//	rtt 20ms                              of the handshake; "-" when it is not known
//	doubts server=TIME_WAIT               ends whose last state is in doubt; "-" for none
//	segment 8 duplicate-ack               a frame, and the notes of the report on it; "-" for none
//	finding final-ack-lost server         a code, and whom it concerns if that is sure
//	no retransmission                     a code that must not be there
//	clean                                 no finding above note
//
// and are about connection 1 unless "2: " or so stands before them. A code that
// only many connections show is about none; it may be followed by the endpoint or
// the address that it is about.
type Claim struct {
	Line int    // of the archive
	Conn int    // which connection of the report, from 1
	Key  string // the first word
	Want string // the rest, with single blanks
}

// claimKeys are the first words, with the number of words that may follow.
var claimKeys = [...]struct {
	key      string
	min, max int
}{
	{"connections", 1, 1}, {"client", 1, math.MaxInt}, {"server", 1, math.MaxInt},
	{"client-app", 1, 3}, {"server-app", 1, 3}, {"handshake", 1, 1}, {"teardown", 1, 1},
	{"closed-by", 1, 1}, {"rtt", 1, 1}, {"doubts", 1, 2}, {"segment", 2, math.MaxInt}, {"finding", 1, 2}, {"no", 1, 1}, {"clean", 0, 0},
}

// parseClaims reads an expect file whose first line is number first of name.
func parseClaims(name string, first int, text string) ([]Claim, error) {
	var claims []Claim
	for i, raw := range strings.Split(text, "\n") {
		w := splitWords(raw)
		if !w.more() {
			continue
		}
		c := Claim{Line: first + i, Conn: 1}
		if number, ok := strings.CutSuffix(w.peek(), ":"); ok {
			w.rest[0] = number
			c.Conn = int(w.number("connection", math.MaxInt32))
		}
		c.Key = w.next("claim")
		c.Want = strings.Join(w.rest, " ")
		if w.err == nil && !fits(c.Key, len(w.rest)) {
			w.fail("%q is no claim", strings.TrimSpace(raw))
		}
		if w.err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, c.Line, w.err)
		}
		claims = append(claims, c)
	}
	return claims, nil
}

// fits reports whether key may be followed by n words.
func fits(key string, n int) bool {
	for _, k := range claimKeys {
		if k.key == key {
			return k.min <= n && n <= k.max
		}
	}
	return false
}
