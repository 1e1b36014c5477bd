package main

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/capture"
)

// Bounds that a small host can afford.
const (
	defaultConnections = 50_000
	defaultMemoryMiB   = 512
)

// liveFlags are what only a live capture can do.
type liveFlags struct {
	megabytes, seconds, files int // of -w
	onlyFindings              bool
	watch, retry              bool
	metrics                   string // address, "" for none
	user                      string
	connections, memoryMiB    int
}

// register declares the flags on fs. -C, -G, -W and -Z mean what they mean to tcpdump.
func (l *liveFlags) register(fs *pflag.FlagSet) {
	fs.IntVarP(&l.megabytes, "file-size", "C", 0, "go on to the next file of -w when one exceeds so many million `BYTES`")
	fs.IntVarP(&l.seconds, "rotate-seconds", "G", 0, "go on to the next file of -w, a format of time (%H%M%S), after `SECONDS`")
	fs.IntVarP(&l.files, "file-count", "W", 0, "keep `N` files of -C, then overwrite the first; with -G alone, end after `N`")
	fs.BoolVar(&l.onlyFindings, "only-findings", false, "write to -w only the connections that get a finding, whole packets of the last 32 MiB (at most a quarter of --max-memory)")
	fs.BoolVar(&l.watch, "watch", false, "show states, findings and the worst connections in place, instead of lines")
	fs.BoolVar(&l.retry, "retry", false, "wait for an interface that is gone, and go on when it is back")
	fs.StringVar(&l.metrics, "metrics", "", "serve Prometheus metrics and health on `ADDR`; a port alone is on loopback only")
	fs.StringVarP(&l.user, "relinquish-privileges", "Z", "", "once the capture is open, go on as `USER`; as root the default is who called sudo, or nobody; root keeps all")
	fs.IntVar(&l.connections, "max-connections", defaultConnections, "follow at most `N` connections at a time: idle and healthy ones are let go first")
	fs.IntVar(&l.memoryMiB, "max-memory", defaultMemoryMiB, "keep within about `MIB` of memory, in the same way")
}

// rotation is what -C, -G and -W ask for.
func (l *liveFlags) rotation() capture.Rotation {
	return capture.Rotation{Size: int64(l.megabytes) * 1e6, Every: time.Duration(l.seconds) * time.Second, Files: l.files}
}

// checkLive refuses what makes no sense together.
func (r *rawFlags) checkLive([]string) error {
	l, live, writes, json := &r.live, r.iface != "", r.write != "", r.json
	rotates := l.megabytes != 0 || l.seconds != 0 || l.files != 0
	switch {
	case !live && (rotates || l.onlyFindings || l.watch || l.retry || l.metrics != "" || l.user != ""):
		return usagef("-C, -G, -W, -Z, --only-findings, --watch, --retry and --metrics go with -i: give an interface")
	case !live:
		return nil
	case (rotates || l.onlyFindings) && !writes:
		return usagef("-C, -G, -W and --only-findings go with -w: give a file to write")
	case l.files != 0 && l.megabytes == 0 && l.seconds == 0:
		return usagef("-W counts the files of -C or -G: give their size or time")
	case min(l.megabytes, l.seconds, l.files) < 0:
		return usagef("-C, -G and -W take numbers from 1")
	case l.connections < 16 || l.memoryMiB < 16:
		return usagef("--max-connections and --max-memory take numbers from 16")
	case l.watch && json:
		return usagef("--watch and --json exclude each other: a program reads --json")
	}
	return nil
}
