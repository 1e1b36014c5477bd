// Package analyzer explains TCP connections from captured frames:
//
//	Frame → reassembly.Segment → flow → timeline.Conn → timeline.Story → detect.Finding → Handler
//
// A flow is a 4-tuple; its incarnations are told apart in incarnation.go. What
// an incarnation went through is told by package timeline from its history, and
// package detect finds what is worth telling a person. The analyzer opens no
// file and reads no clock: capture time is the only time.
package analyzer
