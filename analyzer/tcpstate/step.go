package tcpstate

// span is the stretch of rules that holds for one state and input.
type span struct{ from, to uint8 }

// index finds the rows of a state and input without a search: the table in the
// form that is walked, made from the form that is read.
var index = compile(rules)

// ordered holds the rows grouped by state and input, their order kept.
var ordered = group(rules)

func group(rows []Rule) []Rule {
	out := make([]Rule, 0, len(rows))
	for s := range numStates {
		for in := range numInputs {
			for _, r := range rows {
				if r.From == s && r.Input == in {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

func compile(rows []Rule) (x [numStates][numInputs]span) {
	for i, r := range group(rows) {
		s := &x[r.From][r.Input]
		if s.to == 0 {
			s.from = uint8(i)
		}
		s.to = uint8(i) + 1
	}
	return x
}

// Step returns the row that applies to an endpoint in state s when in happens
// and the conditions g hold, nil when nothing changes.
func Step(s State, in Input, g Guard) *Rule {
	at := index[s][in]
	for i := at.from; i < at.to; i++ {
		if r := &ordered[i]; r.Guard&^g == 0 {
			return r
		}
	}
	return nil
}
