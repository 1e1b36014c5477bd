package dumptext

import "time"

const (
	// firstDay is the day of times that have no date: one that nobody takes for real.
	firstDay = 946_684_800 * int64(time.Second) // 2000-01-01, UTC
	fullDay  = 24 * int64(time.Hour)
	// untimedStep is how far packets without times are taken to be apart. Less, and a
	// repetition would look like a copy of the packet.
	untimedStep = 10 * int64(time.Millisecond)
	// disorder is how far the times of packets captured by several processors may go
	// backwards; more is another day.
	disorder = 10 * int64(time.Second)
)

// clock turns printed times into nanoseconds since the Unix epoch.
type clock struct {
	last    int64
	started bool
	deltas  bool // each time is a duration since the packet before (-ttt)
}

// read returns the time of the next packet.
func (c *clock) read(st stamp) int64 {
	if !c.started {
		c.last = firstDay
	}
	switch {
	case st.form == untimed && c.started:
		c.last += untimedStep
	case st.form == untimed:
	case st.form != timeOfDay:
		c.last = st.ns
	case c.deltas:
		c.last += st.ns
	default:
		c.last = c.ofDay(st.ns)
	}
	c.started = true
	return c.last
}

// ofDay puts a time of day on the day of the packet before, or on the next one.
func (c *clock) ofDay(ns int64) int64 {
	t := c.last - c.last%fullDay + ns
	switch {
	case !c.started:
	case t < c.last-disorder:
		t += fullDay
	case t > c.last+fullDay-disorder: // late, and from before midnight
		t -= fullDay
	}
	return t
}

// printsDeltas reports whether the times of packets are those since the packet before:
// short, and often falling. Times since the first packet (-ttttt) look the same and
// rise; to the analysis they are times of day.
func printsDeltas(packets []*packet) bool {
	var last int64
	falls := 0
	for _, p := range packets {
		if p.at.form != timeOfDay || p.at.ns >= int64(time.Hour) {
			return false
		}
		if p.at.ns < last {
			falls++
		}
		last = p.at.ns
	}
	const oneIn = 8
	return falls > 0 && falls*oneIn >= len(packets)-1
}
