// Command tcpflow-explain reads packets from a capture file or a live interface
// and explains every TCP connection: the states of both ends, who closed, what
// went wrong.
//
// Data flow: flags.go turns the command line into checked options; run.go joins
// capture source, filter, analyzer and sink; live.go adds what is particular to
// an interface; explain.go prints the glossary; check.go and diff.go
// judge and compare captures; status.go turns the outcome into an exit status.
package main

import (
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	// Without this a closed pipe kills the program before it can finish a -w file.
	signal.Ignore(syscall.SIGPIPE)

	// Nearly all memory is without pointers: to look through the rest often costs little,
	// and to wait until it has doubled costs as much as all connections.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25)
	}

	term := console{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	cmd := term.command()
	cmd.SetArgs(os.Args[1:])
	os.Exit(int(settle(cmd.Execute(), os.Stderr)))
}

// command returns the command line with all that it can do.
func (c console) command() *cobra.Command {
	cmd := newCommand(c.run, c.explain)
	cmd.AddCommand(newCheck(c.check), newDiff(c.diff))
	return cmd
}
