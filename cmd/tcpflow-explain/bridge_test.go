package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// bridge is a client and a server in namespaces of their own, joined by a bridge in
// a third one, where packets are captured. Its ports are named to-client and to-server.
type bridge struct {
	link
	host string
}

func newBridge(t *testing.T) bridge {
	t.Helper()
	b := bridge{link: newLink(t)}
	b.host = fmt.Sprintf("tfx%db", os.Getpid())
	ip(t, "netns", "add", b.host)
	t.Cleanup(func() { ip(t, "netns", "del", b.host) })
	ip(t, "-n", b.client, "link", "del", b.clientPort) // the direct way
	ip(t, "-n", b.host, "link", "add", "br0", "type", "bridge")
	ip(t, "-n", b.host, "link", "set", "br0", "up")
	for _, end := range [][4]string{{b.client, b.clientPort, clientIP, "to-client"}, {b.server, b.serverPort, serverIP, "to-server"}} {
		ip(t, "-n", b.host, "link", "add", end[3], "type", "veth", "peer", "name", end[1], "netns", end[0])
		ip(t, "-n", b.host, "link", "set", end[3], "master", "br0", "up")
		ip(t, "-n", end[0], "address", "add", end[2]+"/24", "dev", end[1])
		ip(t, "-n", end[0], "link", "set", end[1], "up")
	}
	return b
}

// drop has a namespace lose packets that arrive and match, until mend is called.
func drop(t *testing.T, ns, match string) (mend func()) {
	t.Helper()
	return dropAt(t, "input", ns, match)
}

// dropAt is drop for any hook of nftables: with output, packets are lost before anybody
// sees them.
func dropAt(t *testing.T, hook, ns, match string) (mend func()) {
	t.Helper()
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skipf("losing packets needs nft(8): %v", err)
	}
	nft := func(args ...string) ([]byte, error) {
		return exec.Command("ip", append([]string{"netns", "exec", ns, "nft"}, args...)...).CombinedOutput()
	}
	if out, err := nft("add table ip lossy"); err != nil {
		t.Skipf("no nftables here: %v: %s", err, out)
	}
	for _, command := range []string{
		"add chain ip lossy here { type filter hook " + hook + " priority 0; }",
		"add rule ip lossy here " + match + " drop",
	} {
		if out, err := nft(command); err != nil {
			t.Fatalf("nft %s: %v: %s", command, err, out)
		}
	}
	return func() {
		if out, err := nft("delete table ip lossy"); err != nil {
			t.Fatalf("nft: %v: %s", err, out)
		}
	}
}

// bareACKs matches segments of the client that only acknowledge.
const bareACKs = "tcp dport 9000 tcp flags & (fin|syn|rst|psh|ack) == ack"

// kernelStates returns what ss(8) says of the sockets of port 9000 in a namespace,
// listeners aside.
func kernelStates(t *testing.T, ns string) []string {
	t.Helper()
	out, err := exec.Command("ip", "netns", "exec", ns, "ss", "-tanH", "sport = :9000 or dport = :9000").Output()
	if err != nil {
		t.Skipf("the kernel's states need ss(8): %v", err)
	}
	var sockets []string
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 5 && f[0] != "LISTEN" {
			sockets = append(sockets, f[0])
		}
	}
	return sockets
}

// eachOnce fails for a report in which a packet that passed the bridge counts twice.
func eachOnce(t *testing.T, c jsonLine) {
	t.Helper()
	if c.Interfaces == nil {
		t.Fatal("no way is told")
	}
	if got, want := fmt.Sprint(c.Interfaces.Client, c.Interfaces.Server), "[to-client to-server] [to-server to-client]"; got != want {
		t.Errorf("the packets took the ways %s, want %s", got, want)
	}
	for _, code := range []string{"retransmission", "syn-retransmitted", "fin-retransmitted"} {
		if bytes.Contains(c.Findings, []byte(`"`+code+`"`)) {
			t.Errorf("copies were taken for repetitions: %s", c.Findings)
		}
	}
}

// serve listens at the server and hands over the first connection.
func (l link) serve(t *testing.T) <-chan net.Conn {
	t.Helper()
	accepted := make(chan net.Conn, 1)
	within(t, l.server, func() error {
		sock, err := net.Listen("tcp", serverIP+":9000")
		if err != nil {
			return err
		}
		t.Cleanup(func() { sock.Close() })
		go func() {
			conn, _ := sock.Accept()
			accepted <- conn
		}()
		return nil
	})
	return accepted
}

// hold opens a connection from the client to a server that accepts it, and keeps both ends.
func (l link) hold(t *testing.T) (client, server net.Conn) {
	t.Helper()
	accepted := l.serve(t)
	within(t, l.client, func() (err error) {
		client, err = net.DialTimeout("tcp", serverIP+":9000", 5*time.Second)
		return err
	})
	if server = <-accepted; server == nil {
		t.Fatal("no connection was accepted")
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// TestBridge: through a bridge, each packet is told once, with its way; the states are
// those that the kernels of both ends have.
func TestBridge(t *testing.T) {
	b := newBridge(t)
	report := listen(t, b.host, "-i", "any", "--json", "--segments", "port", "9000")
	client, server := b.hold(t)
	fmt.Fprint(client, "ping")
	server.Read(make([]byte, 4))
	client.(*net.TCPConn).CloseWrite()
	server.Read(make([]byte, 1)) // the end of the stream
	report.until(`"from":"server","flags":"ACK".*"client":"FIN_WAIT_2","server":"CLOSE_WAIT"`)
	if got := fmt.Sprint(kernelStates(t, b.client), kernelStates(t, b.server)); got != "[FIN-WAIT-2] [CLOSE-WAIT]" {
		t.Errorf("the kernels say %s", got)
	}
	server.Close()
	report.until(`"client":"TIME_WAIT","server":"CLOSED"`)
	c := connection(t, report.interrupt())
	eachOnce(t, c)
	sameStates(t, "client", c.States.Client, "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT")
	sameStates(t, "server", c.States.Server, "SYN_RCVD ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED")
}

// TestBridgeTrouble: what goes wrong behind the bridge is found, and nothing else.
func TestBridgeTrouble(t *testing.T) {
	for _, c := range []struct {
		name, code string
		spoil      func(t *testing.T, b bridge)
		until      string
	}{
		{"refused", "connection-refused", func(t *testing.T, b bridge) {
			within(t, b.client, func() error {
				if conn, err := net.Dial("tcp", serverIP+":9000"); err == nil {
					conn.Close()
					return fmt.Errorf("somebody listens")
				}
				return nil
			})
		}, `"flags":"RST`},
		{"reset", "abortive-close", func(t *testing.T, b bridge) {
			client, server := b.hold(t)
			fmt.Fprint(client, "ping")
			server.Read(make([]byte, 4))
			fmt.Fprint(server, "pong")
			client.Read(make([]byte, 4))
			client.(*net.TCPConn).SetLinger(0)
			client.Close()
		}, `"flags":"RST`},
		{"half open: the ACK of the handshake is lost", "handshake-ack-lost", func(t *testing.T, b bridge) {
			drop(t, b.server, bareACKs)
			b.serve(t)
			within(t, b.client, func() error {
				conn, err := net.DialTimeout("tcp", serverIP+":9000", 5*time.Second)
				if err == nil {
					t.Cleanup(func() { conn.Close() })
				}
				return err
			})
			time.Sleep(time.Second / 2)
			if got := kernelStates(t, b.server); fmt.Sprint(got) != "[SYN-RECV]" {
				t.Errorf("the server's kernel says %s", got)
			}
		}, `"flags":"SYN,ACK".*"retransmission"`},
		{"last ACK lost", "final-ack-lost", func(t *testing.T, b bridge) {
			client, server := b.hold(t)
			client.(*net.TCPConn).CloseWrite()
			server.Read(make([]byte, 1)) // the end of the stream
			drop(t, b.server, bareACKs+" limit rate 1/minute burst 1 packets")
			server.Close()
		}, `"from":"server","flags":"FIN,ACK".*"retransmission"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			report := listen(t, b.host, "-i", "any", "--json", "--segments", "port", "9000")
			c.spoil(t, b)
			report.until(c.until)
			time.Sleep(100 * time.Millisecond)
			got := connection(t, report.interrupt())
			if !bytes.Contains(got.Findings, []byte(`"`+c.code+`"`)) {
				t.Errorf("findings %s, want %s", got.Findings, c.code)
			}
		})
	}
}

// TestBridgeUnanswered: that a client has given up is told while the capture goes on,
// by the clock, because no packet will ever tell it.
func TestBridgeUnanswered(t *testing.T) {
	if testing.Short() {
		t.Skip("silence takes some seconds to prove anything")
	}
	b := newBridge(t)
	drop(t, b.server, "tcp dport 9000")
	text := listen(t, b.host, "-i", "any", "port", "9000")
	report := listen(t, b.host, "-i", "any", "--json", "port", "9000")
	within(t, b.client, func() error {
		if conn, err := net.DialTimeout("tcp", serverIP+":9000", 1500*time.Millisecond); err == nil {
			conn.Close()
			return fmt.Errorf("somebody answered")
		}
		return nil
	})
	report.until(`"type":"connection".*"handshake":"unanswered".*"code":"syn-unanswered"`)
	text.until("syn-unanswered")
	report.interrupt()
	text.interrupt()
}

// TestBridgeHalfOpen: the server loses its end of a connection without a word, and is
// back before the client says anything (RFC 9293 §3.5.1, figure 9). Only the answer to the
// client's data tells, to its kernel as to us.
func TestBridgeHalfOpen(t *testing.T) {
	b := newBridge(t)
	text := listen(t, b.host, "-i", "any", "port", "9000")
	report := listen(t, b.host, "-i", "any", "--json", "--segments", "port", "9000")
	client, server := b.hold(t)
	fmt.Fprint(client, "ping")
	server.Read(make([]byte, 4))
	report.until(`"from":"server","flags":"ACK".*"client":"ESTABLISHED","server":"ESTABLISHED"`)

	mend := dropAt(t, "output", b.server, "tcp sport 9000")
	server.(*net.TCPConn).SetLinger(0)
	server.Close() // its reset is lost
	mend()
	if got := fmt.Sprint(kernelStates(t, b.client), kernelStates(t, b.server)); got != "[ESTAB] []" {
		t.Fatalf("the kernels say %s", got)
	}
	fmt.Fprint(client, "ping")
	report.until(`"from":"server","flags":"RST.*"client":"CLOSED","server":"CLOSED"`)
	if got := fmt.Sprint(kernelStates(t, b.client), kernelStates(t, b.server)); got != "[] []" {
		t.Errorf("the kernels say %s", got)
	}
	text.until("way: to-client → to-server, back to-server → to-client")
	text.until(`◄── RST`)
	c := connection(t, report.interrupt())
	eachOnce(t, c)
	sameStates(t, "client", c.States.Client, "SYN_SENT ESTABLISHED CLOSED")
	sameStates(t, "server", c.States.Server, "SYN_RCVD ESTABLISHED CLOSED")
	if !bytes.Contains(c.Findings, []byte(`"half-open-peer-gone"`)) {
		t.Errorf("findings %s", c.Findings)
	}
	if shown := text.interrupt(); !strings.Contains(shown, "half-open-peer-gone") {
		t.Errorf("the text does not tell the finding:\n%s", shown)
	}
}
