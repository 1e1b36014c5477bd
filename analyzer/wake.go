package analyzer

import (
	"container/heap"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// When a live connection is looked at again though nothing of it has come: first
// after firstLook of silence, then each time that the silence has grown by a quarter.
// The evidence of silence is relative to the intervals before it, so it is told late
// by at most that quarter.
const (
	firstLook  = int64(time.Second)
	nextLookBy = 4
)

// wake is when to look again at a connection.
type wake struct {
	at     int64 // capture time, nanoseconds since the Unix epoch
	handle uint32
	id     int // of the incarnation that it is meant for
}

// wakes is a heap by time. Each live connection of which silence may still tell
// something has one entry.
type wakes []wake

func (w wakes) Len() int           { return len(w) }
func (w wakes) Less(i, j int) bool { return w[i].at < w[j].at }
func (w wakes) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *wakes) Push(x any)        { *w = append(*w, x.(wake)) }
func (w *wakes) Pop() any {
	last := len(*w) - 1
	x := (*w)[last]
	*w = (*w)[:last]
	return x
}

// watchSilence asks for a look at f when it has been silent for a moment.
func (a *Analyzer) watchSilence(f *flow) {
	if f.marks.has(watched) {
		return
	}
	f.marks |= watched
	heap.Push(&a.wakes, wake{f.at + firstLook, f.handle, f.id})
}

// wakeUp looks at the connections whose time has come.
func (a *Analyzer) wakeUp() error {
	for len(a.wakes) > 0 && a.wakes[0].at <= a.now {
		w := &a.wakes[0]
		f := a.flows.at(w.handle)
		if f.id != w.id || f.marks.has(finished) {
			heap.Pop(&a.wakes)
			continue
		}
		if due := f.at + firstLook; due > a.now {
			w.at = due
			heap.Fix(&a.wakes, 0)
			continue
		}
		heap.Pop(&a.wakes)
		if err := a.look(f); err != nil {
			return err
		}
	}
	return nil
}

// look tells what the silence of f has become evidence of. A connection that timers
// have ended is reported and forgotten.
func (a *Analyzer) look(f *flow) error {
	f.marks &^= watched
	c := a.build(f, a.conns.of(f), a.now)
	if !f.marks.has(waiting) && len(a.flows.aside(f).pending) == 0 && ended(&c.Story, false) {
		return a.retire(f)
	}
	if err := a.reveal(f, c, 0); err != nil {
		return err
	}
	if !settled(c) {
		f.marks |= watched
		silent := a.now - f.at
		heap.Push(&a.wakes, wake{a.now + max(firstLook, silent/nextLookBy), f.handle, f.id})
	}
	return nil
}

// settled reports whether more silence tells nothing of c: it is open and idle, or
// both ends are closed.
func settled(c *Connection) bool {
	if ended(&c.Story, false) {
		return true
	}
	const asking = timeline.Retransmission | timeline.KeepAlive | timeline.WindowProbe
	return c.Last(timeline.Client) == tcpstate.Established && c.Last(timeline.Server) == tcpstate.Established &&
		len(c.Marks) > 0 && c.Marks[len(c.Marks)-1].Notes&asking == 0
}
