package main

import (
	"path/filepath"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// TestRecorder: connection 1 gets a finding in the end, 2 none, 3 in its middle. The
// ring has room for ten packets.
func TestRecorder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "findings.pcap")
	save, err := capture.Create(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := newRecorder(save, 4*10*100)
	number := 0
	feed := func(connection, packets int) {
		for range packets {
			number++
			f := reassembly.Frame{Number: number, Time: int64(number) * 1e9, LinkType: 1, Data: make([]byte, 100), Length: 1500}
			f.Data[0] = byte(connection)
			if err := r.add(&f, connection); err != nil {
				t.Fatal(err)
			}
		}
	}
	warning := detect.Finding{Severity: detect.Warning}
	feed(1, 4)
	feed(2, 4)
	feed(3, 2)
	r.finding(&analyzer.Connection{ID: 3}, &warning)
	feed(3, 2)
	feed(2, 2) // pushes out two packets of connection 1
	feed(0, 5) // packets of no connection are not held
	r.connection(&analyzer.Connection{ID: 2})
	r.connection(&analyzer.Connection{ID: 1, Findings: []detect.Finding{warning}})
	r.connection(&analyzer.Connection{ID: 3, Findings: []detect.Finding{warning}})
	feed(4, 20)
	r.connection(&analyzer.Connection{ID: 4})
	feed(0, 1)
	feed(5, 10) // pushes out what is left of connection 4
	if len(r.lost) != 1 || len(r.wrote) != 0 {
		t.Errorf("%d and %d connections are remembered, want the one that is open", len(r.lost), len(r.wrote))
	}
	if err := save.Close(); err != nil {
		t.Fatal(err)
	}
	source, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var f reassembly.Frame
	got := map[byte]int{}
	for source.Next(&f) == nil {
		got[f.Data[0]]++
	}
	if got[1] != 2 || got[2] != 0 || got[3] != 4 || r.late != 2 {
		t.Errorf("written by connection: %v, %d came too late; want 2 of #1, 4 of #3, 2 too late", got, r.late)
	}
}
