package main

import (
	"net"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/dumptext"
)

// The formats that --from takes.
const (
	fromCapture     = "capture"
	fromTcpdumpText = "tcpdump-text"
)

// openText opens what tcpdump printed.
func openText(path string) (capture.Source, error) {
	r, err := capture.OpenText(path)
	if err != nil {
		return nil, err
	}
	source, err := dumptext.NewReader(path, r, portNamed)
	if err != nil {
		r.Close()
		return nil, err
	}
	return source, nil
}

// portNamed returns the port of a service, as far as this system has a name for it.
func portNamed(service string) (uint16, bool) {
	port, err := net.LookupPort("tcp", service)
	return uint16(port), err == nil
}
