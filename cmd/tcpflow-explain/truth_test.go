package main

import (
	"path/filepath"
	"testing"
)

// TestKernelStates compares the reported states of both ends with those that
// the kernel itself recorded, for the captures that ship with the project.
func TestKernelStates(t *testing.T) {
	for _, row := range table(t, "../../testdata/pcap/states.tsv") {
		capture, client, server := row[0], row[1], row[2]
		t.Run(capture, func(t *testing.T) {
			t.Parallel()
			lines, status := explain(t, "-r", filepath.Join("../../testdata/pcap", capture))
			if status != 0 || len(lines) != 2 || lines[0].Type != "connection" || lines[1].Type != "summary" {
				t.Fatalf("status %d, %d lines; want status 0, one connection and the summary", status, len(lines))
			}
			if client != "-" {
				sameStates(t, "client", lines[0].States.Client, client)
			}
			if server != "-" {
				sameStates(t, "server", lines[0].States.Server, server)
			}
		})
	}
}
