package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// saying waits until standard error has a line that matches.
func (l *listener) saying(pattern string) string {
	l.t.Helper()
	found := make(chan string, 1)
	go func() {
		re := regexp.MustCompile(pattern)
		for {
			line, err := l.stderr.ReadString('\n')
			if re.MatchString(line) || err != nil {
				found <- line
				return
			}
		}
	}()
	select {
	case line := <-found:
		if line == "" {
			l.t.Fatalf("the program ended before it said %q", pattern)
		}
		return line
	case <-time.After(10 * time.Second):
		l.t.Fatalf("nothing like %q was said", pattern)
	}
	return ""
}

// pid returns the process that captures: ip(8) has become it.
func (l *listener) pid() int { return l.cmd.Process.Pid }

// TestKilled: what -w has written until the program is killed can be read.
func TestKilled(t *testing.T) {
	l := newLink(t)
	path := filepath.Join(t.TempDir(), "killed.pcap")
	report := listen(t, l.client, "-i", l.clientPort, "--json", "--segments", "-w", path, "port", "9001")
	within(t, l.client, func() error {
		if err := request(serverIP + ":9001"); err == nil {
			return fmt.Errorf("somebody listens on port 9001")
		}
		return nil
	})
	report.until(`"flags":"RST`)
	time.Sleep(300 * time.Millisecond) // more than the time between two flushes
	report.cmd.Process.Kill()
	report.cmd.Wait()
	if lines, status := explain(t, "-r", path); status != 0 || len(lines) == 0 || lines[0].Type != "connection" {
		t.Errorf("status %d, %d lines", status, len(lines))
	}
}

// TestSignals: SIGUSR1 tells the counters, SIGHUP goes on to another file.
func TestSignals(t *testing.T) {
	l := newLink(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pcap")
	report := listen(t, l.client, "-i", l.clientPort, "-Z", "root", "-w", path)
	syscall.Kill(report.pid(), syscall.SIGUSR1)
	report.saying(`packets captured, 0 dropped, \d+ TCP segments, none open`)
	syscall.Kill(report.pid(), syscall.SIGHUP)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(path + "1"); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no second file")
		}
	}
	report.interrupt()
	for _, name := range []string{path, path + "1"} {
		if _, status := explain(t, "-r", name); status != 0 {
			t.Errorf("%s: status %d", name, status)
		}
	}
}

// TestPrivileges: a capture that root has opened goes on as nobody, in every thread. To
// open it again one thread keeps the privilege for that, and no other.
func TestPrivileges(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		kept int // threads with CAP_NET_RAW
	}{
		{"all given up", nil, 0},
		{"to be opened again", []string{"--retry"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLink(t)
			t.Setenv("SUDO_UID", "")
			report := listen(t, l.client, append(c.args, "-i", l.clientPort, "--json", "--segments", "port", "9001")...)
			if kept := report.privileged(); kept != c.kept {
				t.Errorf("%d threads have kept a capability, want %d", kept, c.kept)
			}
			within(t, l.client, func() error { request(serverIP + ":9001"); return nil })
			report.until(`"flags":"RST`) // packets come after the change
			report.interrupt()
		})
	}
}

// privileged returns how many threads may capture. None may do more, or be root.
func (l *listener) privileged() (threads int) {
	l.t.Helper()
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", l.pid()))
	if err != nil || len(paths) == 0 {
		l.t.Fatal("no threads: ", err)
	}
	for _, path := range paths {
		status, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		capabilities := "0000000000000000"
		if !strings.Contains(string(status), "CapPrm:\t"+capabilities) {
			capabilities = "0000000000002000" // CAP_NET_RAW
			threads++
		}
		for _, want := range []string{"Uid:\t65534\t65534\t65534\t65534", "Gid:\t65534", "CapEff:\t" + capabilities, "CapPrm:\t" + capabilities, "CapAmb:\t0000000000000000", "NoNewPrivs:\t1"} {
			if !strings.Contains(string(status), want) {
				l.t.Errorf("%s has no %q", path, want)
			}
		}
	}
	return threads
}

// TestMetrics: the counts are served, and no address is in them.
func TestMetrics(t *testing.T) {
	l := newLink(t)
	ip(t, "-n", l.client, "link", "set", "lo", "up")
	report := listen(t, l.client, "-i", l.clientPort, "--json", "--segments", "--metrics", "9109", "port", "9001")
	within(t, l.client, func() error { request(serverIP + ":9001"); return nil })
	report.until(`"flags":"RST`)
	time.Sleep(1200 * time.Millisecond) // the next page
	var page, health string
	within(t, l.client, func() (err error) {
		if page, err = get("http://127.0.0.1:9109/metrics"); err == nil {
			health, err = get("http://127.0.0.1:9109/health")
		}
		return err
	})
	for _, want := range []string{"\ntcpflow_segments_total 2\n", "\ntcpflow_dropped_packets_total 0\n", "\ntcpflow_findings_total{code=\"connection-refused\"} 1\n", `tcpflow_open_endpoints{side="client",state="CLOSED"} 1`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "192.0.2.") || health != "ok\n" {
		t.Errorf("health %q; page\n%s", health, page)
	}
	report.interrupt()
}

// get fetches a page over a connection of the calling thread, whose namespace counts.
func get(url string) (string, error) {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return "", err
	}
	conn, err := net.Dial("tcp", request.URL.Host)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := request.Write(conn); err != nil {
		return "", err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// TestInterfaceDown: an interface that goes down and comes back is told, and survived;
// with --retry also one that is taken away and made again.
func TestInterfaceDown(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		away [][]string
		told string
		back [][]string
	}{
		{"down", nil, [][]string{{"link", "set", "client0", "down"}}, "is down", [][]string{{"link", "set", "client0", "up"}}},
		{"gone", []string{"--retry"}, [][]string{{"link", "del", "client0"}}, "is gone", [][]string{
			{"link", "add", "client0", "type", "veth", "peer", "name", "other0"},
			{"address", "add", clientIP + "/24", "dev", "client0"},
			{"link", "set", "other0", "up"},
			{"link", "set", "client0", "up"},
			{"neighbour", "add", serverIP, "lladdr", "02:00:00:00:00:02", "dev", "client0"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLink(t)
			report := listen(t, l.client, append([]string{"-i", l.clientPort, "--json", "--segments"}, append(c.args, "port", "9001")...)...)
			for _, args := range c.away {
				ip(t, append([]string{"-n", l.client}, args...)...)
			}
			report.saying(c.told)
			for _, args := range c.back {
				ip(t, append([]string{"-n", l.client}, args...)...)
			}
			report.saying("is back")
			within(t, l.client, func() error {
				conn, err := net.DialTimeout("tcp", serverIP+":9001", time.Second/2)
				if err == nil {
					conn.Close()
				}
				return nil
			})
			report.until(`"flags":"SYN`)
			report.interrupt()
		})
	}
}

// TestOnlyFindings: of two connections, the file gets the one with a finding, whole.
func TestOnlyFindings(t *testing.T) {
	b := newBridge(t)
	path := filepath.Join(t.TempDir(), "findings.pcap")
	report := listen(t, b.host, "-i", "to-client", "--json", "--segments", "-w", path, "--only-findings", "portrange", "9000-9001")
	client, server := b.hold(t)
	client.Close()
	io.Copy(io.Discard, server)
	server.Close()
	within(t, b.client, func() error { request(serverIP + ":9001"); return nil })
	report.until(`"flags":"RST`)
	report.interrupt()
	lines, _ := explain(t, "-r", path)
	if n := len(lines); n != 2 || !strings.Contains(string(lines[0].Findings), "connection-refused") {
		t.Errorf("%d lines, the first has findings %s; want the refused connection and the summary", n, lines[0].Findings)
	}
}
