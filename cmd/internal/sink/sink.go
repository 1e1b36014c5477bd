// Package sink shows a report: as NDJSON for programs, as text for people, as a
// page for a browser, and line by line while a capture is running.
//
//	analyzer -> Segment, Connection, Summary -> JSON | Text | HTML | Live -> io.Writer
//
// Sinks receive finished values. They order, fold and word them, and decide
// nothing: no state, severity or verdict is changed here.
package sink

import "github.com/tcpflow-explain/tcpflow-explain/analyzer"

// Sink shows one report. Values handed over are valid during the call only; a
// sink that needs one later copies it.
//
// Errors are those of the writer, unwrapped as far as errors.Is goes: a reader
// that went away stays recognisable as EPIPE. After the first error every call
// returns it again.
type Sink interface {
	analyzer.Handler
	// End closes the report. Nothing may be called after it.
	End(*analyzer.Summary) error
}
