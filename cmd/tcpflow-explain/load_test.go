package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// loadTime is for how long the load lasts.
const loadTime = 3 * time.Second

// counter is a program that captures under load and ends by telling its counts.
type counter struct {
	name string
	cmd  *exec.Cmd
	said bytes.Buffer
}

var counted = regexp.MustCompile(`(?s)(\d+) packets captured.*?(\d+) (?:packets )?dropped by (?:the )?kernel`)

// end interrupts the program and returns its counts and the share of one CPU that it
// took of a time.
func (c *counter) end(t *testing.T, took time.Duration) (captured, dropped int, cpu float64) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("%s: %v", c.name, err)
	}
	m := counted.FindStringSubmatch(c.said.String())
	if m == nil {
		t.Fatalf("%s gives no counts: %q", c.name, &c.said)
	}
	captured, _ = strconv.Atoi(m[1])
	dropped, _ = strconv.Atoi(m[2])
	used := c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
	return captured, dropped, float64(used) / float64(took)
}

// load opens connections, exchanges data and closes, from several sides at once. It
// returns how many connections there were.
func load(t *testing.T, l link) int {
	t.Helper()
	within(t, l.server, func() error {
		sock, err := net.Listen("tcp", serverIP+":9000")
		if err != nil {
			return err
		}
		t.Cleanup(func() { sock.Close() })
		go func() {
			for {
				conn, err := sock.Accept()
				if err != nil {
					return
				}
				go func() {
					io.Copy(conn, conn)
					conn.Close()
				}()
			}
		}()
		return nil
	})
	var connections atomic.Int64
	var all sync.WaitGroup
	payload := make([]byte, 16<<10)
	within(t, l.client, func() error {
		for end := time.Now().Add(loadTime); time.Now().Before(end); {
			conn, err := net.Dial("tcp", serverIP+":9000")
			if err != nil {
				return err
			}
			connections.Add(1)
			all.Go(func() {
				defer conn.Close()
				conn.Write(payload)
				io.ReadFull(conn, make([]byte, len(payload)))
			})
		}
		return nil
	})
	all.Wait()
	return int(connections.Load())
}

// TestLoad: under the same load and in the same run, no more packets are lost than by
// tcpdump -w /dev/null. It tells what each took.
func TestLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("the load lasts some seconds")
	}
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skipf("the comparison needs tcpdump(8): %v", err)
	}
	l := newLink(t)
	programs := []*counter{{name: "tcpflow-explain"}, {name: "tcpflow-explain --json"}, {name: "tcpdump -w /dev/null"}, {name: "tcpdump -n"}}
	args := [][]string{{"tcpflow-explain"}, {"tcpflow-explain", "--json"}, {"tcpdump", "-w", "/dev/null"}, {"tcpdump", "-n"}}
	for i, p := range programs {
		line := append([]string{"netns", "exec", l.client}, append(args[i], "-i", l.clientPort, "tcp", "port", "9000")...)
		p.cmd = exec.Command("ip", line...)
		p.cmd.Stderr = &p.said
		if err := p.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.cmd.Process.Kill() })
	}
	time.Sleep(time.Second) // until all of them listen
	began := time.Now()
	connections := load(t, l)
	time.Sleep(time.Second) // until all have read what is waiting
	took := time.Since(began)
	var lost [4]int
	report := fmt.Sprintf("%d connections in %s\n", connections, loadTime)
	for i, p := range programs {
		captured, dropped, cpu := p.end(t, took)
		lost[i] = dropped
		report += fmt.Sprintf("%-24s %8d captured %8d dropped %5.0f%% of a CPU\n", p.name, captured, dropped, 100*cpu)
	}
	t.Log(report)
	if lost[0] > lost[2] {
		t.Errorf("%d packets were lost, %d by tcpdump -w /dev/null", lost[0], lost[2])
	}
}
