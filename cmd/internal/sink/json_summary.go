package sink

import (
	"maps"
	"slices"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// End writes what belongs to no single connection, and the "summary" line.
func (j *jsonSink) End(s *analyzer.Summary) error {
	for i := range s.Across {
		if err := j.across(&s.Across[i]); err != nil {
			return err
		}
	}
	l := j.lines.
		strings(`{"type":"summary",`+schema+`,"files":`, s.Files).
		string(`,"link_type":`, s.LinkType).
		int(`,"frames":`, s.Frames).
		int(`,"tcp_segments":`, s.Segments).
		counts(`,"skipped":`, s.Skipped).
		bool(`,"truncated":`, s.Damage != nil).
		int64(`,"dropped":`, int64(s.Dropped))
	if s.LetGo > 0 {
		l = l.int(`,"let_go":`, s.LetGo)
	}
	l = l.int(`,"connections":`, s.Connections).
		counts(`,"by_state":{"client":`, s.ByState[timeline.Client]).
		counts(`,"server":`, s.ByState[timeline.Server]).
		counts(`},"findings":`, s.Findings).
		damage(s.Damage)
	if len(s.Interfaces) > 0 {
		l = l.strings(`,"interfaces":`, s.Interfaces)
	}
	if len(s.Notes) > 0 {
		l = l.strings(`,"notes":`, s.Notes)
	}
	l = l.inputs(s.Inputs, &j.clock).seconds(`,"elapsed":`, int64(s.Elapsed))
	if err := j.end(l); err != nil {
		return err
	}
	j.flush()
	return j.err
}

func (l line) damage(d *analyzer.Damage) line {
	if d == nil {
		return l.text(`,"damage":null`)
	}
	return l.
		string(`,"damage":{"file":`, d.File).
		int64(`,"offset":`, d.Offset).
		string(`,"reason":`, d.Reason).
		text(`}`)
}

// inputs writes the files of a set.
func (l line) inputs(all []analyzer.Input, c *clock) line {
	if len(all) == 0 {
		return l
	}
	l = l.text(`,"inputs":[`)
	for i := range all {
		in := &all[i]
		l = l.comma(i).
			string(`{"file":`, in.File).
			string(`,"name":`, in.Name).
			int(`,"frames":`, in.Frames).
			int(`,"first_frame":`, in.FirstFrame).
			int(`,"last_frame":`, in.LastFrame).
			time(`,"start":`, in.Start, c).
			time(`,"end":`, in.End, c).
			text(`}`)
	}
	return l.text(`]`)
}

// counts writes a map in the order of its keys, so that equal reports are equal bytes.
func (l line) counts(fixed string, m map[string]int) line {
	l = l.text(fixed).text(`{`)
	for i, k := range slices.Sorted(maps.Keys(m)) {
		l = l.comma(i).string("", k).int(`:`, m[k])
	}
	return l.text(`}`)
}
