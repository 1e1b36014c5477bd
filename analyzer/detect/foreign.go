package detect

import (
	"fmt"
	"strings"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// foreign returns what in the header of a reset does not fit the side whose
// address it carries, nil when it may well be its own. The reset of a kernel
// without a socket has IP ID 0, window 0 and no timestamps: that alone is no
// sign of anything. What tells is another way (TTL), together with an IP ID or
// options that neither a live socket nor such a kernel sends.
func (c *Case) foreign(rst *timeline.Mark) []string {
	var own senderHabits
	c.segments(func(_ int, m *timeline.Mark) {
		if m.From == rst.From && m.Frame < rst.Frame && !m.Flags.Has(reassembly.RST) {
			own.add(m)
		}
	})
	if own.n < 2 || own.minTTL <= rst.TTL && rst.TTL <= own.maxTTL {
		return nil
	}
	evidence := []string{fmt.Sprintf("TTL %d, where its other segments have %s", rst.TTL, own.ttlText())}
	if rst.HasIPID && rst.IPID != 0 && own.counts && own.lastID != 0 && !follows(own.lastID, rst.IPID) {
		evidence = append(evidence, fmt.Sprintf("IP identification %d, where its counter stood at about %d", rst.IPID, own.lastID))
	}
	if !rst.HasTS && own.stamps == own.n && (rst.Window != 0 || rst.Flags.Has(reassembly.ACK)) {
		evidence = append(evidence, "no timestamps, which a live socket of this connection would send")
	}
	if far := distance(rst.TTL, own.minTTL, own.maxTTL); far > routeChange {
		evidence = append(evidence, fmt.Sprintf("%d apart: no mere change of route", far))
	}
	if len(evidence) < 2 {
		return nil
	}
	return evidence
}

// routeChange is by how many hops a change of route may move a TTL.
const routeChange = 8

// senderHabits is what the headers of one side have in common.
type senderHabits struct {
	n, stamps      int
	minTTL, maxTTL uint8
	lastID         uint16
	counts         bool // the IP identifications counted up so far
}

func (h *senderHabits) add(m *timeline.Mark) {
	if h.n == 0 {
		h.minTTL, h.maxTTL, h.counts = m.TTL, m.TTL, true
	}
	h.n++
	h.minTTL, h.maxTTL = min(h.minTTL, m.TTL), max(h.maxTTL, m.TTL)
	if m.HasTS {
		h.stamps++
	}
	if m.HasIPID && m.IPID != 0 {
		if h.lastID != 0 && m.Notes&timeline.OutOfOrder == 0 && !follows(h.lastID, m.IPID) {
			h.counts = false
		}
		h.lastID = m.IPID
	}
}

// follows reports whether id may be the next of a counter that stood at last. A
// counter shared by all connections of a host moves on faster than one of its own.
func follows(last, id uint16) bool { return id-last < 1<<13 }

func (h *senderHabits) ttlText() string {
	if h.minTTL == h.maxTTL {
		return fmt.Sprint(h.minTTL)
	}
	return fmt.Sprintf("%d to %d", h.minTTL, h.maxTTL)
}

func distance(ttl, low, high uint8) int {
	if ttl < low {
		return int(low) - int(ttl)
	}
	return int(ttl) - int(high)
}

// join writes a list in words: "a; b; and c".
func join(parts []string) string {
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], "; ") + "; and " + parts[n-1]
	}
	return strings.Join(parts, "")
}
