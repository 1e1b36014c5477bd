package capture

import (
	"cmp"
	"errors"
	"io"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Set reads several captures as one, merged by time: a rotated set of tcpdump's -C, -G
// or -W, or captures taken in several places. Frames are numbered through all of them;
// Place tells the file of a number, and the frame's own number in it. A file is open
// only while the merge has come to its time, so that a set may have any number of files.
//
// Interfaces of files that follow each other are taken for the same, of files that
// overlap in time for different ones. When a file is damaged, the others are still read
// to their ends; then Next returns the first damage.
type Set struct {
	members []*member // by the time of the first frame
	opened  int       // of members
	lanes   []*member // open ones; a file that follows another one takes its place
	current *member   // whose frame was handed over last
	number  int       // of the last frame
	time    int64     // the latest of all frames
	pause   int64     // longest between two frames
	types   []uint16
	drops   uint64   // of files that are closed
	runs    []run    // where the numbering goes over to another file
	notes   []string // about files that are left out
	damages []*DamageError
}

// member is one file of a set.
type member struct {
	path, name string // as it was given, and as short as it can be
	first      int64  // time of the first frame
	lane       int
	source     Source           // nil unless it is open
	head       reassembly.Frame // the next frame, when it is open
	notes      []string
	summary    Input
}

// Input is what a set has read of one of its files.
type Input struct {
	File, Name            string // the path, and what Place calls it
	Frames                int
	FirstFrame, LastFrame int   // numbers of its first and last frame in the set
	Start, End            int64 // times of these
}

// run is a stretch of frames that follow each other in one file.
type run struct {
	number int // of the first one in the set
	frame  int // of the first one in the file
	member *member
}

// laneBits are those of an interface's number that are left to the file.
const laneBits = 16

// Next implements Source.
func (s *Set) Next(f *reassembly.Frame) error {
	if m := s.current; m != nil && m.source != nil {
		if err := s.advance(m); err != nil {
			return err
		}
	}
	m, err := s.earliest()
	if err != nil {
		return err
	}
	if m == nil {
		return s.end()
	}
	s.deliver(m, f)
	return nil
}

// earliest returns the open file with the earliest frame, nil when all are read. It
// opens those whose time has come.
func (s *Set) earliest() (*member, error) {
	for {
		var first *member
		for _, m := range s.lanes {
			if m != nil && (first == nil || m.head.Time < first.head.Time) {
				first = m
			}
		}
		if s.opened == len(s.members) || first != nil && first.head.Time < s.members[s.opened].first {
			return first, nil
		}
		m := s.members[s.opened]
		s.opened++
		if err := s.open(m); err != nil {
			return nil, err
		}
	}
}

// open opens a file for the merge. Standard input is open from the start.
func (s *Set) open(m *member) error {
	m.lane = slices.Index(s.lanes, nil)
	if m.lane < 0 {
		m.lane = len(s.lanes)
		s.lanes = append(s.lanes, nil)
	}
	s.lanes[m.lane] = m
	if m.source != nil {
		return nil
	}
	source, err := Open(m.path)
	if err != nil {
		return err
	}
	m.source = source
	return s.advance(m)
}

// advance reads the next frame of an open file, and closes it at its end.
func (s *Set) advance(m *member) error {
	err := m.source.Next(&m.head)
	var damage *DamageError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &damage):
		s.damages = append(s.damages, &DamageError{File: m.path, Offset: damage.Offset, Reason: damage.Reason})
	case err != io.EOF:
		return err
	}
	return s.close(m)
}

// close keeps what a file tells at its end.
func (s *Set) close(m *member) error {
	s.addTypes(m)
	s.drops += m.source.Drops()
	if n, ok := m.source.(Noter); ok {
		m.notes = n.Notes()
	}
	err := m.source.Close()
	m.source, s.lanes[m.lane] = nil, nil
	return err
}

func (s *Set) addTypes(m *member) {
	for _, t := range m.source.LinkTypes() {
		if !slices.Contains(s.types, t) {
			s.types = append(s.types, t)
		}
	}
}

// deliver hands over the frame that a file is at.
func (s *Set) deliver(m *member, f *reassembly.Frame) {
	*f = m.head
	if s.number++; len(s.members) == 1 {
		s.number = f.Number // which a pcapng file can leave gaps in
	}
	if n := len(s.runs); n == 0 || s.runs[n-1].member != m || f.Number-s.runs[n-1].frame != s.number-s.runs[n-1].number {
		s.runs = append(s.runs, run{number: s.number, frame: f.Number, member: m})
	}
	in := &m.summary
	if in.Frames++; in.Frames == 1 {
		in.FirstFrame, in.Start = s.number, f.Time
	} else {
		s.pause = max(s.pause, f.Time-s.time)
	}
	in.LastFrame, in.End = s.number, max(in.End, f.Time)
	s.time = max(s.time, f.Time)
	s.current = m
	f.Number = s.number
	f.Interface = uint32(m.lane)<<laneBits | f.Interface&(1<<laneBits-1)
}

func (s *Set) end() error {
	if len(s.damages) > 0 {
		return s.damages[0]
	}
	return io.EOF
}

// Place returns the file of a frame, by its short name, and the frame's number in it.
func (s *Set) Place(number int) (file string, frame int) {
	i, found := slices.BinarySearchFunc(s.runs, number, func(r run, n int) int { return cmp.Compare(r.number, n) })
	if !found {
		i--
	}
	if i < 0 || number > s.number {
		return "", number
	}
	return s.runs[i].member.name, s.runs[i].frame + number - s.runs[i].number
}

// Paths returns the files that hold packets, by the time of the first one.
func (s *Set) Paths() []string {
	paths := make([]string, len(s.members))
	for i, m := range s.members {
		paths[i] = m.path
	}
	return paths
}

// Inputs returns the files in the order of their first frames, as far as they are read.
func (s *Set) Inputs() []Input {
	inputs := make([]Input, s.opened)
	for i, m := range s.members[:s.opened] {
		inputs[i] = m.summary
		inputs[i].File, inputs[i].Name = m.path, m.name
	}
	return inputs
}

// Comment implements Commenter.
func (s *Set) Comment() string {
	if s.current == nil {
		return ""
	}
	if c, ok := s.current.source.(Commenter); ok {
		return c.Comment()
	}
	return ""
}

// InterfaceName implements InterfaceNamer, for interfaces of files that are open.
func (s *Set) InterfaceName(id uint32) string {
	lane := int(id >> laneBits)
	if lane >= len(s.lanes) || s.lanes[lane] == nil {
		return ""
	}
	if n, ok := s.lanes[lane].source.(InterfaceNamer); ok {
		return n.InterfaceName(id & (1<<laneBits - 1))
	}
	return ""
}

// LinkTypes implements Source.
func (s *Set) LinkTypes() []uint16 {
	for _, m := range s.lanes {
		if m != nil {
			s.addTypes(m)
		}
	}
	return slices.Clone(s.types)
}

// Drops implements Source: those of all files, as far as they are read.
func (s *Set) Drops() uint64 {
	lost := s.drops
	for _, m := range s.lanes {
		if m != nil {
			lost += m.source.Drops()
		}
	}
	return lost
}

// Close implements Source.
func (s *Set) Close() error {
	var errs []error
	for _, m := range s.members {
		if m.source != nil {
			errs = append(errs, m.source.Close())
			m.source = nil
		}
	}
	return errors.Join(errs...)
}
