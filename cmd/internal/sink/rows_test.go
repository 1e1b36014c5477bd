package sink

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/tcpstate"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
)

// rowsOf tells a story as one line a row, for comparison.
func rowsOf(c *analyzer.Connection) string {
	var b strings.Builder
	for _, r := range tell(c, false) {
		fmt.Fprintf(&b, "%s %v|%s%s|%v\n", r.frames(), names(r.states[client]), labelText(r.label), r.remark, names(r.states[server]))
	}
	return b.String()
}

func names(steps []step) string {
	var all []string
	for _, s := range steps {
		all = append(all, s.text)
	}
	return strings.Join(all, ",")
}

func TestRows(t *testing.T) {
	twoSteps := newStory(1, "10.0.0.1:1", "10.0.0.2:2")
	twoSteps.seg(1, 0, client, finAck, 1, 1, 0)
	twoSteps.seg(2, 1, server, finAck, 1, 2, 0)
	twoSteps.enters(client, tcpstate.FinWait1, 1, timeline.Observed, 0)
	twoSteps.enters(client, tcpstate.FinWait2, 2, timeline.Inferred, 0)
	twoSteps.enters(client, tcpstate.TimeWait, 2, timeline.Inferred, 0)

	between := newStory(1, "10.0.0.1:1", "10.0.0.2:2")
	between.seg(1, 0, client, psh, 1, 1, 10)
	between.seg(2, 1, server, ack, 1, 11, 0)
	between.times(client, 5)
	between.seg(3, 9, server, psh, 1, 11, 10)
	between.seg(4, 9, server, psh, 11, 11, 10)
	between.enters(client, tcpstate.Closed, 77, timeline.Observed, 0) // a frame that the history left out
	between.States[client][1].Time = when(10)

	lostFIN := newStory(1, "10.0.0.1:1", "10.0.0.2:2")
	lostFIN.seg(1, 0, client, syn, 0, 0, 0)
	lostFIN.seg(2, 1, server, synAck, 0, 1, 0).Fate = timeline.Lost
	lostFIN.enters(client, tcpstate.SynSent, 1, timeline.Observed, 0)

	for _, tt := range []struct {
		name  string
		story *story
		want  string
	}{
		{"two steps in one frame", twoSteps, "1 FIN_WAIT_1|FIN,ACK seq=1 ack=1|\n2 FIN_WAIT_2?,TIME_WAIT?|FIN,ACK seq=1 ack=2|\n"},
		{"a timer ends a fold", between, "1-2 |10 B ►  (2 segments)|\n CLOSED|client's timer, after 4.00 s of silence|\n" +
			"3-4 |◄ 20 B  (2 segments)|\n77 CLOSED||\n"},
		{"a lost segment moves nothing", lostFIN, "1 SYN_SENT|SYN seq=0|\n2 still SYN_SENT|SYN,ACK seq=0 ack=1|\n"},
	} {
		if got := rowsOf(&tt.story.Connection); got != tt.want {
			t.Errorf("%s:\n%swant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestThinKeepsEveryState(t *testing.T) {
	s := newStory(1, "10.0.0.1:1", "10.0.0.2:2")
	for i := range 500 {
		s.seg(i+1, float64(i), client, psh, 1, 1, 10).Notes = timeline.Retransmission
	}
	s.enters(client, tcpstate.FinWait1, 250, timeline.Observed, 0)
	rows := thin(tell(&s.Connection, false))
	found := false
	for _, r := range rows {
		found = found || r.first == 250 && len(r.states[client]) == 1
	}
	if !found || len(rows) > manyRows {
		t.Errorf("%d rows, state shown: %v", len(rows), found)
	}
}

func TestFitDropsTheLeastImportant(t *testing.T) {
	m := &timeline.Mark{Flags: psh, Seq: 1000, Ack: 2000, Len: 1448, End: 2448, Notes: timeline.Retransmission}
	label := markLabel(m, " (+0.22 s)", false)
	for _, tt := range []struct {
		room int
		want string
	}{
		{80, "PSH,ACK seq=1000 ack=2000 len=1448 again (+0.22 s)"},
		{45, "PSH,ACK seq=1000 len=1448 again (+0.22 s)"},
		{35, "PSH,ACK seq=1000 again (+0.22 s)"},
		{10, "PSH,ACK again (+0.22 s)"},
	} {
		if got := fit(label, tt.room); got != tt.want {
			t.Errorf("room %d: %s, want %s", tt.room, got, tt.want)
		}
	}
}
