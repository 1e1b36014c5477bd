package dumptext

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

const (
	maxLine = 64 << 10 // bytes; no line of a packet is longer, and the rest of one is dropped
	// What belongs to one packet at most: tcpdump -A prints any payload as lines.
	maxLines = 16
	maxText  = 8 << 10
)

// assembler puts together what was printed about a packet: with -v those are several
// lines, and a mail program makes several lines of one.
type assembler struct {
	in      *bufio.Reader
	current assembled
	open    bool // current is a packet
	more    bool // and its text may go on
	lines   int  // of current
	newRun  bool // another run of tcpdump has begun
	timed   bool // packets have times
	indent  int  // of the first packet without a time; -1 before it

	drops uint64 // packets lost, by the closing lines
	first string // the first line that is not empty
}

// assembled is the front of a packet and all the text behind it.
type assembled struct {
	head
	newRun bool // the first packet of a run of tcpdump
}

func newAssembler(r io.Reader) *assembler {
	return &assembler{in: bufio.NewReaderSize(r, maxLine), newRun: true, indent: -1}
}

// read returns the next packet; io.EOF at the end.
func (a *assembler) read() (assembled, error) {
	for {
		line, err := a.line()
		if err == io.EOF && a.open {
			a.open = false
			return a.current, nil
		}
		if err != nil {
			return assembled{}, err
		}
		if done, ok := a.add(clean(line)); ok {
			return done, nil
		}
	}
}

// line returns the next line, cut after maxLine.
func (a *assembler) line() (string, error) {
	b, err := a.in.ReadSlice('\n')
	line := string(b)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = a.in.ReadSlice('\n')
	}
	if err == io.EOF && line != "" {
		err = nil
	}
	return line, err
}

// add takes in a line. If the line begins a packet, it returns the one before.
func (a *assembler) add(line string) (done assembled, ok bool) {
	if a.first == "" {
		a.first = strings.TrimSpace(line)
	}
	if a.readRemark(line) {
		a.more = false
		return assembled{}, false
	}
	h, begins := readHead(line)
	if !begins || h.at.form == untimed && !a.mayBegin(line) {
		a.join(strings.TrimSpace(line))
		return assembled{}, false
	}
	done, ok = a.current, a.open
	a.current, a.newRun = assembled{h, a.newRun}, false
	a.open, a.more, a.lines = true, true, 1
	a.timed = a.timed || h.at.form != untimed
	return done, ok
}

// mayBegin reports whether a packet without a time may begin with line: none does
// where packets have times, and what is indented further belongs to the one before.
func (a *assembler) mayBegin(line string) bool {
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	if a.indent < 0 {
		a.indent = indent
	}
	return !a.timed && indent <= a.indent
}

// join adds a line to the packet before. An empty one or a hex dump ends it.
func (a *assembler) join(line string) {
	if line == "" || strings.HasPrefix(line, "0x0") || a.lines == maxLines || len(a.current.rest)+len(line) > maxText {
		a.more = false
	}
	if a.open && a.more {
		a.current.rest += " " + line
		a.lines++
	}
}

// readRemark takes in what tcpdump prints besides packets, and reports whether line is
// such.
func (a *assembler) readRemark(line string) bool {
	line = strings.TrimPrefix(strings.TrimSpace(line), "tcpdump: ")
	if strings.HasPrefix(line, "reading from file ") || strings.HasPrefix(line, "listening on ") {
		a.newRun = true
		return true
	}
	if strings.HasPrefix(line, "verbose output suppressed") || strings.HasPrefix(line, "data link type ") {
		return true
	}
	count := scanner(strings.TrimPrefix(line, "^C"))
	n, digits := count.number()
	if digits == 0 || !count.take(" packet") {
		return false
	}
	count.take("s")
	switch count {
	case " dropped by kernel", " dropped by interface":
		a.drops += n
		return true
	case " captured", " received by filter":
		return true
	}
	return false
}
