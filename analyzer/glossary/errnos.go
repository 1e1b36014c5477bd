package glossary

import (
	"fmt"
	"slices"
	"strconv"
)

// errno explains an error that a call on a TCP socket can return.
type errno struct {
	name    string
	number  int // on Linux, but for its ports to Alpha, MIPS, PA-RISC and SPARC
	message string
	also    []string
	bsd     int    // the number on macOS and the BSDs, 0 where they differ or have none
	windows int    // Winsock's, 0 for none
	calls   string // which call returns it, and when
	state   string // the state it meets and leaves; "" when it says nothing about one
	wire    string // what a capture shows
	myth    string
	check   []string
	refs    []string
	see     []string
}

// unseen is what a capture shows of an error that the kernel finds by itself.
const unseen = "Nothing: it is not visible on the wire."

func errnoEntries() []Entry {
	var out []Entry
	for _, lists := range [][]errno{openingErrnos, openErrnos, callErrnos} {
		for _, x := range lists {
			out = append(out, x.entry())
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return a.Number - b.Number })
	return out
}

func (x *errno) entry() Entry {
	e := Entry{
		Kind: Errno, Name: x.name, Number: x.number, Label: fmt.Sprintf("errno %d", x.number), Title: x.message,
		Also:  append([]string{strconv.Itoa(x.number), x.message}, x.also...),
		Parts: []Part{{"Calls", x.calls}},
		Myth:  x.myth, Check: x.check, Refs: x.refs, See: x.see,
	}
	if x.state != "" {
		e.Parts = append(e.Parts, Part{"State", x.state})
	}
	e.Parts = append(e.Parts, Part{"Wire", x.wire})
	elsewhere := ""
	if x.bsd != 0 && x.bsd != x.number {
		e.Also = append(e.Also, strconv.Itoa(x.bsd))
		elsewhere = fmt.Sprintf("%d on macOS and the BSDs. ", x.bsd)
	}
	if x.windows != 0 {
		winsock := "WSA" + x.name
		e.Also = append(e.Also, strconv.Itoa(x.windows), winsock)
		elsewhere += fmt.Sprintf("%d (%s) on Windows.", x.windows, winsock)
	}
	if elsewhere != "" {
		e.Parts = append(e.Parts, Part{"Elsewhere", elsewhere})
	}
	return e
}
