package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Analyzer follows every TCP connection of a capture. Make one with New, feed it
// the frames in their order, and close it.
type Analyzer struct {
	cfg      Config
	handler  Handler
	decoder  reassembly.Decoder
	flows    flows
	conns    connections
	copies   *copies
	partings partings
	content  contents
	closing  []deadline // flows that may have closed, in the order in which their time comes
	wakes    wakes
	order    queue // finished connections that wait for an earlier one
	sum      Summary
	now      int64  // capture time
	lossy    int64  // capture time by which frames were last known to be dropped
	iface    uint32 // of the present frame
	latest   int    // ID of the connection that the present frame belongs to, 0 for none
	skipped  [256]int
	seg      reassembly.Segment
	icmp     reassembly.ICMPError
	vantage  vantage
	byState  [2]stateCounts // by timeline.Side
	teller   timeline.Teller
	built    Connection // by build, in the memory of the one before
	zeek     zeekView
	verdict  sentence
	phrases  phrases
	detector detect.Detector
	watcher  *detect.Watcher
}

// deadline is when to look whether a flow is over.
type deadline struct {
	handle uint32
	id     int
	at     int64
}

// New returns an Analyzer that reports to h.
func New(cfg Config, h Handler) *Analyzer {
	a := &Analyzer{
		cfg: cfg, handler: h,
		flows:   newFlows(),
		copies:  newCopies(cfg.InterfaceName != nil),
		order:   queue{next: 1},
		sum:     newSummary(),
		watcher: detect.NewWatcher(),
	}
	a.conns = connections{flows: &a.flows, preludes: newPreludes(), atOnce: cfg.Live || cfg.Segments, most: maxSeats}
	if cfg.Live {
		a.conns.most = maxLiveSeats
	}
	return a
}

// Feed takes in one frame. Frames that hold no TCP are counted by the reason why
// they were skipped. An error comes from the handler.
func (a *Analyzer) Feed(f *reassembly.Frame) error {
	a.sum.Frames++
	if a.sum.First == 0 {
		a.sum.First = f.Time
	}
	if err := a.Advance(f.Time); err != nil {
		return err
	}
	a.iface, a.latest = f.Interface, 0
	v, more := a.decoder.Decode(f, &a.seg, &a.icmp), true
	for ; more; v, more = a.decoder.More(&a.seg, &a.icmp) {
		if err := a.decoded(v); err != nil {
			return err
		}
	}
	return nil
}

// decoded takes in what the decoder made of a packet.
func (a *Analyzer) decoded(v reassembly.Verdict) error {
	pieces := a.decoder.Pieces()
	a.skipped[reassembly.Fragment] -= pieces // they were counted before it was known what they hold
	switch v {
	case reassembly.IsTCP:
		a.sum.Segments++
		return a.segment(&a.seg)
	case reassembly.IsICMPError:
		return a.icmpError(&a.icmp)
	default:
		a.skipped[v] += 1 + pieces
	}
	return nil
}

// Advance tells that capture time has gone on to now, in nanoseconds since the
// Unix epoch: what waited for that is reported.
func (a *Analyzer) Advance(now int64) error {
	a.now = max(a.now, now)
	a.sum.Last = a.now
	for len(a.closing) > 0 && a.closing[0].at <= a.now {
		d := a.closing[0]
		a.closing = a.closing[1:]
		f := a.flows.at(d.handle)
		if f.id != d.id || f.marks.has(finished) {
			continue
		}
		if d.at = f.at + a.cfg.linger(); d.at > a.now {
			a.closing = append(a.closing, d)
			continue
		}
		f.marks &^= waiting
		if err := a.retire(f); err != nil {
			return err
		}
	}
	return a.wakeUp()
}

// retire finishes a flow whose connection has been over for long enough.
func (a *Analyzer) retire(f *flow) error {
	f, err := a.giveUpWaiting(f)
	if err != nil || !ended(a.teller.Tell(a.conns.view(f), a.now), true) {
		return err
	}
	return a.finish(f, a.now)
}

// segment finds the flow of s, or begins one.
func (a *Analyzer) segment(s *reassembly.Segment) error {
	f := a.flows.find(&s.Src, &s.Dst)
	if f == nil {
		if a.cfg.MaxConnections > 0 && a.flows.open() >= a.cfg.MaxConnections {
			if err := a.LetGo(ShareLetGo); err != nil {
				return err
			}
		}
		f = a.begin(s, nil)
		a.copies.isCopy(s, a.iface)
		a.pass(f, s)
		return a.observe(f, s)
	}
	a.latest = f.id
	again := a.copies.isCopy(s, a.iface)
	a.pass(f, s)
	if again {
		a.observeCopy(f, s)
		return nil
	}
	return a.track(f, s)
}

// observeCopy gives a frame to f that holds a packet that f had already.
func (a *Analyzer) observeCopy(f *flow, s *reassembly.Segment) {
	conn := a.conns.of(f)
	m := conn.ObserveCopy(s, conn.SideOf(&s.Src))
	f.at = conn.End
	if a.cfg.Segments && !a.cfg.Live {
		rest := a.flows.attend(f)
		rest.lines = append(rest.lines, m)
	}
}

// begin starts the incarnation of a 4-tuple whose first segment is s; before is what
// is left of the one before it, nil when there was none.
func (a *Analyzer) begin(s *reassembly.Segment, before *timeline.Previous) *flow {
	a.sum.Connections++
	f := a.flows.add(&s.Src, &s.Dst, a.sum.Connections)
	a.latest = f.id
	a.conns.begin(f, s, before, a.partings.take(s))
	return f
}

// observe gives s to the incarnation f.
func (a *Analyzer) observe(f *flow, s *reassembly.Segment) error {
	if s.Flags.Any(reassembly.FIN|reassembly.RST) && !f.marks.has(waiting) {
		f.marks |= waiting
		a.closing = append(a.closing, deadline{f.handle, f.id, s.Time + a.cfg.linger()})
	}
	differs := a.content.differs(f.id, s)
	if differs == 0 && a.conns.keep(f, s) {
		return nil
	}
	conn := a.conns.of(f)
	from, self := conn.SideOf(&s.Src), s.Src.Is(&s.Dst)
	if !a.conns.atOnce && differs == 0 && !self && conn.ObservePlain(s, from) {
		f.at = conn.End
		return nil
	}
	m := conn.Observe(s, from)
	if differs > 0 {
		conn.ObserveConflict(from, differs, &m)
	}
	if self {
		conn.Observe(s, from.Other()) // both ends are one: what it sends it also gets
	}
	f.at = conn.End
	if a.cfg.Live {
		return a.speak(f, conn, m)
	}
	if a.cfg.Segments {
		rest := a.flows.attend(f)
		rest.lines = append(rest.lines, m)
	}
	if f.marks.has(waiting) && conn.Closed() {
		a.conns.rest(f)
	}
	return nil
}

// icmpError gives an ICMP error to the connection that it quotes. One about a
// connection that was never captured says nothing that can be judged.
func (a *Analyzer) icmpError(e *reassembly.ICMPError) error {
	f := a.flows.find(&e.Src, &e.Dst)
	if f == nil {
		return nil
	}
	a.latest = f.id
	conn := a.conns.of(f)
	m := conn.ObserveICMP(e, conn.SideOf(&e.Src))
	f.at = conn.End
	if a.cfg.Live {
		return a.speak(f, conn, m)
	}
	return nil
}

// Close reports everything that is still open and returns the summary. Files,
// LinkType, Damage and Elapsed are the caller's to fill in.
func (a *Analyzer) Close() (*Summary, error) {
	err := a.flows.each(func(f *flow) error {
		_, err := a.giveUpWaiting(f)
		return err
	})
	if err != nil {
		return nil, err
	}
	a.flows.table = nil // nothing is looked for any more
	err = a.flows.each(func(f *flow) error { return a.finish(f, a.now) })
	if err != nil {
		return nil, err
	}
	for v, n := range a.skipped {
		if n > 0 {
			a.sum.Skipped[reassembly.Verdict(v).String()] += n
		}
	}
	for side := range a.byState {
		a.sum.ByState[side] = a.byState[side].named()
	}
	a.sum.Vantage = a.vantage.String()
	a.sum.Across = a.watcher.Findings(a.now)
	for i := range a.sum.Across {
		a.sum.Findings[a.sum.Across[i].Code]++
	}
	return &a.sum, nil
}
