package capture

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// openLive skips the test where capturing is not permitted.
func openLive(t *testing.T, o LiveOptions) *Live {
	t.Helper()
	l, err := OpenLive(o)
	if errors.Is(err, fs.ErrPermission) {
		t.Skip("not permitted to capture: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// listen returns a listener on loopback and a filter for its port.
func listen(t *testing.T) (net.Listener, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln, "tcp port " + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
}

func TestLiveLoopback(t *testing.T) {
	for device, linkType := range map[string]uint16{"lo": 1, "any": linkTypeCooked2} {
		t.Run(device, func(t *testing.T) {
			ln, filter := listen(t)
			l := openLive(t, LiveOptions{Interface: device, Filter: filter, Promiscuous: true})
			began := time.Now()
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			c.Close()

			var f reassembly.Frame
			for number := 1; number <= 3; number++ { // the handshake, at least
				nextFrame(t, l, &f)
				if f.Number != number || f.LinkType != linkType || len(f.Data) == 0 || f.Length < len(f.Data) {
					t.Fatalf("frame %d is %+v", number, f)
				}
				if device == "any" && l.InterfaceName(f.Interface) != "lo" {
					t.Errorf("frame %d was seen on %q, want lo", number, l.InterfaceName(f.Interface))
				}
				if late := time.Unix(0, f.Time).Sub(began); late < -time.Second || late > time.Minute {
					t.Errorf("frame %d was captured %v after the test began", number, late)
				}
			}
			if l.LinkTypes()[0] != linkType || l.Drops() != 0 {
				t.Errorf("link types %v, %d drops", l.LinkTypes(), l.Drops())
			}
		})
	}
}

// nextFrame waits for a frame, for ten seconds at most.
func nextFrame(t *testing.T, l *Live, f *reassembly.Frame) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		err := l.Next(f)
		if err == nil {
			return
		}
		if err != ErrTimeout {
			t.Fatal(err)
		}
	}
	t.Fatal("no frame within ten seconds")
}

func TestLiveTimeoutAndClose(t *testing.T) {
	_, filter := listen(t)
	l := openLive(t, LiveOptions{Interface: "lo", Filter: filter})
	var f reassembly.Frame
	began := time.Now()
	if err := l.Next(&f); err != ErrTimeout {
		t.Errorf("got error %v with nothing to capture, want ErrTimeout", err)
	}
	if waited := time.Since(began); waited > 20*PollInterval {
		t.Errorf("Next came back after %v", waited)
	}
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if err := l.Next(&f); err != io.EOF {
		t.Errorf("got error %v after Close, want io.EOF", err)
	}
	if l.Drops() != 0 {
		t.Errorf("%d drops after Close", l.Drops())
	}
}

func TestLiveErrors(t *testing.T) {
	openLive(t, LiveOptions{Interface: "lo"}) // or skip
	_, err := OpenLive(LiveOptions{Interface: "nonesuch0"})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "there is no interface nonesuch0 to capture on; there are: ") || !strings.Contains(err.Error(), "lo") {
		t.Errorf("unknown interface: %v", err)
	}
	_, err = OpenLive(LiveOptions{Interface: "9999"})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("position beyond the list: %v", err)
	}
	_, err = OpenLive(LiveOptions{Interface: "lo", Filter: "prt 80"})
	if err == nil || !strings.Contains(err.Error(), "the filter 'prt 80' cannot be compiled for lo: ") {
		t.Errorf("bad filter: %v", err)
	}
}

func TestInterfaces(t *testing.T) {
	list, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(i Interface) bool { return i.Name == "lo" })
	if i < 0 {
		t.Skip("this system has no interface lo")
	}
	if !list[i].Loopback {
		t.Error("lo is not known as loopback")
	}
	name, err := deviceName(strconv.Itoa(i + 1))
	if err != nil || name != "lo" {
		t.Errorf("position %d is %q, error %v", i+1, name, err)
	}
	for i := range list[1:] {
		if rank(list[i].Name) > rank(list[i+1].Name) {
			t.Errorf("%s is listed ahead of %s", list[i].Name, list[i+1].Name)
		}
	}
}

// TestLiveNotPermitted runs this test binary again, as a user without privileges.
func TestLiveNotPermitted(t *testing.T) {
	const marker = "CAPTURE_TEST_WITHOUT_PRIVILEGE"
	if os.Getenv(marker) != "" {
		checkNotPermitted(t)
		return
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestLiveNotPermitted$", "-test.v")
	cmd.Env = append(os.Environ(), marker+"=1")
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

func checkNotPermitted(t *testing.T) {
	l, err := OpenLive(LiveOptions{})
	if err == nil {
		l.Close()
		t.Skip("everybody may capture here")
	}
	program, _ := os.Executable()
	want := "cannot capture on any: not permitted. Either `sudo tcpflow-explain …`, or once: `sudo setcap cap_net_raw+ep " + program + "`. Reading files needs no privilege."
	if !errors.Is(err, fs.ErrPermission) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := CompileFilter("tcp port 9000"); err != nil {
		t.Error("filters need a privilege: ", err)
	}
}
