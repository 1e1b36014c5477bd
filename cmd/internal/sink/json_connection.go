package sink

import (
	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Connection writes a "connection" line.
func (j *jsonSink) Connection(c *analyzer.Connection) error {
	l := j.lines.
		int(`{"type":"connection",`+schema+`,"id":`, c.ID).
		endpoint(`,"client":`, &c.Ends[timeline.Client]).
		endpoint(`,"server":`, &c.Ends[timeline.Server]).
		word(`,"roles":`, roles(c.Guessed)).
		time(`,"start":`, c.Start, &j.clock).
		time(`,"end":`, c.End, &j.clock).
		seconds(`,"duration":`, c.End-c.Start).
		int(`,"first_frame":`, c.FirstFrame).
		int(`,"last_frame":`, c.LastFrame).
		word(`,"handshake":`, c.Handshake.String())
	if c.HandshakeRTT < 0 {
		l = l.text(`,"handshake_rtt":null`)
	} else {
		l = l.seconds(`,"handshake_rtt":`, int64(c.HandshakeRTT))
	}
	l = l.word(`,"teardown":`, c.Teardown.String()).
		side(`,"closed_by":`, c.ClosedBy).
		string(`,"verdict":`, c.Verdict).
		states(`,"states":{"client":`, c.States[timeline.Client], &j.clock).
		states(`,"server":`, c.States[timeline.Server], &j.clock).
		app(`},"app":{"client":`, timeline.Client, &c.App).
		app(`,"server":`, timeline.Server, &c.App).
		text(`}`).
		doubts(c.Doubts).
		counters(`,"counters":{"client":`, &c.Counters[timeline.Client]).
		counters(`,"server":`, &c.Counters[timeline.Server]).
		text(`}`).
		ways(&c.Ways).
		strings(`,"capture":`, c.Conditions).
		string(`,"zeek":{"conn_state":`, c.ZeekState).
		string(`,"history":`, c.ZeekHistory).
		text(`},"findings":[`)
	for i := range c.Findings {
		l = j.finding(l.comma(i).text(`{`), &c.Findings[i]).text(`}`)
	}
	return j.end(l.text(`]`))
}

func roles(guessed bool) string {
	if guessed {
		return "guessed"
	}
	return "observed"
}

func (l line) endpoint(fixed string, e *reassembly.Endpoint) line {
	return l.text(fixed).
		addr(`{"ip":`, e.Addr()).
		int(`,"port":`, int(e.Port)).
		text(`}`)
}

// states leaves out the frame of what a timer did: there is none.
func (l line) states(fixed string, all []timeline.Transition, c *clock) line {
	l = l.text(fixed).text(`[`)
	for i := range all {
		t := &all[i]
		l = l.comma(i).
			word(`{"state":`, t.State.String()).
			time(`,"time":`, t.Time, c)
		if t.Frame != 0 {
			l = l.int(`,"frame":`, t.Frame)
		}
		l = l.word(`,"basis":`, t.Basis.String())
		if t.Basis == timeline.Confirmed {
			l = l.int(`,"confirmed_by":`, t.ConfirmedBy)
		}
		l = l.text(`}`)
	}
	return l.text(`]`)
}

// app writes connect for a side that opened, which both did in a simultaneous
// open, and accept for the server.
func (l line) app(fixed string, s timeline.Side, apps *[2]timeline.App) line {
	a := &apps[s]
	l = l.text(fixed).text(`{`)
	if a.Connect != "" {
		l = l.string(`"connect":`, a.Connect).text(`,`)
	}
	if s == timeline.Server {
		l = l.bool(`"accept":`, a.Accept).text(`,`)
	}
	return l.
		bool(`"eof":`, a.EOF).
		stringOrNull(`,"error":`, a.Error).
		text(`}`)
}

// doubts writes where two histories remain possible, the reported one and the other.
func (l line) doubts(all []timeline.Doubt) line {
	if len(all) == 0 {
		return l
	}
	l = l.text(`,"doubts":[`)
	for i := range all {
		d := &all[i]
		l = l.comma(i).
			side(`{"endpoint":`, d.Side).
			word(`,"state":`, d.State.String()).
			string(`,"or":`, d.Or).
			string(`,"tells":`, d.Tells).
			text(`}`)
	}
	return l.text(`]`)
}

func (l line) counters(fixed string, n *timeline.Counters) line {
	return l.text(fixed).
		int(`{"packets":`, n.Packets).
		int64(`,"bytes":`, n.Bytes).
		int(`,"retransmitted_packets":`, n.RetransmittedPackets).
		int64(`,"retransmitted_bytes":`, n.RetransmittedBytes).
		int(`,"out_of_order":`, n.OutOfOrder).
		int(`,"duplicate_acks":`, n.DuplicateAcks).
		int(`,"zero_windows":`, n.ZeroWindows).
		int(`,"keepalives":`, n.KeepAlives).
		int(`,"copies":`, n.Copies).
		text(`}`)
}

// ways writes the interfaces that each side's packets passed, where the capture tells.
func (l line) ways(ways *[2][]string) line {
	client, server := ways[timeline.Client], ways[timeline.Server]
	if len(client)+len(server) == 0 {
		return l
	}
	return l.
		strings(`,"interfaces":{"client":`, client).
		strings(`,"server":`, server).
		text(`}`)
}
