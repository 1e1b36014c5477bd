package main

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// recorderBytes is how much of the past the flight recorder holds, where that is not
// more than a quarter of the memory allowed.
const recorderBytes = 32 << 20

// recorder keeps the last packets, and writes those of connections that get a finding:
// what it still has of them, and all that follows. In the file packets stand by
// connections, so that their times are in order within each only.
type recorder struct {
	save  *capture.Writer
	data  []byte // a ring; no packet crosses its end
	head  int    // where the next packet goes
	held  []heldFrame
	first int          // of held: those before it are gone
	wrote map[int]bool // connections that are written as they go on
	lost  map[int]int  // by connection that is open: packets that the ring has given up
	late  int          // of those, packets of connections that got a finding later
}

// heldFrame is a packet in the ring. Its Data is a part of recorder.data.
type heldFrame struct {
	reassembly.Frame
	at         int
	connection int
	written    bool
}

func newRecorder(save *capture.Writer, memory int) *recorder {
	return &recorder{save: save, data: make([]byte, min(recorderBytes, memory/4)), wrote: map[int]bool{}, lost: map[int]int{}}
}

// add takes in a frame of a connection.
func (r *recorder) add(f *reassembly.Frame, connection int) error {
	switch {
	case connection == 0 || len(f.Data) > len(r.data):
		return nil
	case r.wrote[connection]:
		return r.save.Write(f)
	}
	if r.head+len(f.Data) > len(r.data) {
		r.release(r.head, len(r.data))
		r.head = 0
	}
	r.release(r.head, r.head+len(f.Data))
	r.lost[connection] += 0
	h := heldFrame{Frame: *f, at: r.head, connection: connection}
	h.Data = r.data[r.head : r.head+copy(r.data[r.head:], f.Data)]
	r.head += len(f.Data)
	r.held = append(r.held, h)
	return nil
}

// release gives up the oldest packets as long as they lie in [from, to) of the ring.
func (r *recorder) release(from, to int) {
	for ; r.first < len(r.held); r.first++ {
		h := &r.held[r.first]
		if h.at >= to || h.at+len(h.Data) <= from {
			break
		}
		if n, open := r.lost[h.connection]; open && !h.written {
			r.lost[h.connection] = n + 1
		}
	}
	if r.first > len(r.held)/2 { // so that each packet is moved once on average
		r.held = append(r.held[:0], r.held[r.first:]...)
		r.first = 0
	}
}

// keep writes what is held of a connection, and has the rest written as it comes.
func (r *recorder) keep(connection int) error {
	if r.wrote[connection] {
		return nil
	}
	r.wrote[connection] = true
	r.late += r.lost[connection]
	for i := r.first; i < len(r.held); i++ {
		h := &r.held[i]
		if h.connection != connection || h.written {
			continue
		}
		h.written = true
		if err := r.save.Write(&h.Frame); err != nil {
			return err
		}
	}
	return nil
}

// finding implements observer.
func (r *recorder) finding(c *analyzer.Connection, f *detect.Finding) error {
	if f.Severity == detect.Capture {
		return nil
	}
	return r.keep(c.ID)
}

// connection implements observer.
func (r *recorder) connection(c *analyzer.Connection) error {
	if c.Worst() > detect.Capture {
		if err := r.keep(c.ID); err != nil {
			return err
		}
	}
	delete(r.wrote, c.ID)
	delete(r.lost, c.ID)
	return nil
}
