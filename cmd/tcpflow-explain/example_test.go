package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// exampleClient is the program whose traffic testdata/example records: three
// requests to the server at the address of its first argument, well or badly.
func exampleClient() {
	address, ask := os.Args[1], fetch
	if os.Args[2] == "badly" {
		ask = abort
	}
	for range 3 {
		if err := ask(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func fetch(address string) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// abort asks, takes some of the answer, and resets the connection.
func abort(address string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	if _, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example\r\n\r\n"); err == nil {
		_, err = conn.Read(make([]byte, 16))
	}
	if err == nil {
		err = conn.(*net.TCPConn).SetLinger(0)
	}
	if err != nil {
		return err
	}
	return conn.Close()
}

// TestExample records a real server's traffic by testdata/example and checks it.
func TestExample(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("recording traffic needs root")
	}
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("tcpdump is not installed")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "an answer that takes more than one read")
	}))
	defer server.Close()
	address := server.Listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		client string
		status int
		want   []string
	}{
		{"well", 0, []string{"run.pcap: 3 connections, ", "passed, 8 rules\n"}},
		{"badly", 1, []string{
			"FAILED   every connection is closed in order (", "   teardown is \"reset\"\n", "RST", "2 of 8 rules failed\n",
		}},
	} {
		t.Run(tc.client, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command("../../testdata/example/record-and-check.sh", port, "example-client", address, tc.client)
			cmd.Env = append(os.Environ(), "OUT="+dir)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != tc.status {
				t.Errorf("status %d, want %d", got, tc.status)
			}
			for _, want := range tc.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is missing in\n%s", want, out)
				}
			}
			for _, name := range []string{"run.pcap", "tcp.xml", "tcp.sarif", "gl-code-quality-report.json"} {
				if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
					t.Errorf("%s was not written: %v", name, err)
				}
			}
		})
	}
}

// TestAction runs the last step of action.yml, as a runner would.
func TestAction(t *testing.T) {
	var action struct {
		Inputs map[string]any
		Runs   struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	unmarshal(t, "../../action.yml", &action)
	step := action.Runs.Steps[len(action.Runs.Steps)-1]
	for name, value := range step.Env {
		input := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
		if _, declared := action.Inputs[input]; !declared {
			t.Errorf("%s has the value of %s, which is no input", name, value)
		}
		if !strings.Contains(step.Run, "$"+name) {
			t.Errorf("%s is not used", name)
		}
	}
	junit := filepath.Join(t.TempDir(), "out.xml")
	for _, tc := range []struct {
		env    []string
		status int
		want   string
	}{
		{[]string{"CAPTURE=../../testdata/pcap/refused-client.pcap"}, 1, "::error title=connection-refused::"},
		{[]string{"CAPTURE=../../testdata/pcap/final_ack_lost-client.pcap", "FAIL_ON=error", "FILTER=port 1714", "JUNIT=" + junit}, 0, "passed, "},
		{[]string{"CAPTURE=../../testdata/pcap/final_ack_lost-client.pcap", "FILTER=port 9"}, 1, "::error title=nothing-to-check::"},
	} {
		cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", step.Run)
		cmd.Env = os.Environ()
		for name := range step.Env {
			cmd.Env = append(cmd.Env, name+"=")
		}
		cmd.Env = append(cmd.Env, tc.env...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if cmd.ProcessState.ExitCode() != tc.status || !strings.Contains(string(out), tc.want) {
			t.Errorf("%s: status %d, want %d and %q in\n%s", tc.env, cmd.ProcessState.ExitCode(), tc.status, tc.want, out)
		}
	}
	if _, err := os.Stat(junit); err != nil {
		t.Error(err)
	}
}

// TestPreCommitHook runs the hook as pre-commit would: with the files at the end.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct{ Entry string }
	unmarshal(t, "../../.pre-commit-hooks.yaml", &hooks)
	const good, bad = "../../testdata/pcap/half_close_client-client.pcap.gz", "../../testdata/pcap/refused-client.pcap"
	for _, tc := range []struct {
		args   []string
		status int
	}{
		{[]string{good}, 0},
		{[]string{good, bad, good}, 1},
		{[]string{"--fail-on", "note", good}, 1},
		{[]string{good, bad, "nosuch.pcap"}, 3},
	} {
		words := append(strings.Fields(hooks[0].Entry), tc.args...)
		out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
		status := 0
		if exit, ok := err.(*exec.ExitError); ok {
			status = exit.ExitCode()
		}
		if status != tc.status {
			t.Errorf("%v: %v, want status %d\n%s", tc.args, err, tc.status, out)
		}
	}
}

func unmarshal(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = yaml.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}
