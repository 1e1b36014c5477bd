package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/traffic"
)

// row is what was measured on one capture.
type row struct {
	kind        traffic.Kind
	connections int
	bytes       int64         // of the capture
	ours        time.Duration // CPU, the median
	ratios      []float64     // of our CPU time to tcpdump's in each pair, ascending
	peak        int64         // bytes, the most of all runs
}

// cost is what one run took.
type cost struct {
	cpu  time.Duration
	peak int64
}

// compare runs both programs in turn. The first pair only warms the page cache.
func compare(ctx context.Context, path, bin string, pairs int) (row, error) {
	var r row
	info, err := os.Stat(path)
	if err != nil {
		return r, err
	}
	r.bytes = info.Size()
	if r.connections, err = connections(ctx, path, bin); err != nil {
		return r, err
	}
	var times []time.Duration
	for i := range pairs + 1 {
		ours, err := run(ctx, bin, "-r", path, "--json")
		if err != nil {
			return r, err
		}
		theirs, err := run(ctx, "tcpdump", "-r", path, "-w", os.DevNull)
		if err != nil {
			return r, err
		}
		if i == 0 {
			continue
		}
		times = append(times, ours.cpu)
		r.ratios = append(r.ratios, float64(ours.cpu)/float64(theirs.cpu))
		r.peak = max(r.peak, ours.peak)
	}
	slices.Sort(times)
	slices.Sort(r.ratios)
	r.ours = times[len(times)/2]
	return r, nil
}

// run runs a command with its output thrown away.
func run(ctx context.Context, name string, args ...string) (cost, error) {
	c := exec.CommandContext(ctx, name, args...)
	if err := c.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w", c, err)
	}
	used := c.ProcessState.SysUsage().(*syscall.Rusage)
	peak := int64(used.Maxrss)
	if runtime.GOOS != "darwin" {
		peak *= 1024 // only there it is in bytes
	}
	return cost{c.ProcessState.UserTime() + c.ProcessState.SystemTime(), peak}, nil
}

// connections returns how many connections our own summary counts.
func connections(ctx context.Context, path, bin string) (int, error) {
	c := exec.CommandContext(ctx, bin, "-r", path, "--json")
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := c.Start(); err != nil {
		return 0, err
	}
	var last []byte
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			break
		}
		last = append(last[:0], line...)
	}
	if err := c.Wait(); err != nil {
		return 0, fmt.Errorf("%s: %w", c, err)
	}
	var summary struct{ Connections int }
	err = json.Unmarshal(last, &summary)
	return summary.Connections, err
}
