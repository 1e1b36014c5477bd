package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFollow: a capture grows while it is read; each packet is shown as it comes, and
// Ctrl-C gives the totals.
func TestFollow(t *testing.T) {
	whole, err := os.ReadFile("../../testdata/pcap/final_ack_lost-client.pcap")
	if err != nil {
		t.Fatal(err)
	}
	const most = 2400 // bytes: in the middle of a record near the end
	path := filepath.Join(t.TempDir(), "growing.pcap")
	if err := os.WriteFile(path, whole[:300], 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tcpflow-explain", "-r", path, "--follow")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "COLUMNS=120")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	late := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewScanner(stdout)
	until := func(text string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), text) {
				return
			}
		}
		t.Fatalf("%q was never shown", text)
	}
	until("SYN seq=0")
	appendTo(t, path, whole[300:most])
	until("FIN_WAIT_1")
	appendTo(t, path, whole[most:])
	until("final-ack-lost")
	until("ack=388") // the last packet
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	until("15 frames, 1 TCP connection")
	for lines.Scan() { // to the end, so that nothing is left to write
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func appendTo(t *testing.T, path string, data []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
}
