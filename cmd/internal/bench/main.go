// Command bench measures tcpflow-explain on captures that it makes, against tcpdump
// copying the same capture to nowhere, and writes the table of the README:
//
//	go run ./cmd/internal/bench -bin ./tcpflow-explain -readme README.md
//
// The two programs run in turn, and the ratio of their CPU times is taken from each
// pair: that is what other work on the machine, or another machine, changes least.
//
//	go run ./cmd/internal/bench -make mixed -packets 1000000 -o mixed.pcap
//
// only makes a capture, and
//
//	go run ./cmd/internal/bench -profile cmd/tcpflow-explain/default.pgo
//
// only writes the profile by which the compiler optimises the program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/traffic"
)

type options struct {
	bin     string
	pairs   int
	quick   bool
	readme  string
	kind    string
	packets int
	output  string
	profile string
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "./tcpflow-explain", "the program to measure")
	flag.IntVar(&o.pairs, "pairs", 5, "how many runs of each")
	flag.BoolVar(&o.quick, "quick", false, "a fifth of the size; the README stays as it is")
	flag.StringVar(&o.readme, "readme", "", "the file whose table is written anew")
	flag.StringVar(&o.kind, "make", "", "only make a capture of this kind")
	flag.IntVar(&o.packets, "packets", 0, "its size; 0 is that of a measurement")
	flag.StringVar(&o.output, "o", "-", "its file")
	flag.StringVar(&o.profile, "profile", "", "only write a CPU profile to this file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures, or makes a capture. An interrupt leaves no captures behind.
func (o options) run(ctx context.Context) error {
	if o.kind != "" {
		return o.generate()
	}
	if o.profile != "" {
		return o.record()
	}
	if o.pairs < 1 {
		return errors.New("-pairs must be at least 1")
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var rows []row
	for _, kind := range traffic.Kinds() {
		if o.quick {
			kind.Size /= 5
		}
		row, err := o.measure(ctx, kind, filepath.Join(dir, kind.Name+".pcap"))
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, row)
		rows = append(rows, row)
	}
	text := table(rows, o.pairs)
	fmt.Print(text)
	if o.quick || o.readme == "" {
		return nil
	}
	return place(o.readme).Write(text)
}

// generate makes a capture.
func (o options) generate() error {
	kind, err := traffic.Find(o.kind)
	if err != nil {
		return err
	}
	if o.packets == 0 {
		o.packets = kind.Size
	}
	w, err := capture.Create(o.output, 0)
	if err != nil {
		return err
	}
	if err := kind.Generate(o.packets, w.Write); err != nil {
		return err
	}
	return w.Close()
}

// measure makes a capture of a kind, measures on it, and removes it. A process of its
// own makes it: the peak memory of a process counts in those that it starts.
func (o options) measure(ctx context.Context, kind traffic.Kind, path string) (row, error) {
	self, err := os.Executable()
	if err != nil {
		return row{}, err
	}
	maker := exec.CommandContext(ctx, self, "-make", kind.Name, "-packets", fmt.Sprint(kind.Size), "-o", path)
	maker.Stderr = os.Stderr
	defer os.Remove(path)
	if err := maker.Run(); err != nil {
		return row{}, fmt.Errorf("cannot make %s: %w", path, err)
	}
	r, err := compare(ctx, path, o.bin, o.pairs)
	r.kind = kind
	return r, err
}
