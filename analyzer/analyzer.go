package analyzer

import (
	"hash/maphash"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Analyzer follows every TCP connection of a capture. Make one with New, feed it
// the frames in their order, and close it.
type Analyzer struct {
	cfg     Config
	handler Handler
	decoder reassembly.Decoder
	table   reassembly.Table
	flows   []*flow // by handle
	free    []uint32
	copies  copies
	content contents
	closing []deadline // flows that may have closed, in the order in which their time comes
	wakes   wakes
	order   queue // finished connections that wait for an earlier one
	sum     Summary
	now     int64  // capture time
	lossy   int64  // capture time by which frames were last known to be dropped
	iface   uint32 // of the present frame
	latest  *flow  // of the present frame, nil when it belongs to none
	skipped [256]int
	seg     reassembly.Segment
	icmp    reassembly.ICMPError
	vantage vantage
	teller  timeline.Teller
	watcher *detect.Watcher
}

// deadline is when to look whether a flow is over.
type deadline struct {
	handle uint32
	at     int64
}

// New returns an Analyzer that reports to h.
func New(cfg Config, h Handler) *Analyzer {
	return &Analyzer{
		cfg: cfg, handler: h,
		copies:  copies{seed: maphash.MakeSeed()},
		order:   queue{next: 1},
		sum:     newSummary(),
		watcher: detect.NewWatcher(),
	}
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
	a.iface, a.latest = f.Interface, nil
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
		h := a.closing[0].handle
		a.closing = a.closing[1:]
		f := a.flows[h]
		if f == nil {
			continue
		}
		if due := f.conn.End + a.cfg.linger(); due > a.now {
			a.closing = append(a.closing, deadline{h, due})
			continue
		}
		f.waiting = false
		if err := a.retire(h, f); err != nil {
			return err
		}
	}
	return a.wakeUp()
}

// retire reports a flow whose connection has been over for long enough, and
// forgets it.
func (a *Analyzer) retire(h uint32, f *flow) error {
	if err := a.giveUpWaiting(f); err != nil {
		return err
	}
	story := f.conn.Tell(a.now)
	if !ended(&story, true) {
		return nil
	}
	if err := a.report(f, a.now); err != nil {
		return err
	}
	a.forget(h, f)
	return nil
}

// segment finds the flow of s, or begins one.
func (a *Analyzer) segment(s *reassembly.Segment) error {
	key, _ := reassembly.KeyOf(s.Src, s.Dst)
	h, known := a.table.Get(key)
	if !known {
		if a.cfg.MaxConnections > 0 && a.table.Len() >= a.cfg.MaxConnections {
			if err := a.LetGo(); err != nil {
				return err
			}
		}
		f := &flow{key: key}
		a.latest = f
		a.keep(f)
		a.begin(f, s)
		a.copies.isCopy(s, a.iface)
		a.pass(f, s)
		return a.observe(f, s)
	}
	f := a.flows[h]
	a.latest = f
	again := a.copies.isCopy(s, a.iface)
	a.pass(f, s)
	if again && !f.conn.Empty() {
		m := f.conn.ObserveCopy(s, f.conn.SideOf(s.Src))
		if a.cfg.Segments && !a.cfg.Live {
			f.lines = append(f.lines, m)
		}
		return nil
	}
	return a.track(f, s)
}

// keep files a new flow under its key.
func (a *Analyzer) keep(f *flow) {
	var h uint32
	if n := len(a.free); n > 0 {
		h = a.free[n-1]
		a.free = a.free[:n-1]
		a.flows[h] = f
	} else {
		h = uint32(len(a.flows))
		a.flows = append(a.flows, f)
	}
	a.table.Put(f.key, h)
}

// begin starts an incarnation of f with its first segment.
func (a *Analyzer) begin(f *flow, s *reassembly.Segment) {
	a.sum.Connections++
	from, guessed := opens(s)
	f.id = a.sum.Connections
	f.conn = timeline.NewConn(s, from)
	f.conn.Guessed = guessed
	f.lines, f.spoken, f.ways, f.watched = nil, spoken{}, [2][]string{}, false
}

// observe gives s to the present incarnation of f.
func (a *Analyzer) observe(f *flow, s *reassembly.Segment) error {
	from := f.conn.SideOf(s.Src)
	m := f.conn.Observe(s, from)
	if first := a.content.differs(f.id, &m, s); first > 0 {
		f.conn.ObserveConflict(from, first, &m)
	}
	if f.key.Self() {
		f.conn.Observe(s, from.Other()) // both ends are one: what it sends it also gets
	}
	if s.Flags.Any(reassembly.FIN|reassembly.RST) && !f.waiting {
		f.waiting = true
		h, _ := a.table.Get(f.key)
		a.closing = append(a.closing, deadline{h, s.Time + a.cfg.linger()})
	}
	if a.cfg.Live {
		return a.speak(f, m)
	}
	if a.cfg.Segments {
		f.lines = append(f.lines, m)
	}
	return nil
}

// icmpError gives an ICMP error to the connection that it quotes. One about a
// connection that was never captured says nothing that can be judged.
func (a *Analyzer) icmpError(e *reassembly.ICMPError) error {
	key, _ := reassembly.KeyOf(e.Src, e.Dst)
	h, known := a.table.Get(key)
	if !known {
		return nil
	}
	f := a.flows[h]
	a.latest = f
	if f.conn.Empty() {
		return nil
	}
	m := f.conn.ObserveICMP(e, f.conn.SideOf(e.Src))
	if a.cfg.Live {
		return a.speak(f, m)
	}
	return nil
}

// Close reports everything that is still open and returns the summary. Files,
// LinkType, Damage and Elapsed are the caller's to fill in.
func (a *Analyzer) Close() (*Summary, error) {
	for _, f := range a.flows {
		if f == nil {
			continue
		}
		if err := a.giveUpWaiting(f); err != nil {
			return nil, err
		}
		if err := a.report(f, a.now); err != nil {
			return nil, err
		}
	}
	if err := a.order.flush(a); err != nil {
		return nil, err
	}
	for v, n := range a.skipped {
		if n > 0 {
			a.sum.Skipped[reassembly.Verdict(v).String()] += n
		}
	}
	a.sum.Vantage = a.vantage.String()
	a.sum.Across = a.watcher.Findings(a.now)
	for i := range a.sum.Across {
		a.sum.Findings[a.sum.Across[i].Code]++
	}
	return &a.sum, nil
}
