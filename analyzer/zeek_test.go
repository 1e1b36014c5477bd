package analyzer_test

import (
	"strings"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
)

// What the cases of TestZeek have in common, in the notation of flowtest.
const (
	zeekSYN       = "0.0 C> S 0:0(0)\n"
	zeekHandshake = zeekSYN + "+0.02 S> S. 0:0(0) ack 1\n+0.0001 C> . 1:1(0) ack 1\n"
	zeekRequest   = zeekHandshake + "+0.001 C> P. 1:101(100) ack 1\n+0.02 S> . 1:1(0) ack 101\n"
	zeekExchange  = zeekRequest + "+0.001 S> P. 1:501(500) ack 101\n+0.0001 C> . 101:101(0) ack 501\n"
	zeekClose     = "+0.1 C> F. 101:101(0) ack 501\n+0.02 S> F. 501:501(0) ack 102\n+0.0001 C> . 102:102(0) ack 502\n"
)

// TestZeek holds conn_state and history to Zeek's published definitions: each
// state, and each letter on either side.
func TestZeek(t *testing.T) {
	for name, tt := range map[string]struct{ packets, state, history string }{
		// The states.
		"S0":              {zeekSYN + "+1.0 C> S 0:0(0)\n+2.0 C> S 0:0(0)\n", "S0", "S"},
		"S1":              {zeekExchange, "S1", "ShADad"},
		"S1 without ACK":  {zeekSYN + "+0.02 S> S. 0:0(0) ack 1\n", "S1", "Sh"},
		"SF":              {zeekExchange + zeekClose, "SF", "ShADadFf"},
		"SF then reset":   {zeekExchange + zeekClose + "+0.1 S> R 502:502(0)\n", "SF", "ShADadFfr"},
		"SF reset undone": {zeekExchange + "+0.1 C> F. 101:101(0) ack 501\n+0.0001 C> R 102:102(0)\n+0.02 S> F. 501:501(0) ack 102\n", "SF", "ShADadFRf"},
		"REJ":             {zeekSYN + "+0.02 S> R. 0:0(0) ack 1 win 0\n", "REJ", "Sr"},
		"REJ both":        {zeekHandshake + "+0.1 C> R. 1:1(0) ack 1 win 63\n+0.00001 S> R. 1:1(0) ack 1 win 63\n", "REJ", "ShARr"},
		"S2":              {zeekExchange + "+0.1 C> F. 101:101(0) ack 501\n+0.02 S> . 501:501(0) ack 102\n", "S2", "ShADadF"},
		"S3":              {zeekExchange + "+0.1 S> F. 501:501(0) ack 101\n+0.001 C> . 101:101(0) ack 502\n", "S3", "ShADadf"},
		"RSTO":            {zeekExchange + "+0.1 C> R. 101:101(0) ack 501 win 63\n", "RSTO", "ShADadR"},
		"RSTR":            {zeekExchange + "+0.1 S> R. 501:501(0) ack 101 win 63\n", "RSTR", "ShADadr"},
		"RSTOS0":          {zeekSYN + "+0.1 C> R 1:1(0)\n", "RSTOS0", "SR"},
		"RSTRH":           {"0.0 S> S. 0:0(0) ack 1\n+1.0 S> R 1:1(0)\n", "RSTRH", "^hr"},
		"SH":              {zeekSYN + "+0.1 C> F. 1:1(0) ack 1\n", "SH", "SF"},
		"SHR":             {"0.0 S> S. 0:0(0) ack 1\n+1.0 S> F. 1:1(0) ack 1\n", "SHR", "^hf"},
		"OTH":             {"0.0 C> P. 1:101(100) ack 1\n+0.02 S> P. 1:501(500) ack 101\n+0.0001 C> . 101:101(0) ack 501\n", "OTH", "DdA"},
		"OTH reset":       {"0.0 C> P. 1:101(100) ack 1\n+0.1 C> R. 101:101(0) ack 1 win 63\n", "OTH", "DR"},

		// The letters of flags.
		"s h once":            {zeekSYN + "+1.0 C> S 0:0(0)\n+0.02 S> S. 0:0(0) ack 1\n+1.0 S> S. 0:0(0) ack 1\n+0.0001 C> . 1:1(0) ack 1\n", "S1", "ShA"},
		"simultaneous open":   {zeekSYN + "+0.00001 S> S 0:0(0)\n+0.02 C> S. 0:0(0) ack 1\n+0.00001 S> S. 0:0(0) ack 1\n+0.02 C> P. 1:101(100) ack 1\n", "S1", "SsD"},
		"f r with their seqs": {zeekExchange + "+0.1 C> F. 101:101(0) ack 501\n+0.3 C> F. 101:101(0) ack 501\n+0.1 S> R 501:501(0)\n+0.1 S> R 501:501(0)\n+0.1 S> R 502:502(0)\n", "RSTR", "ShADadFrr"},
		"data with FIN":       {zeekRequest + "+0.1 S> F. 1:501(500) ack 101\n+0.02 C> F. 101:101(0) ack 502\n", "SF", "ShADafF"},
		"i":                   {zeekExchange + "+0.1 C> FR. 101:101(0) ack 501\n", "RSTO", "ShADadI"},
		"q SYN and FIN":       {"0.0 C> SF 0:0(0)\n+0.02 S> R. 0:0(0) ack 2 win 0\n", "RSTR", "Qr"},
		"q SYN and RST":       {"0.0 C> SR 0:0(0)\n", "OTH", "Q"},
		"no flags at all":     {"0.0 C> - 0:0(0)\n", "OTH", ""},

		// The letters of contents.
		"a after d":        {zeekHandshake + "+0.001 C> P. 1:101(100) ack 1\n+0.02 S> P. 1:501(500) ack 101\n+0.01 C> P. 101:201(100) ack 501\n+0.02 S> . 501:501(0) ack 201\n", "S1", "ShADda"},
		"server first":     {zeekHandshake + "+0.01 S> P. 1:501(500) ack 1\n+0.01 C> P. 1:101(100) ack 501\n+0.02 S> . 501:501(0) ack 101\n", "S1", "ShAdDa"},
		"t":                {zeekExchange + "+0.3 C> P. 1:101(100) ack 501\n", "S1", "ShADadT"},
		"t ten times":      {zeekExchange + strings.Repeat("+0.3 C> P. 1:101(100) ack 501\n", 12), "S1", "ShADadTT"},
		"t hundred times":  {zeekExchange + strings.Repeat("+0.3 S> P. 1:501(500) ack 101\n", 120), "S1", "ShADadttt"},
		"w":                {zeekRequest + "+0.1 S> . 1:1(0) ack 101 win 0\n+0.2 C> . 100:100(0) ack 1\n+0.02 S> . 1:1(0) ack 101 win 0\n", "S1", "ShADaw"},
		"w ten times":      {zeekRequest + strings.Repeat("+0.1 S> . 1:1(0) ack 101 win 0\n+0.2 C> . 100:100(0) ack 1\n", 10), "S1", "ShADaww"},
		"no w after a FIN": {zeekExchange + "+0.1 C> F. 101:101(0) ack 501\n+0.02 S> . 501:501(0) ack 102 win 0\n", "S2", "ShADadF"},
		"g":                {zeekExchange + "+0.1 C> P. 301:401(100) ack 501\n+0.02 S> . 501:501(0) ack 401\n", "S1", "ShADadG"},
		"g of the server":  {zeekExchange + "+0.1 C> . 101:101(0) ack 901\n", "S1", "ShADadg"},
		"no g midstream":   {"0.0 C> P. 1:101(100) ack 1\n+0.02 S> . 1:1(0) ack 301\n", "OTH", "Da"},

		// The roles.
		"^ by SYN,ACK":        {"0.0 S> S. 0:0(0) ack 1\n+0.0001 C> . 1:1(0) ack 1\n+0.001 C> P. 1:101(100) ack 1\n", "S1", "^hAD"},
		"^ by port":           {"0.0 S> P. 1:501(500) ack 1\n+0.02 C> . 1:1(0) ack 501\n", "OTH", "^dA"},
		"^ SYN captured late": {"0.00002 S> S. 0:0(0) ack 1\n0.00003 C> S 0:0(0)\n+0.0001 C> . 1:1(0) ack 1\n", "S1", "^hSA"},
		"^ of a lone reset":   {"0.0 S> R 9501:9501(0)\n", "RSTRH", "^r"},
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
