package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// status is what the program exits with.
type status int

// Scripts rely on these numbers: they are part of the program's contract.
const (
	statusDone     status = iota // the input was analysed
	statusFindings               // a finding reached --fail-on
	statusUsage                  // the command line or the filter makes no sense
	statusInput                  // the input cannot be read, or not to its end
	statusDenied                 // the privilege to capture is missing
)

// failure is an error with the exit status it leads to. Its text is one
// sentence that says what is wrong and what to type next.
type failure struct {
	status status
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func failf(s status, format string, args ...any) error {
	return &failure{s, fmt.Errorf(format, args...)}
}

func usagef(format string, args ...any) error { return failf(statusUsage, format, args...) }

// settle prints err, if there is one to be told, and returns the exit status.
// A reader of our output that went away is not told: "| head" means to.
func settle(err error, stderr io.Writer) status {
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return statusDone
	}
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{statusInput, err}
	}
	if text := f.Error(); text != "" {
		fmt.Fprintf(stderr, "tcpflow-explain: %s\n", text)
	}
	return f.status
}
