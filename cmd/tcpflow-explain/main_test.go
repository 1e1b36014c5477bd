package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts a tcpflow-explain into $PATH that runs main of this test binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tcpflow-explain": main, "example-client": exampleClient})
}

// TestScripts runs every scenario of testdata/script. In them $PCAP is
// testdata/pcap, and the locale is UTF-8.
func TestScripts(t *testing.T) {
	captures, err := filepath.Abs("../../testdata/pcap")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PCAP", captures)
			env.Setenv("LC_ALL", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"cut":        cut,
			"relink":     relink,
			"split":      split,
			"closedpipe": closedpipe,
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, errors.New("unknown condition " + cond)
		},
	})
}

// exits runs a command that must end with the given status:
//
//	exits 2 tcpflow-explain -r
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARGUMENT...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// cut copies the first bytes of a file: cut BYTES FROM TO.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut BYTES FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	data := ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(data[:n]), 0o600))
}

// split deals the packets of a little-endian pcap file out to several, so many to each
// but the last, which gets the rest: split PACKETS FROM TO...
func split(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: split PACKETS FROM TO...")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	data := []byte(ts.ReadFile(args[1]))
	header, rest := data[:24], data[24:]
	for i, to := range args[2:] {
		end := 0
		for k := 0; end < len(rest) && (k < n || i == len(args)-3); k++ {
			end += 16 + int(binary.LittleEndian.Uint32(rest[end+8:]))
		}
		ts.Check(os.WriteFile(ts.MkAbs(to), append(bytes.Clone(header), rest[:end]...), 0o600))
		rest = rest[end:]
	}
}

// relink copies a little-endian pcap file under another link type: relink TYPE FROM TO.
func relink(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: relink TYPE FROM TO")
	}
	linkType, err := strconv.Atoi(args[0])
	ts.Check(err)
	data := []byte(ts.ReadFile(args[1]))
	binary.LittleEndian.PutUint32(data[20:], uint32(linkType))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data, 0o600))
}

// closedpipe runs a command whose standard output nobody reads any more. It
// must end in peace: status 0 and nothing on standard error.
func closedpipe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: closedpipe COMMAND [ARGUMENT...]")
	}
	r, w, err := os.Pipe()
	ts.Check(err)
	defer w.Close()
	ts.Check(r.Close())
	var stderr bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), w, &stderr
	ts.Check(cmd.Run())
	if stderr.Len() > 0 {
		ts.Fatalf("a closed pipe is no error, yet: %s", stderr.String())
	}
}
