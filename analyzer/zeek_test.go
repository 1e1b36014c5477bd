package analyzer_test

import (
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// TestZeek holds conn_state and history to Zeek's published definitions.
func TestZeek(t *testing.T) {
	const (
		handshake = "0.0 C> S 0:0(0)\n+0.02 S> S. 0:0(0) ack 1\n+0.0001 C> . 1:1(0) ack 1\n"
		exchange  = handshake + "+0.001 C> P. 1:101(100) ack 1\n+0.02 S> . 1:1(0) ack 101\n+0.001 S> P. 1:501(500) ack 101\n+0.0001 C> . 101:101(0) ack 501\n"
	)
	for name, tt := range map[string]struct{ packets, state, history string }{
		"whole":              {exchange + "+0.1 C> F. 101:101(0) ack 501\n+0.02 S> F. 501:501(0) ack 102\n+0.0001 C> . 102:102(0) ack 502\n", "SF", "ShADadFf"},
		"no answer":          {"0.0 C> S 0:0(0)\n+1.0 C> S 0:0(0)\n+2.0 C> S 0:0(0)\n", "S0", "S"},
		"refused":            {"0.0 C> S 0:0(0)\n+0.02 S> R. 0:0(0) ack 1 win 0\n", "REJ", "Sr"},
		"open":               {exchange, "S1", "ShADad"},
		"originator closed":  {exchange + "+0.1 C> F. 101:101(0) ack 501\n+0.02 S> . 501:501(0) ack 102\n", "S2", "ShADadF"},
		"responder closed":   {exchange + "+0.1 S> F. 501:501(0) ack 101\n+0.001 C> . 101:101(0) ack 502\n", "S3", "ShADadf"},
		"originator reset":   {exchange + "+0.1 C> R. 101:101(0) ack 501 win 63\n", "RSTO", "ShADadR"},
		"responder reset":    {exchange + "+0.1 S> R. 501:501(0) ack 101 win 63\n", "RSTR", "ShADadr"},
		"SYN, then reset":    {"0.0 C> S 0:0(0)\n+0.1 C> R 1:1(0)\n", "RSTOS0", "SR"},
		"half a SYN and FIN": {"0.0 C> S 0:0(0)\n+0.1 C> F. 1:1(0) ack 1\n", "SH", "SF"},
		"sent again":         {exchange + "+0.3 C> P. 1:101(100) ack 501\n", "S1", "ShADadT"},
	} {
		t.Run(name, func(t *testing.T) {
			var got *analyzer.Connection
			a := analyzer.New(analyzer.Config{}, handlerFunc(func(c *analyzer.Connection) { got = c.Clone() }))
			frames := script(t, tt.packets)
			for i := range frames {
				if err := a.Feed(&frames[i]); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := a.Close(); err != nil {
				t.Fatal(err)
			}
			if got.ZeekState != tt.state || got.ZeekHistory != tt.history {
				t.Errorf("%s %s, want %s %s", got.ZeekState, got.ZeekHistory, tt.state, tt.history)
			}
		})
	}
}
