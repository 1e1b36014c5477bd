// Package check turns a capture into a test: it judges the connections of a
// report by what is expected of them.
//
//	expect.yaml -> Expectations -+
//	known.json  -> Baseline -----+-> Checker -> Report -> package ci
//	analyzer    -> Connection ---+
//
// fields.go has what an expectation can ask, compile.go how it is read and
// refused, checker.go how connections meet it. Nothing here opens files or looks
// at the clock, and no outcome depends on the order of a map: equal input gives
// equal reports.
package check
