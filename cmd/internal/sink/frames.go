package sink

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// Frames knows what a frame's number does not tell. Numbers are those of the report;
// those of a set of captures that was merged by time go through all of its files.
type Frames interface {
	// Place returns the short name of the file that a frame of a set is from, and the
	// number that it has there; "" when there is only one file.
	Place(number int) (file string, frame int)
	// Comment returns what the capture itself says about a frame (pcapng), or "".
	Comment(number int) string
}

// oneFile is Frames of a capture without comments.
type oneFile struct{}

func (oneFile) Place(number int) (string, int) { return "", number }
func (oneFile) Comment(int) string             { return "" }

// orOneFile makes the zero value of options usable.
func orOneFile(f Frames) Frames {
	if f == nil {
		return oneFile{}
	}
	return f
}

// evidence names frames; those of a set with their places: "frames 13 and 14
// (a.pcap#13, #14)". The name of a file is not repeated.
func evidence(known Frames, frames []int) string {
	text := frameList(frames)
	if len(frames) == 0 {
		return text
	}
	var places []string
	last := ""
	for _, n := range frames[:min(len(frames), shown+1)] {
		file, frame := known.Place(n)
		if file == "" {
			return text
		}
		place := "#" + strconv.Itoa(frame)
		if file != last {
			place, last = file+place, file
		}
		places = append(places, place)
	}
	if len(frames) > shown+1 {
		places = append(places[:shown], "…")
	}
	return text + " (" + strings.Join(places, ", ") + ")"
}

// stretch is frames that follow each other in one file of a set.
type stretch struct {
	file        string
	first, last int // numbers in the set
	ahead       int // how much smaller they are in the file
}

// String is "3-12 are a.pcap#1-10".
func (s stretch) String() string {
	if s.first == s.last {
		return fmt.Sprintf("%d is %s#%d", s.first, s.file, s.first-s.ahead)
	}
	return fmt.Sprintf("%d-%d are %s#%d-%d", s.first, s.last, s.file, s.first-s.ahead, s.last-s.ahead)
}

// stretches joins frames, in ascending order, that are neighbours in their files; nil
// when there is only one file.
func stretches(frames Frames, numbers []int) []stretch {
	var all []stretch
	for _, n := range numbers {
		file, frame := frames.Place(n)
		if file == "" {
			return nil
		}
		if last := len(all) - 1; last >= 0 && all[last].file == file && all[last].ahead == n-frame {
			all[last].last = max(n, all[last].last)
			continue
		}
		all = append(all, stretch{file, n, n, n - frame})
	}
	return all
}

// mostStretches are named below a ladder.
const mostStretches = 8

// places tells where the frames of a ladder's rows are found; "" when there is only
// one file.
func places(known Frames, rows []row) string {
	var numbers []int
	for i := range rows {
		if r := &rows[i]; r.first != 0 {
			numbers = append(numbers, r.first, max(r.first, r.last))
		}
	}
	all := stretches(known, numbers)
	var texts []string
	for _, s := range all[:min(len(all), mostStretches)] {
		texts = append(texts, s.String())
	}
	if n := len(all) - mostStretches; n > 0 {
		texts = append(texts, fmt.Sprintf("and %d more changes of file", n))
	}
	if len(texts) == 0 {
		return ""
	}
	return "Files: frames " + strings.Join(texts, ", ") + "."
}

// comments is what the capture says about the segments that have a row of their own,
// and about those of findings.
func comments(known Frames, rows []row, findings []detect.Finding) []string {
	var numbers []int
	for i := range rows {
		if r := &rows[i]; r.mark != nil {
			numbers = append(numbers, r.first)
		}
	}
	for i := range findings {
		numbers = append(numbers, findings[i].Frames...)
	}
	slices.Sort(numbers)
	var texts []string
	for _, n := range slices.Compact(numbers) {
		if text := known.Comment(n); text != "" {
			texts = append(texts, fmt.Sprintf("Frame %d has the comment: %s", n, text))
		}
	}
	return texts
}
