package flowtest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Kinds of TCP options.
const (
	optEOL           = 0
	optNOP           = 1
	optMSS           = 2
	optWindowScale   = 3
	optSACKPermitted = 4
	optSACK          = 5
	optTimestamps    = 8
	optFastOpen      = 34
)

// option is one item between the angle brackets of a line.
type option struct {
	kind   byte
	value  uint32     // MSS or shift count
	auto   bool       // timestamps that the builder chooses
	val    uint32     // TSval
	ecr    uint32     // TSecr
	blocks [][2]int64 // SACK, relative to the ISN of the acknowledged direction
	cookie []byte     // Fast Open; empty asks for one
}

// linuxSYN and linuxLater are what Linux puts on a SYN and on later segments.
func linuxSYN() []option {
	return []option{
		{kind: optMSS, value: 1460}, {kind: optSACKPermitted}, {kind: optTimestamps, auto: true},
		{kind: optNOP}, {kind: optWindowScale, value: 10},
	}
}

func linuxLater() []option {
	return []option{{kind: optNOP}, {kind: optNOP}, {kind: optTimestamps, auto: true}}
}

// parseOptions reads a word like "<mss 1460,sackOK>".
func parseOptions(word string) ([]option, error) {
	list := strings.TrimSuffix(strings.TrimPrefix(word, "<"), ">")
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var opts []option
	for _, item := range strings.Split(list, ",") {
		o, err := parseOption(strings.Fields(item))
		if err != nil {
			return nil, fmt.Errorf("option %q: %w", strings.TrimSpace(item), err)
		}
		opts = append(opts, o)
	}
	if n := len(appendOptions(nil, opts, 0)); n > maxOptions {
		return nil, fmt.Errorf("options take %d bytes, the header has %d", n, maxOptions)
	}
	return opts, nil
}

func parseOption(f []string) (option, error) {
	if len(f) == 0 {
		return option{}, fmt.Errorf("empty")
	}
	switch name, args := f[0], f[1:]; {
	case name == "eol" && len(args) == 0:
		return option{kind: optEOL}, nil
	case name == "nop" && len(args) == 0:
		return option{kind: optNOP}, nil
	case name == "sackOK" && len(args) == 0:
		return option{kind: optSACKPermitted}, nil
	case name == "mss" && len(args) == 1:
		n, err := strconv.ParseUint(args[0], 10, 16)
		return option{kind: optMSS, value: uint32(n)}, err
	case name == "wscale" && len(args) == 1:
		n, err := strconv.ParseUint(args[0], 10, 8)
		return option{kind: optWindowScale, value: uint32(n)}, err
	case name == "TS":
		return parseTimestamps(args)
	case name == "sack" && len(args) > 0:
		return parseSACK(args)
	case name == "FO" && len(args) <= 1:
		cookie, err := hex.DecodeString(strings.Join(args, ""))
		return option{kind: optFastOpen, cookie: cookie}, err
	}
	return option{}, fmt.Errorf("not an option of the notation")
}

func parseTimestamps(args []string) (option, error) {
	if len(args) == 0 {
		return option{kind: optTimestamps, auto: true}, nil
	}
	if len(args) != 4 || args[0] != "val" || args[2] != "ecr" {
		return option{}, fmt.Errorf("want TS, or TS val N ecr N")
	}
	val, err := strconv.ParseUint(args[1], 10, 32)
	if err != nil {
		return option{}, err
	}
	ecr, err := strconv.ParseUint(args[3], 10, 32)
	return option{kind: optTimestamps, val: uint32(val), ecr: uint32(ecr)}, err
}

func parseSACK(args []string) (option, error) {
	o := option{kind: optSACK}
	for _, arg := range args {
		left, right, _ := strings.Cut(arg, ":")
		l, err := parseRelative(left)
		if err != nil {
			return o, err
		}
		r, err := parseRelative(right)
		if err != nil {
			return o, err
		}
		o.blocks = append(o.blocks, [2]int64{l, r})
	}
	return o, nil
}

// String returns the option as the notation writes it.
func (o option) String() string {
	switch o.kind {
	case optEOL:
		return "eol"
	case optNOP:
		return "nop"
	case optSACKPermitted:
		return "sackOK"
	case optMSS:
		return fmt.Sprintf("mss %d", o.value)
	case optWindowScale:
		return fmt.Sprintf("wscale %d", o.value)
	case optFastOpen:
		return strings.TrimSpace("FO " + hex.EncodeToString(o.cookie))
	case optSACK:
		var b strings.Builder
		b.WriteString("sack")
		for _, block := range o.blocks {
			fmt.Fprintf(&b, " %d:%d", block[0], block[1])
		}
		return b.String()
	}
	if o.auto {
		return "TS"
	}
	return fmt.Sprintf("TS val %d ecr %d", o.val, o.ecr)
}

// appendOptions appends the wire form. SACK blocks count from isn.
func appendOptions(b []byte, opts []option, isn uint32) []byte {
	for _, o := range opts {
		switch o.kind {
		case optEOL, optNOP:
			b = append(b, o.kind)
		case optSACKPermitted:
			b = append(b, o.kind, 2)
		case optMSS:
			b = binary.BigEndian.AppendUint16(append(b, o.kind, 4), uint16(o.value))
		case optWindowScale:
			b = append(b, o.kind, 3, byte(o.value))
		case optTimestamps:
			b = binary.BigEndian.AppendUint32(append(b, o.kind, 10), o.val)
			b = binary.BigEndian.AppendUint32(b, o.ecr)
		case optFastOpen:
			b = append(append(b, o.kind, byte(2+len(o.cookie))), o.cookie...)
		case optSACK:
			b = append(b, o.kind, byte(2+8*len(o.blocks)))
			for _, block := range o.blocks {
				b = binary.BigEndian.AppendUint32(b, isn+uint32(block[0]))
				b = binary.BigEndian.AppendUint32(b, isn+uint32(block[1]))
			}
		}
	}
	return b
}
