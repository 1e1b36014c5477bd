package detect

import "slices"

// needs are those of the rules that look at one connection, side by side.
var needs = func() []need {
	var all []need
	for _, r := range rules {
		if r.Check != nil {
			all = append(all, need{r.Needs, r})
		}
	}
	return all
}()

type need struct {
	signs Signs
	rule  *Rule
}

// All returns what the detectors find in c, gravest first and capture conditions
// last. Where one finding explains another, the more specific one is given alone.
func All(c *Case) []Finding {
	var d Detector
	return d.All(*c)
}

// Detector looks for findings in one connection after the other, in the same memory.
type Detector struct {
	c     Case
	texts texts
	found []Finding
	by    []*Rule // who found each
}

// All is All; what it returns is valid until the next call.
func (d *Detector) All(c Case) []Finding {
	d.take(c)
	return d.all(d.c.signs)
}

// take takes up a connection, in the memory of the one before.
func (d *Detector) take(c Case) {
	d.texts.clear()
	d.c = c
	d.c.texts = &d.texts
	d.c.look()
}

// all asks the rules that find something where signs are.
func (d *Detector) all(signs Signs) []Finding {
	d.found, d.by = d.found[:0], d.by[:0]
	for i := range needs {
		if needs[i].signs&^signs == 0 {
			d.ask(needs[i].rule)
		}
	}
	d.settle()
	doubtAbsence(&d.c, d.found)
	d.sort()
	return d.found
}

func (d *Detector) ask(r *Rule) {
	all := r.Check(&d.c)
	for i := range all {
		f := &all[i]
		r.complete(f)
		if f.Severity > Capture && d.c.signs&sawReset != 0 {
			d.c.tellResets(f)
		}
		d.found, d.by = append(d.found, *f), append(d.by, r)
	}
}

// settle drops the findings that another one explains.
func (d *Detector) settle() {
	if len(d.found) < 2 {
		return
	}
	n := 0
	for i := range d.found {
		explained := slices.ContainsFunc(d.by, func(r *Rule) bool { return slices.Contains(r.Swallows, d.found[i].Code) })
		if explained {
			continue
		}
		if n < i {
			d.found[n] = d.found[i]
		}
		n++
	}
	d.found = d.found[:n]
}

// sort puts the gravest first and keeps the order of the catalogue among equals. The
// list is short and mostly in order already.
func (d *Detector) sort() {
	for i := range d.found {
		for k := i; k > 0 && d.found[k].Severity > d.found[k-1].Severity; k-- {
			d.found[k], d.found[k-1] = d.found[k-1], d.found[k]
		}
	}
}
