package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// nginxConfig serves one file on port 9000 and closes a kept-alive connection after
// a second.
const nginxConfig = `
daemon off;
master_process off;
pid %[1]s/pid;
error_log %[1]s/error.log;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	keepalive_timeout 1;
	server {
		listen 9000;
		root %[1]s;
	}
}
`

// nginx serves in a namespace until the test ends.
func nginx(t *testing.T, ns string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		t.Skipf("no nginx here: %v", err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("ip", "netns", "exec", ns, program, "-p", dir, "-c", config, "-e", filepath.Join(dir, "error.log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for range 100 {
		out, _ := exec.Command("ip", "netns", "exec", ns, "ss", "-tlnH", "sport = :9000").Output()
		if len(out) > 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
	t.Fatalf("nginx does not listen: %s", log)
}

// TestBridgeNginx: nginx answers a request over a bridge and closes the idle connection:
// its idle limit shows as the server's FIN, and the kernels agree with each state told.
func TestBridgeNginx(t *testing.T) {
	b := newBridge(t)
	nginx(t, b.server)
	report := listen(t, b.host, "-i", "any", "--json", "--segments", "port", "9000")
	var conn net.Conn
	within(t, b.client, func() (err error) {
		conn, err = net.DialTimeout("tcp", serverIP+":9000", 5*time.Second)
		return err
	})
	defer conn.Close()
	fmt.Fprint(conn, "GET /nginx.conf HTTP/1.1\r\nHost: test\r\n\r\n")
	answer, err := io.ReadAll(conn) // until nginx closes
	if err != nil || !strings.Contains(string(answer), "200 OK") {
		t.Fatalf("nginx answered %q: %v", answer, err)
	}
	report.until(`"client":"CLOSE_WAIT","server":"FIN_WAIT_2"`)
	if got := fmt.Sprint(kernelStates(t, b.client), kernelStates(t, b.server)); got != "[CLOSE-WAIT] [FIN-WAIT-2]" {
		t.Errorf("the kernels say %s", got)
	}
	conn.Close()
	report.until(`"client":"CLOSED","server":"TIME_WAIT"`)
	if got := fmt.Sprint(kernelStates(t, b.client), kernelStates(t, b.server)); got != "[] [TIME-WAIT]" {
		t.Errorf("the kernels say %s", got)
	}
	c := connection(t, report.interrupt())
	eachOnce(t, c)
	sameStates(t, "client", c.States.Client, "SYN_SENT ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED")
	sameStates(t, "server", c.States.Server, "SYN_RCVD ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT")
}
