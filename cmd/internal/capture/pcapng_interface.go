package capture

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Option codes of pcapng. Code 0 ends a list.
const (
	endOfOptions    = 0
	ifName          = 2
	ifTimeUnit      = 9 // if_tsresol
	ifTimeOffset    = 14
	epbDropCount    = 4
	isbIfDrop       = 5
	isbOSDrop       = 7
	longestName     = 64 // bytes; Linux allows 15, Windows has 48 with a GUID
	unlimitedLength = math.MaxUint32
)

// networkInterface is what an interface description block tells, and what is learned
// about the interface afterwards.
type networkInterface struct {
	name       string
	clock      clock
	snapLength uint32
	linkType   uint16
	seen       bool // a frame has come from it

	// Two accounts of the same losses: by the packets, as they come, and by the
	// statistics, which count from the start of the capture.
	lostBetween uint64
	lostInTotal uint64
}

// addInterface reads an interface description block.
func (r *pcapngReader) addInterface(body []byte) (reason string) {
	if len(body) < 8 {
		return "an interface description is too short"
	}
	n := networkInterface{
		linkType:   r.big.u16(body),
		snapLength: r.big.u32(body[4:]),
		clock:      clock{perSecond: 1e6},
	}
	if n.snapLength == 0 {
		n.snapLength = unlimitedLength
	}
	for code, value, rest := r.big.option(body[8:]); code != endOfOptions; code, value, rest = r.big.option(rest) {
		switch {
		case code == ifName:
			n.name = strings.TrimRight(string(value[:min(len(value), longestName)]), "\x00")
		case code == ifTimeUnit && len(value) == 1:
			if n.clock.perSecond = ticksPerSecond(value[0]); n.clock.perSecond == 0 {
				return fmt.Sprintf("an interface counts time in an impossible unit (if_tsresol 0x%02x)", value[0])
			}
		case code == ifTimeOffset && len(value) == 8:
			n.clock.offset = clampSeconds(int64(r.big.u64(value)))
		}
	}
	r.interfaces = append(r.interfaces, n)
	return ""
}

// addStatistics reads an interface statistics block. Later ones replace earlier ones.
// It is not worth an error when it makes no sense.
func (r *pcapngReader) addStatistics(body []byte) {
	const fixed = 12 // interface, timestamp
	if len(body) < fixed || r.checkInterface(r.big.u32(body)) != "" {
		return
	}
	var lost uint64
	for code, value, rest := r.big.option(body[fixed:]); code != endOfOptions; code, value, rest = r.big.option(rest) {
		if (code == isbIfDrop || code == isbOSDrop) && len(value) == 8 {
			lost += r.big.u64(value)
		}
	}
	r.interfaces[r.section+int(r.big.u32(body))].lostInTotal = lost
}

// enhancedDrops returns the packets lost just ahead of one, by its block's options.
func enhancedDrops(big bigEndian, options []byte) uint64 {
	for code, value, rest := big.option(options); code != endOfOptions; code, value, rest = big.option(rest) {
		if code == epbDropCount && len(value) == 8 {
			return big.u64(value)
		}
	}
	return 0
}

// obsoleteDrops is the same for the obsolete packet block.
func obsoleteDrops(count uint16) uint64 {
	if count == math.MaxUint16 { // unknown
		return 0
	}
	return uint64(count)
}

// Drops implements Source: of the two accounts of an interface the larger counts.
func (r *pcapngReader) Drops() uint64 {
	var lost uint64
	for i := range r.interfaces {
		lost += max(r.interfaces[i].lostBetween, r.interfaces[i].lostInTotal)
	}
	return lost
}

// InterfaceName implements InterfaceNamer.
func (r *pcapngReader) InterfaceName(id uint32) string {
	if uint64(id) >= uint64(len(r.interfaces)) {
		return ""
	}
	return r.interfaces[id].name
}

// option splits the first option off a list. A list that breaks off, or an option
// that claims more than the block has, ends it.
func (big bigEndian) option(list []byte) (code uint16, value, rest []byte) {
	if len(list) < 4 {
		return endOfOptions, nil, nil
	}
	code, length := big.u16(list), int(big.u16(list[2:]))
	if list = list[4:]; length > len(list) {
		return endOfOptions, nil, nil
	}
	return code, list[:length], list[min(padded(length), len(list)):]
}

// padded rounds a length up to the 32-bit boundary that pcapng keeps.
func padded(n int) int { return (n + 3) &^ 3 }

// clock turns an interface's timestamps into nanoseconds since the Unix epoch.
type clock struct {
	perSecond uint64 // ticks
	offset    int64  // seconds to add, at most farSeconds either way
}

// lastSecond is where int64 nanoseconds end: 11 April 2262.
const lastSecond = math.MaxInt64 / 1_000_000_000

// farSeconds is beyond all times, and two of them still add up without overflow.
const farSeconds = 1<<62 - 1

// ticksPerSecond reads an if_tsresol: a negative power of 10, or of 2 when the upper
// bit is set. It returns 0 for units so small that 64 bits of them are no second.
func ticksPerSecond(resolution byte) uint64 {
	exponent := resolution & 0x7f
	if resolution&0x80 != 0 {
		return 1 << exponent
	}
	if exponent > 19 {
		return 0
	}
	ticks := uint64(1)
	for range exponent {
		ticks *= 10
	}
	return ticks
}

func clampSeconds(s int64) int64 { return max(-farSeconds, min(s, farSeconds)) }

// nanoseconds returns times that do not fit into 1970 to 2262 as the nearer end.
func (c clock) nanoseconds(ticks uint64) int64 {
	seconds := int64(min(ticks/c.perSecond, farSeconds)) + c.offset
	switch {
	case seconds < 0:
		return 0
	case seconds >= lastSecond:
		return math.MaxInt64
	}
	high, low := bits.Mul64(ticks%c.perSecond, 1e9)
	fraction, _ := bits.Div64(high, low, c.perSecond) // rounds down: high < perSecond
	return seconds*1e9 + int64(fraction)
}
