package analyzer

// Rest makes a Conn of every prelude and packs all those that have a seat, as if as
// many others had come since.
func (a *Analyzer) Rest() {
	cs := &a.conns
	for h := range a.flows.used {
		f := a.flows.at(h)
		if f.id == 0 || !f.marks.has(inPrelude|unpacked) {
			continue
		}
		cs.of(f)
		cs.rest(f)
	}
}

// Deadlines returns how many times are remembered at which to look at a connection.
func (a *Analyzer) Deadlines() int { return len(a.closing) + len(a.wakes) }

// Memory returns how many records of flows, chunks of packed connections and blocks of
// preludes were ever in use at a time.
func (a *Analyzer) Memory() (records, chunks, blocks int) {
	return int(a.flows.used), len(a.conns.store.chunks), int(a.conns.preludes.small.used + a.conns.preludes.large.used)
}
