package dumptext

import (
	"fmt"
	"io"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// lookahead is how many packets are read ahead: what follows tells how a packet is to
// be understood.
const lookahead = 256

// Reader is a capture.Source that reads a text.
type Reader struct {
	name    string
	closer  io.Closer // nil when there is nothing to close
	lines   *assembler
	parser  parser
	ahead   []*packet // what Next returns next
	failed  error     // why nothing is read ahead any more
	clock   clock
	numbers numbers
	quotes  quotes
	encoder encoder
	number  int // of the frame before
	untimed int // packets without a time
}

// NewReader reads a text from r, and closes r with the Reader when r is an io.Closer.
// The name is for messages. The lookup knows ports by names that not every system
// has; nil knows none. A text without any packet at its beginning is an error of one
// sentence.
func NewReader(name string, r io.Reader, lookup func(string) (uint16, bool)) (*Reader, error) {
	d := &Reader{name: name, lines: newAssembler(r), parser: parser{services: services{lookup: lookup}}}
	d.closer, _ = r.(io.Closer)
	d.numbers.restart()
	d.fill()
	if d.failed != nil && d.failed != io.EOF {
		return nil, d.failed
	}
	for _, p := range d.ahead {
		if startsPacket(p.rest) || p.kind != notIP {
			return d, nil
		}
	}
	return nil, d.noPackets()
}

func (d *Reader) noPackets() error {
	name, first := d.name, d.lines.first
	if name == "-" {
		name = "standard input"
	}
	if first == "" {
		return fmt.Errorf("%s is empty: there is no packet in it", name)
	}
	const most = 60
	if r := []rune(first); len(r) > most {
		first = string(r[:most]) + "…"
	}
	return fmt.Errorf("%s is not what tcpdump prints: it begins with %q, and no line looks like %q",
		name, first, "12:34:56.789012 IP 10.0.0.1.40000 > 10.0.0.2.80: Flags [S], seq 1, win 64240, length 0")
}

// fill reads packets ahead.
func (d *Reader) fill() {
	for len(d.ahead) <= lookahead && d.failed == nil {
		a, err := d.lines.read()
		if err != nil {
			d.failed = err
			if err != io.EOF {
				d.failed = fmt.Errorf("cannot read %s: %w", d.name, err)
			}
			return
		}
		d.ahead = append(d.ahead, d.parser.parse(a))
	}
}

// Next implements capture.Source.
func (d *Reader) Next(f *reassembly.Frame) error {
	d.fill()
	if len(d.ahead) == 0 {
		return d.failed
	}
	p := d.ahead[0]
	if p.newRun {
		d.restart()
	}
	d.ahead = d.ahead[1:]
	d.number = max(d.number+1, p.number)
	if p.at.form == untimed {
		d.untimed++
	}
	*f = reassembly.Frame{Number: d.number, Time: d.clock.read(p.at)}
	p.seg.at = f.Time
	d.resolve(p)
	d.encoder.frame(p, f)
	return nil
}

// restart forgets what another run of tcpdump does not go on with.
func (d *Reader) restart() {
	run := d.ahead
	for i, p := range run[1:] {
		if p.newRun {
			run = run[:i+1]
			break
		}
	}
	d.clock.deltas = printsDeltas(run)
	d.numbers.restart()
	d.quotes = quotes{}
}

// resolve puts back what the text says by what it said before.
func (d *Reader) resolve(p *packet) {
	switch {
	case p.kind == tcpSegment:
		d.numbers.resolve(&p.seg, d.ahead)
		d.quotes.sent(&p.seg)
	case p.kind == icmpError && p.seg.quoted:
		d.numbers.resolve(&p.seg, d.ahead)
	case p.kind == icmpError:
		q, ok := d.about(p)
		p.seg.src, p.seg.dst, p.seg.seq = q.src, q.dst, q.seq
		if !ok {
			p.kind = otherIP
		}
	}
}

// about finds the segment that an ICMP error is about, where the text does not show it.
func (d *Reader) about(p *packet) (quoted, bool) {
	if p.icmp.ends {
		q, ok := d.quotes.last[path{p.seg.src, p.seg.dst}]
		return q, ok
	}
	var port uint16
	if p.icmp.port != "" {
		var ok bool
		if port, ok = d.parser.services.port(p.icmp.port); !ok {
			return quoted{}, false
		}
	}
	return d.quotes.find(p.dst, p.icmp.about, port)
}

// LinkTypes implements capture.Source.
func (d *Reader) LinkTypes() []uint16 { return []uint16{linkTypeLinuxSLL2} }

// Drops implements capture.Source: the packets that tcpdump says were dropped, once
// the last line is read.
func (d *Reader) Drops() uint64 { return d.lines.drops }

// Close implements capture.Source.
func (d *Reader) Close() error {
	if d.closer == nil {
		return nil
	}
	return d.closer.Close()
}

// Notes implements capture.Noter: what a reader of the analysis has to know about the
// text that was read.
func (d *Reader) Notes() []string {
	notes := d.parser.hosts.notes()
	if d.untimed > 0 {
		notes = append(notes, fmt.Sprintf("The text has no times (%s): packets are taken to be %v apart, and durations mean nothing.",
			count(d.untimed, "packet"), time.Duration(untimedStep)))
	}
	if n := d.parser.unflagged; n > 0 {
		notes = append(notes, fmt.Sprintf("Skipped for want of TCP flags: %s. Print them without -q, from whole headers.", count(n, "packet")))
	}
	return append(notes, d.parser.services.notes()...)
}
