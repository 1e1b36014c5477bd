package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/traffic"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// record writes a CPU profile of the reports on captures of all kinds: the compiler
// takes it to see what is worth inlining (default.pgo beside the program's main.go).
func (o options) record() (err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var paths []string
	for _, kind := range traffic.Kinds() {
		made := options{kind: kind.Name, packets: kind.Size, output: filepath.Join(dir, kind.Name+".pcap")}
		if err := made.generate(); err != nil {
			return err
		}
		paths = append(paths, made.output)
	}
	out, err := os.Create(o.profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	for _, path := range paths {
		if err := report(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// report makes the report on a capture, as JSON, and throws it away.
func report(path string) error {
	source, err := capture.Open(path)
	if err != nil {
		return err
	}
	defer source.Close()
	out := sink.NewJSON(bufio.NewWriter(io.Discard), sink.JSONOptions{})
	a := analyzer.New(analyzer.Config{}, out)
	var frame reassembly.Frame
	for err = source.Next(&frame); err == nil; err = source.Next(&frame) {
		if err := a.Feed(&frame); err != nil {
			return err
		}
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	summary, err := a.Close()
	if err != nil {
		return err
	}
	return out.End(summary)
}
