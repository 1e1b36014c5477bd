package timeline

import "github.com/tcpflow-explain/tcpflow-explain/reassembly"

// alive reports whether the history shows a connection at all. A reset alone,
// or a stray segment with the reset that answers it, does not: there was a
// socket at neither end, as far as anything tells. Nor do segments that nobody takes.
func (t *teller) alive() bool {
	if t.mark(0).isSYN() {
		return true
	}
	resets, others := 0, 0
	var resetter Side
	for i := range t.story.Marks {
		m := t.mark(i)
		switch {
		case m.ICMP != nil || m.Notes&Void != 0:
		case m.has(reassembly.RST):
			resets++
			resetter = m.From
		default:
			others += m.Count
		}
	}
	if resets == 0 {
		return others > 0
	}
	return others > 1 || others == 1 && (t.mark(0).Len > 0 || t.mark(0).From == resetter)
}
