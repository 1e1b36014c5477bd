package sink

import "github.com/tcpflow-explain/tcpflow-explain/analyzer"

// origin adds where in a set of files a frame is from, and what the capture says about it.
func (j *jsonSink) origin(number int) {
	if file, frame := j.frames.Place(number); file != "" {
		j.string("file", file)
		j.int("file_frame", int64(frame))
	}
	if text := j.frames.Comment(number); text != "" {
		j.string("comment", text)
	}
}

// places adds where in a set of files the frames of a finding are.
func (j *jsonSink) places(numbers []int) {
	if len(numbers) == 0 {
		return
	}
	if file, _ := j.frames.Place(numbers[0]); file == "" {
		return
	}
	j.key("places")
	j.b = append(j.b, '[')
	for _, n := range numbers {
		file, frame := j.frames.Place(n)
		j.comma()
		j.b = append(j.b, '{')
		j.string("file", file)
		j.int("frame", int64(frame))
		j.close()
	}
	j.b = append(j.b, ']')
}

// input tells what only some captures have to tell.
func (j *jsonSink) input(s *analyzer.Summary) {
	if len(s.Interfaces) > 0 {
		j.strings("interfaces", s.Interfaces)
	}
	if len(s.Notes) > 0 {
		j.strings("notes", s.Notes)
	}
	if len(s.Inputs) == 0 {
		return
	}
	j.key("inputs")
	j.b = append(j.b, '[')
	for i := range s.Inputs {
		in := &s.Inputs[i]
		j.comma()
		j.b = append(j.b, '{')
		j.string("file", in.File)
		j.string("name", in.Name)
		j.int("frames", int64(in.Frames))
		j.int("first_frame", int64(in.FirstFrame))
		j.int("last_frame", int64(in.LastFrame))
		j.time("start", in.Start)
		j.time("end", in.End)
		j.close()
	}
	j.b = append(j.b, ']')
}
