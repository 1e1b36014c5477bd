package analyzer

// Rest packs every connection that has a seat, as if as many others had come since.
func (a *Analyzer) Rest() {
	cs := &a.conns
	for h := range a.flows.used {
		if f := a.flows.at(h); f.marks.has(unpacked) {
			i := f.where
			cs.pack(cs.seats[i])
			cs.spare = append(cs.spare, int(i))
		}
	}
}

// Memory returns how many records of flows and chunks of packed connections were ever
// in use at a time.
func (a *Analyzer) Memory() (records, chunks int) {
	return int(a.flows.used), len(a.conns.store.chunks)
}
