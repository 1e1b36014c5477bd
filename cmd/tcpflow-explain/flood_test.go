package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A flood lasts until so many SYNs are sent, or its time is over.
const (
	floodSYNs = 2_000_000
	floodTime = 6 * time.Second
)

// flood sends SYNs with sources of 198.18.0.0/15 (RFC 2544) from the client's interface
// to the server's port 9000, as fast as the machine gives, and returns how many.
func (l link) flood(t *testing.T) (sent int) {
	t.Helper()
	var server net.HardwareAddr
	within(t, l.server, func() error {
		port, err := net.InterfaceByName(l.serverPort)
		if err == nil {
			server = port.HardwareAddr
		}
		return err
	})
	within(t, l.client, func() error {
		port, err := net.InterfaceByName(l.clientPort)
		if err != nil {
			return err
		}
		socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
		if err != nil {
			return err
		}
		defer unix.Close(socket)
		frame := append(append(server, port.HardwareAddr...), bareSYN()...)
		random := rand.New(rand.NewPCG(1, 2))
		for end := time.Now().Add(floodTime); sent < floodSYNs && time.Now().Before(end); {
			forge(frame, random)
			switch err := unix.Sendto(socket, frame, 0, &unix.SockaddrLinklayer{Ifindex: port.Index}); err {
			case nil:
				sent++
			case unix.ENOBUFS: // it was lost on the way to the other interface
			default:
				return err
			}
		}
		return nil
	})
	return sent
}

// bareSYN is a SYN for the server's port 9000 with Linux's options, from the type of the
// Ethernet frame on. forge fills in the rest.
func bareSYN() []byte {
	return []byte{
		0x08, 0x00,
		0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2,
		0, 0, 9000 >> 8, 9000 & 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 10 << 4, 2, 0xfa, 0xf0, 0, 0, 0, 0,
		2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7,
	}
}

// forge makes the SYN one of another client: source, number, time stamp and checksums.
func forge(frame []byte, random *rand.Rand) {
	ip, tcp, put16, put32 := frame[14:34], frame[34:74], binary.BigEndian.PutUint16, binary.BigEndian.PutUint32
	put16(ip[4:], uint16(random.Uint32()))
	put32(ip[12:], 198<<24|18<<16|random.Uint32N(1<<17))
	put16(tcp, uint16(1024+random.Uint32N(64000)))
	put32(tcp[4:], random.Uint32())
	put32(tcp[28:], random.Uint32())
	put16(ip[10:], 0)
	put16(ip[10:], ^checksum(0, ip))
	put16(tcp[16:], 0)
	put16(tcp[16:], ^checksum(checksum(6+uint16(len(tcp)), ip[12:]), tcp))
}

// checksum adds b to a sum of ones' complements (RFC 1071).
func checksum(sum uint16, b []byte) uint16 {
	total := uint32(sum)
	for i := 0; i < len(b); i += 2 {
		total += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for total > 0xffff {
		total = total&0xffff + total>>16
	}
	return uint16(total)
}

// resident returns the memory of the program in KiB, now and at most so far, as the
// kernel counts it (proc(5)).
func (l *listener) resident() (now, most int) {
	l.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.pid()))
	if err != nil {
		l.t.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB\nVmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		l.t.Fatalf("no memory is told in %s", status)
	}
	most, _ = strconv.Atoi(string(m[1]))
	now, _ = strconv.Atoi(string(m[2]))
	return now, most
}

// drain waits until the program has read all that waited for it, and returns its counts.
func (l *listener) drain() (captured, dropped int, open string) {
	l.t.Helper()
	for before := -1; captured > before; time.Sleep(300 * time.Millisecond) {
		before = captured
		syscall.Kill(l.pid(), syscall.SIGUSR1)
		line := l.saying(`packets captured`)
		if _, err := fmt.Sscanf(line, "tcpflow-explain: %d packets captured, %d dropped", &captured, &dropped); err != nil {
			l.t.Fatalf("%q: %v", line, err)
		}
		_, open, _ = strings.Cut(strings.TrimSpace(line), "open: ")
	}
	return captured, dropped, open
}

// containing finds lines that hold one of the words.
func containing(words ...string) func(line []byte) bool {
	return func(line []byte) bool {
		return slices.ContainsFunc(words, func(word string) bool { return bytes.Contains(line, []byte(word)) })
	}
}

// TestFlood: a SYN flood costs no more than the bound. The connection that was there
// before it is followed to its end, what was let go is told, and each packet is either
// captured or known to be dropped.
func TestFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("the flood lasts some seconds")
	}
	wanted := containing(`"client":{"ip":"192.0.2.1"`, `"type":"summary"`, " #1 ", "Let go", "syn-flood (error)")
	for _, c := range []struct {
		name     string
		answered bool
		args     []string
		bound    int      // KiB on top of what the program begins with
		shows    []string // in the order in which it tells them
	}{
		{"answered, with the bounds of a small host", true, nil,
			2 * defaultConnections, []string{`syn-flood \(error\)`, `#1 .*closed by the client`, `Let go while open, .*: [\d,]+ connections`}},
		{"unanswered, within little memory", false, []string{"--json", "--max-connections", "10000000", "--max-memory", "16"},
			3 * 16 << 10, []string{`"client":{"ip":"192.0.2.1".*"teardown":"fin"`, `"let_go":\d+`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLink(t)
			if c.answered { // otherwise the server drops what it has no way back to
				ip(t, "-n", l.server, "route", "add", "default", "via", clientIP)
			}
			program := listenFor(t, wanted, l.server, append(c.args, "-i", l.serverPort, "port", "9000")...)
			client, server := l.hold(t)
			began, _ := program.resident()
			sent := l.flood(t)
			captured, dropped, open := program.drain()
			_, most := program.resident()
			t.Logf("%d SYNs sent, %d packets captured, %d dropped; %d KiB at first, %d at most; open: %s", sent, captured, dropped, began, most, open)
			if most-began > c.bound {
				t.Errorf("the program grew by %d KiB, the bound is %d", most-began, c.bound)
			}
			if captured+dropped < sent {
				t.Errorf("%d packets are not accounted for", sent-captured-dropped)
			}
			if told := strings.Contains(program.said.String(), "packets are being dropped"); told != (dropped > 0) {
				t.Errorf("that packets are dropped is told: %t", told)
			}
			client.Close()
			server.Read(make([]byte, 1)) // the end of the stream
			server.Close()
			program.drain()
			shown := program.end()
			if want := strings.Join(c.shows, "(?s:.*)"); !regexp.MustCompile(want).MatchString(shown) {
				t.Errorf("nothing like %q is told:\n%s", want, shown)
			}
		})
	}
}
