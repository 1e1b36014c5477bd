package capture

import (
	"fmt"
	"time"
)

const (
	// leastOverlap is what two files share before it is told. Frames of neighbours in a
	// rotated set can change places by less.
	leastOverlap = int64(time.Millisecond)
	// leastGap is the shortest silence between two files that may mean a missing one, and
	// unusual how many times longer it must be than any pause elsewhere.
	leastGap = int64(time.Second)
	unusual  = 3
	// mostNotes are told of each kind.
	mostNotes = 8
)

// Notes implements Noter: files that are left out, gaps and overlaps between files, and
// what the files have to tell themselves. Damage beyond the first is here, too.
func (s *Set) Notes() []string {
	notes := append([]string(nil), firstOf(s.notes)...)
	for _, d := range s.damages[min(1, len(s.damages)):] {
		notes = append(notes, fmt.Sprintf("%s is damaged, too: %v.", d.File, d))
	}
	gaps, overlaps := s.seams()
	notes = append(notes, firstOf(gaps)...)
	notes = append(notes, firstOf(overlaps)...)
	for _, m := range s.members {
		for _, n := range m.notes {
			notes = append(notes, m.name+": "+n)
		}
	}
	return notes
}

// seams compares each file with the one that reaches furthest among those before it.
func (s *Set) seams() (gaps, overlaps []string) {
	var before *member
	for _, m := range s.members {
		in := &m.summary
		if in.Frames == 0 {
			continue // reading was stopped before it
		}
		if before != nil {
			last := &before.summary
			if apart := in.Start - last.End; apart > leastGap && apart > unusual*s.pause {
				gaps = append(gaps, fmt.Sprintf("No packet for %s between %s and %s, while the longest pause within the files is %s: a file may be missing.",
					rounded(apart), before.name, m.name, rounded(s.pause)))
			} else if shared := min(last.End, in.End) - in.Start; shared > leastOverlap {
				overlaps = append(overlaps, fmt.Sprintf("%s and %s overlap by %s: merged by time.", before.name, m.name, rounded(shared)))
			}
			if last.End >= in.End {
				continue
			}
		}
		before = m
	}
	return gaps, overlaps
}

func firstOf(notes []string) []string {
	if len(notes) <= mostNotes {
		return notes
	}
	return append(notes[:mostNotes:mostNotes], fmt.Sprintf("And %d more of this kind.", len(notes)-mostNotes))
}

// rounded leaves three digits or so of a duration in nanoseconds.
func rounded(ns int64) string {
	d := time.Duration(ns)
	for unit := time.Microsecond; unit <= time.Second; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Second).String()
}
