package analyzer

// Gauges are what is open at the moment.
type Gauges struct {
	Segments int               // TCP segments so far
	States   map[[2]string]int // connections by the last states of client and server, "" for unknown
}

// Gauges counts the connections that are being followed. With Config.Live their
// states are those that were told last.
func (a *Analyzer) Gauges() Gauges {
	g := Gauges{Segments: a.sum.Segments, States: map[[2]string]int{}}
	_ = a.flows.each(func(f *flow) error {
		g.States[stateNames(&a.flows.aside(f).spoken.states)]++
		return nil
	})
	return g
}

// Latest returns the ID of the connection that the frame fed last belongs to, 0 when
// it belongs to none.
func (a *Analyzer) Latest() int { return a.latest }
