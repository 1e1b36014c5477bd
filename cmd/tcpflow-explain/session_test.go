package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestInterruptedPipe: Ctrl-C reaches both ends of "tcpdump -w - | tcpflow-explain
// -r -"; what has come is still explained.
func TestInterruptedPipe(t *testing.T) {
	file, err := os.Open("../../testdata/pcap/half_close_client-client.pcap.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	capture, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	cmd := exec.Command("tcpflow-explain", "-r", "-", "--json")
	cmd.Stdout, cmd.Stderr = &stdout, os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Far more than a pipe and a reader's buffer hold: once it is written, the
	// program is reading frames.
	if _, err := io.Copy(stdin, capture); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
	if lines := jsonLines(t, stdout.Bytes()); len(lines) != 2 || lines[1].Type != "summary" {
		t.Errorf("no whole report:\n%s", &stdout)
	}
}
