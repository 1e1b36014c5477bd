package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// link is a client and a server in network namespaces of their own, joined by a
// pair of virtual Ethernet interfaces.
type link struct {
	client, server         string // names of the namespaces
	clientPort, serverPort string // names of the interfaces
}

// The addresses of the link's ends: documentation prefixes, so that nothing real is meant.
const (
	clientIP = "192.0.2.1"
	serverIP = "192.0.2.2"
)

// newLink makes the namespaces and takes them away when the test ends.
func newLink(t *testing.T) link {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces and live capture need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skipf("network namespaces need ip(8): %v", err)
	}
	tag := fmt.Sprintf("tfx%d", os.Getpid())
	l := link{client: tag + "c", server: tag + "s", clientPort: "client0", serverPort: "server0"}
	for _, ns := range []string{l.client, l.server} {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("no network namespaces here: %v: %s", err, out)
		}
		t.Cleanup(func() { ip(t, "netns", "del", ns) })
	}
	ip(t, "-n", l.client, "link", "add", l.clientPort, "type", "veth", "peer", "name", l.serverPort, "netns", l.server)
	for _, end := range [][3]string{{l.client, l.clientPort, clientIP}, {l.server, l.serverPort, serverIP}} {
		ip(t, "-n", end[0], "address", "add", end[2]+"/24", "dev", end[1])
		ip(t, "-n", end[0], "link", "set", end[1], "up")
	}
	return l
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// within runs f on a thread that lives in the namespace: sockets belong to the
// namespace of the thread that made them. The thread ends with f.
func within(t *testing.T, ns string, f func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the runtime ends the thread
		file, err := os.Open(filepath.Join("/run/netns", ns))
		if err == nil {
			defer file.Close()
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatalf("in %s: %v", ns, err)
	}
}

// listener is a running tcpflow-explain that captures.
type listener struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan string   // of standard output
	stderr *bufio.Reader // behind its "listening on" line
	said   bytes.Buffer  // what was read of it
	shown  bytes.Buffer  // what lines has brought
}

// listen starts the program in the namespace and waits until it captures.
func listen(t *testing.T, ns string, args ...string) *listener {
	t.Helper()
	return listenFor(t, func([]byte) bool { return true }, ns, args...)
}

// listenFor is listen for some of the lines only, where there may be very many.
func listenFor(t *testing.T, wanted func(line []byte) bool, ns string, args ...string) *listener {
	t.Helper()
	l := &listener{t: t, lines: make(chan string, 1000)}
	l.cmd = exec.Command("ip", append([]string{"netns", "exec", ns, "tcpflow-explain"}, args...)...)
	l.cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "COLUMNS=120")
	stdout, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := l.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.cmd.Process.Kill() })
	go func() {
		defer close(l.lines)
		for scan := bufio.NewScanner(stdout); scan.Scan(); {
			if wanted(scan.Bytes()) {
				l.lines <- scan.Text()
			}
		}
	}()
	l.stderr = bufio.NewReader(io.TeeReader(stderr, &l.said))
	if first, _ := l.stderr.ReadString('\n'); !strings.Contains(first, "listening on") {
		t.Fatalf("the program began with %q", first)
	}
	return l
}

// until reads lines until one matches, for a few seconds at most.
func (l *listener) until(pattern string) {
	l.t.Helper()
	re, late := regexp.MustCompile(pattern), time.After(10*time.Second)
	for {
		select {
		case line, more := <-l.lines:
			fmt.Fprintln(&l.shown, line)
			if re.MatchString(line) {
				return
			}
			if !more {
				l.t.Fatalf("the program ended before it printed %q:\n%s", pattern, &l.shown)
			}
		case <-late:
			l.t.Fatalf("no line matches %q:\n%s", pattern, &l.shown)
		}
	}
}

// interrupt presses Ctrl-C and returns all that the program printed. It must end
// within a second, with status 0.
func (l *listener) interrupt() string {
	l.t.Helper()
	pressed := time.Now()
	shown := l.end()
	if took := time.Since(pressed); took > time.Second {
		l.t.Errorf("the summary came %v after Ctrl-C", took)
	}
	return shown
}

// end is interrupt where there is so much to tell that it may take longer.
func (l *listener) end() string {
	l.t.Helper()
	if err := l.cmd.Process.Signal(syscall.SIGINT); err != nil {
		l.t.Fatal(err)
	}
	for line := range l.lines {
		fmt.Fprintln(&l.shown, line)
	}
	io.Copy(io.Discard, l.stderr)
	if err := l.cmd.Wait(); err != nil {
		l.t.Errorf("%v: %s", err, &l.said)
	}
	return l.shown.String()
}

// connection is the only connection of a --json report that has ended.
func connection(t *testing.T, report string) (c jsonLine) {
	t.Helper()
	n := 0
	for _, l := range jsonLines(t, []byte(report)) {
		if l.Type == "connection" {
			n, c = n+1, l
		}
	}
	if n != 1 {
		t.Fatalf("%d connections, want one:\n%s", n, report)
	}
	return c
}

// serve accepts one connection, answers one request and closes after the client.
func serve(l net.Listener) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.CopyN(conn, conn, 4); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn)
	return err
}

// request opens a connection, exchanges a few bytes and closes first.
func request(address string) error {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("ping")); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, 4))
	return err
}

// TestLiveClose captures a real connection between a real client and server, at
// the client's interface as text and at the server's as JSON.
func TestLiveClose(t *testing.T) {
	l := newLink(t)
	text := listen(t, l.client, "-ni", l.clientPort, "port", "9000")
	report := listen(t, l.server, "-i", "any", "--json", "--segments", "port", "9000")

	served := make(chan error, 1)
	within(t, l.server, func() error {
		sock, err := net.Listen("tcp", serverIP+":9000")
		if err == nil {
			go func() { defer sock.Close(); served <- serve(sock) }()
		}
		return err
	})
	within(t, l.client, func() error { return request(serverIP + ":9000") })
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	report.until(`"from":"server","flags":"FIN,ACK"`)
	report.until(`"from":"client","flags":"ACK"`)
	c := connection(t, report.interrupt())
	sameStates(t, "client", c.States.Client, "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT")
	sameStates(t, "server", c.States.Server, "SYN_RCVD ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED")
	if c.Client.IP != clientIP || c.Server.IP != serverIP || string(c.Findings) != "[]" {
		t.Errorf("client %s, server %s, findings %s", c.Client.IP, c.Server.IP, c.Findings)
	}

	shown := text.interrupt()
	for _, state := range []string{"SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSED"} {
		if !strings.Contains(shown, state) {
			t.Errorf("the text does not show %s:\n%s", state, shown)
		}
	}
}

// TestLiveRefused: nobody listens on the port.
func TestLiveRefused(t *testing.T) {
	l := newLink(t)
	report := listen(t, l.client, "-i", l.clientPort, "--json", "--segments", "tcp")
	within(t, l.client, func() error {
		if err := request(serverIP + ":9001"); err == nil {
			return fmt.Errorf("somebody listens on port 9001")
		}
		return nil
	})
	report.until(`"flags":"RST`)
	c := connection(t, report.interrupt())
	sameStates(t, "client", c.States.Client, "SYN_SENT CLOSED")
	if !bytes.Contains(c.Findings, []byte(`"connection-refused"`)) {
		t.Errorf("findings %s", c.Findings)
	}
}

// TestLiveSilence: Ctrl-C ends a capture in which nothing was ever seen.
func TestLiveSilence(t *testing.T) {
	l := newLink(t)
	if out := listen(t, l.client, "-i", l.clientPort, "tcp", "port", "9").interrupt(); out == "" {
		t.Error("no summary")
	}
}

// TestLiveDenied: without the privilege the program says how to get it.
func TestLiveDenied(t *testing.T) {
	program, err := exec.LookPath("tcpflow-explain")
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(program, "-i", "any")
	cmd.Stderr = &stderr
	if os.Geteuid() == 0 {
		cmd.Path = readable(t, program)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != int(statusDenied) {
		t.Errorf("exit status %d, want %d", got, statusDenied)
	}
	if text := stderr.String(); !strings.Contains(text, "sudo") || strings.Count(text, "\n") != 1 {
		t.Errorf("want one sentence that names sudo, got %q", text)
	}
}

// readable copies the program to where any user can run it.
func readable(t *testing.T, program string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tcpflow-explain")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	data, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tcpflow-explain")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// sameStates compares a reported sequence with the wanted one.
func sameStates(t *testing.T, side string, got []struct{ State string }, want string) {
	t.Helper()
	var states []string
	for _, s := range got {
		states = append(states, s.State)
	}
	if !slices.Equal(states, strings.Fields(want)) {
		t.Errorf("%s:\n got %s\nwant %s", side, strings.Join(states, " "), want)
	}
}
