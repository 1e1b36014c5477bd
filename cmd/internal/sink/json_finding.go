package sink

import "github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"

// finding writes the members of a finding.
func (j *jsonSink) finding(l line, f *detect.Finding) line {
	l = l.string(`"code":`, f.Code).
		word(`,"severity":`, f.Severity.String()).
		side(`,"endpoint":`, f.Endpoint).
		ints(`,"frames":`, f.Frames)
	return j.places(l, f.Frames).
		time(`,"time":`, f.Time, &j.clock).
		string(`,"summary":`, f.Summary).
		string(`,"explanation":`, f.Explanation).
		strings(`,"causes":`, f.Causes).
		strings(`,"checks":`, f.Checks).
		strings(`,"refs":`, f.Refs)
}

// places adds where in a set of files the frames of a finding are.
func (j *jsonSink) places(l line, numbers []int) line {
	if len(numbers) == 0 {
		return l
	}
	if file, _ := j.frames.Place(numbers[0]); file == "" {
		return l
	}
	l = l.text(`,"places":[`)
	for i, n := range numbers {
		file, frame := j.frames.Place(n)
		l = l.comma(i).
			string(`{"file":`, file).
			int(`,"frame":`, frame).
			text(`}`)
	}
	return l.text(`]`)
}

// across writes a "finding" line for what belongs to no single connection.
func (j *jsonSink) across(a *detect.Across) error {
	l := j.lines.addr(`{"type":"finding",`+schema+`,"target":{"ip":`, a.Target.Addr())
	if a.Target.Port == 0 {
		l = l.text(`,"port":null},`)
	} else {
		l = l.int(`,"port":`, int(a.Target.Port)).text(`},`)
	}
	return j.end(j.finding(l, &a.Finding))
}
