// Package analyzer explains TCP connections from captured frames:
//
//	Frame → reassembly.Segment → flow → timeline.Conn → timeline.Story → detect.Finding → Handler
//
// A flow is one incarnation of a 4-tuple; incarnation.go tells them apart. What it
// went through is told by package timeline from its history, and package detect finds
// what is worth telling a person. The analyzer opens no file and reads no clock:
// capture time is the only time.
//
// Captures hold millions of flows, so what is kept of each is kept small:
//
//	flow.go         a record of 88 bytes, found by a table of 8-byte slots
//	prelude.go      the first dozen segments, as they came
//	connections.go  what is made of them when there are more: a timeline.Conn, in a
//	                seat while it is worked on, packed in the store (store.go) otherwise
//	build.go        the report, once all that began before is reported
package analyzer
