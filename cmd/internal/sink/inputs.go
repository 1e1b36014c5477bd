package sink

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// titled is how many files are named in the title.
const titled = 3

// title names what was read: "a.pcap, b.pcap", "a.pcap … z.pcap (26 files)".
func title(files []string) string {
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = filepath.Base(file)
	}
	switch n := len(names); {
	case n == 0:
		return "capture"
	case n > titled:
		return fmt.Sprintf("%s … %s (%d files)", names[0], names[n-1], n)
	}
	return strings.Join(names, ", ")
}

// inputs gives each file of a set its line: its name, and which frames are from it.
func (s *screen) inputs(all []analyzer.Input) {
	width := 0
	for i := range all {
		width = max(width, utf8.RuneCountInString(all[i].Name))
	}
	for i := range all {
		s.pad(1)
		if i == listed {
			s.put(Dim, "and "+count(len(all)-i, "more file"))
			s.end()
			return
		}
		s.put(Plain, all[i].Name)
		s.pad(1 + width + 2)
		s.put(Dim, extent(&all[i]))
		s.end()
	}
}

// extent is "frames 1-400, 10:00:00.000000 to 10:04:59.123456", or "400 of the frames
// 1-800, …" where the frames of another file lie between.
func extent(in *analyzer.Input) string {
	if in.Frames == 0 {
		return "not read"
	}
	const clock = "15:04:05.000000"
	frames := fmt.Sprintf("frames %d-%d", in.FirstFrame, in.LastFrame)
	if in.LastFrame-in.FirstFrame >= in.Frames {
		frames = number(in.Frames) + " of the " + frames
	}
	return frames + ", " + time.Unix(0, in.Start).UTC().Format(clock) + " to " + time.Unix(0, in.End).UTC().Format(clock)
}
