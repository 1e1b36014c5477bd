package analyzer

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// flow is the record of one incarnation of a 4-tuple, from its first segment to its
// report. What it went through is in a timeline.Conn elsewhere (see connections). A
// flow is small and holds no pointers, for a flood makes millions of them.
type flow struct {
	id     int    // in the order of first frames, from 1; 0 for a record that is not in use
	at     int64  // time of its last segment; once it is finished, when the view of it ends
	handle uint32 // its own
	where  uint32 // its Conn is: a seat when it is unpacked, the last block of a prelude, or a place of the store
	key    reassembly.HeldKey
	marks  flowMarks
	opening
}

// flowMarks is a set of truths about a flow.
type flowMarks uint8

const (
	watched   flowMarks = 1 << iota // in the heap of flows whose silence may tell something
	waiting                         // in the queue of flows that may have closed
	letGo                           // it was forgotten while it was open
	finished                        // it waits for its turn to be reported
	attended                        // it has an aside
	unpacked                        // its Conn has a seat
	clientIsB                       // of the key's two endpoints
	inPrelude                       // it has no Conn yet: all its segments are in its prelude
)

func (m flowMarks) has(want flowMarks) bool { return m&want != 0 }

// sender returns which side sent s.
func (f *flow) sender(s *reassembly.Segment) timeline.Side {
	if _, fromA := reassembly.KeyOf(s.Src, s.Dst); fromA != f.marks.has(clientIsB) {
		return timeline.Client
	}
	return timeline.Server
}

// aside is what few flows have, or only those of a live capture.
type aside struct {
	pending []reassembly.Segment // a SYN whose answer will tell whether it opens a new incarnation, and its repetitions
	lines   []timeline.Mark      // every segment, when segments are asked for
	spoken  spoken               // what the live view has said
	ways    [2][]string          // by timeline.Side: the interfaces that its packets pass
}

// flows holds the records of all flows by handle, and finds those that still take in
// segments by their keys. Records are in blocks that stay where they are: a *flow is
// good until its record is dropped.
type flows struct {
	table  *reassembly.Table
	keys   reassembly.Keys
	sought reassembly.Key // kept here, for the table takes it where the compiler cannot follow
	blocks []*[blockSize]flow
	used   uint32   // handles given out so far
	free   []uint32 // those of them that were dropped
	asides map[uint32]*aside
	none   aside // of all flows that have none
}

const blockSize = 1 << 10

func newFlows() flows { return flows{asides: map[uint32]*aside{}} }

// at returns the record of a handle.
func (fs *flows) at(h uint32) *flow { return &fs.blocks[h/blockSize][h%blockSize] }

// find returns the flow that takes in the segments between two endpoints, nil for none.
func (fs *flows) find(src, dst *reassembly.Endpoint) *flow {
	if fs.table == nil {
		return nil
	}
	fs.sought.Join(src, dst)
	h, ok := fs.table.Get(&fs.sought)
	if !ok {
		return nil
	}
	return fs.at(h)
}

// add makes a record that takes in the segments between two endpoints from now on.
func (fs *flows) add(src, dst *reassembly.Endpoint, id int) *flow {
	if fs.table == nil {
		fs.table = reassembly.NewTable(func(h uint32, k *reassembly.Key) bool { return fs.keys.Is(&fs.at(h).key, k) })
	}
	h := fs.used
	if n := len(fs.free); n > 0 {
		h = fs.free[n-1]
		fs.free = fs.free[:n-1]
	} else if fs.used++; h%blockSize == 0 {
		fs.blocks = append(fs.blocks, new([blockSize]flow))
	}
	f := fs.at(h)
	fs.sought.Join(src, dst)
	*f = flow{key: fs.keys.Hold(&fs.sought), handle: h, id: id}
	fs.table.Put(&fs.sought, h)
	return f
}

// close ends the time in which f takes in segments.
func (fs *flows) close(f *flow) {
	if fs.table != nil {
		fs.sought = fs.keys.Get(&f.key)
		fs.table.Delete(&fs.sought)
	}
}

// drop forgets the record of f, which was closed.
func (fs *flows) drop(f *flow) {
	if f.marks.has(attended) {
		delete(fs.asides, f.handle)
	}
	fs.keys.Drop(&f.key)
	fs.free = append(fs.free, f.handle)
	*f = flow{}
}

// open returns how many flows take in segments.
func (fs *flows) open() int {
	if fs.table == nil {
		return 0
	}
	return fs.table.Len()
}

// each calls visit with each flow that takes in segments, but for those that visit
// itself brings about.
func (fs *flows) each(visit func(*flow) error) error {
	for h := range fs.used {
		if f := fs.at(h); f.id > 0 && !f.marks.has(finished) {
			if err := visit(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// aside returns what f has aside, for reading.
func (fs *flows) aside(f *flow) *aside {
	if !f.marks.has(attended) {
		return &fs.none
	}
	return fs.asides[f.handle]
}

// attend returns what f has aside, for writing.
func (fs *flows) attend(f *flow) *aside {
	if !f.marks.has(attended) {
		f.marks |= attended
		fs.asides[f.handle] = &aside{}
	}
	return fs.asides[f.handle]
}

// opens returns who opened, by the first segment captured, and whether that is a
// guess: a SYN or a SYN,ACK tells, otherwise the lower port is taken for the server's.
func opens(s *reassembly.Segment) (from timeline.Side, guessed bool) {
	switch {
	case s.Flags.Has(reassembly.SYN | reassembly.ACK):
		return timeline.Server, false
	case s.Flags.Has(reassembly.SYN):
		return timeline.Client, false
	case s.Src.Port < s.Dst.Port:
		return timeline.Server, true
	}
	return timeline.Client, true
}

// ended reports whether both ends of the connection are closed or were never open.
func ended(s *timeline.Story, timeWaitCounts bool) bool {
	for _, side := range [...]timeline.Side{timeline.Client, timeline.Server} {
		if !s.Last(side).Over(timeWaitCounts) {
			return false
		}
	}
	return true
}
