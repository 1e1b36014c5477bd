package analyzer

import "time"

// Config says what to report and how long to wait for what may still come.
type Config struct {
	// Segments asks for each segment with the states after it: before its
	// connection for files, at once when Live is set.
	Segments bool
	// Live reports connections as they end, findings as they become certain and
	// what is withdrawn. Otherwise connections are reported in the order of their
	// first frames.
	Live bool
	// MaxConnections is how many connections are followed at a time before the least
	// interesting are let go; 0 is no limit. It is for live captures.
	MaxConnections int
	// InterfaceName returns the name of an interface by its Frame.Interface. When
	// set, connections tell the way that their packets took through the capturing host.
	InterfaceName func(uint32) string
	// Linger is how long after its last segment a closed connection is kept for
	// late ones; 0 means twice Linux's TIME_WAIT.
	Linger time.Duration
}

// Dropped tells how many frames the capturing host is known to have dropped so far:
// what was not seen may then only not have been captured. Connections that are
// reported later know of it, and the summary.
func (a *Analyzer) Dropped(n uint64) {
	if n > a.sum.Dropped {
		a.lossy = a.now
	}
	a.sum.Dropped = n
}

func (c Config) linger() int64 {
	if c.Linger > 0 {
		return int64(c.Linger)
	}
	return int64(2 * time.Minute)
}
