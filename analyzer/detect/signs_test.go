package detect_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/timeline"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// TestNeedsMissNothing asks of every scenario that the rules which are not asked
// for want of signs would have found nothing.
func TestNeedsMissNothing(t *testing.T) {
	files, err := filepath.Glob("../../testdata/flows/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := flowtest.ParseScenario(file, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases(s.Script.Frames()) {
			if diff := cmp.Diff(detect.AllAsked(c), detect.All(c)); diff != "" {
				t.Errorf("%s: what rules need changes what is found (-all asked +by signs):\n%s", file, diff)
			}
		}
	}
}

// TestNeedsMissNothingAtRandom asks the same of connections that make little sense.
func TestNeedsMissNothingAtRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	found := map[string]bool{}
	for range 3000 {
		c := randomCase(random)
		all := detect.AllAsked(c)
		if diff := cmp.Diff(all, detect.All(c)); diff != "" {
			t.Fatalf("%+v\nwhat rules need changes what is found (-all asked +by signs):\n%s", c.Marks, diff)
		}
		for i := range all {
			found[all[i].Code] = true
		}
	}
	if len(found) < 30 {
		t.Errorf("random connections show only %d findings: %v", len(found), found)
	}
}

// randomCase plays up to a dozen segments with numbers close together and flags of
// any kind, likely ones more often.
func randomCase(random *rand.Rand) *detect.Case {
	const syn, ack, fin, rst = reassembly.SYN, reassembly.ACK, reassembly.FIN, reassembly.RST
	flags := []reassembly.Flags{syn, syn | ack, ack, ack, ack, ack, fin | ack, fin | ack, rst, rst | ack, fin, 0}
	ends := [2]reassembly.Endpoint{host(1, 40000), host(2, 80)}
	now := int64(1e18)
	var c *timeline.Conn
	for i := range 2 + random.IntN(11) {
		from := random.IntN(2)
		now += []int64{1e5, 2e7, 3e8, 2e9, 6e10}[random.IntN(5)]
		s := reassembly.Segment{
			Frame: i + 1, Time: now, Src: ends[from], Dst: ends[1-from],
			Seq: reassembly.Seq(random.IntN(3)), Ack: reassembly.Seq(random.IntN(3)), Flags: flags[random.IntN(len(flags))],
			Window: uint16(random.IntN(3) * 1000), Len: random.IntN(2) * random.IntN(3), TTL: 64,
		}
		if i < 2 && random.IntN(3) > 0 { // a handshake, mostly
			s.Src, s.Dst, s.Seq, s.Ack, s.Flags, s.Len = ends[i], ends[1-i], 0, reassembly.Seq(i), flags[i], 0
		}
		if random.IntN(2) == 0 {
			s.Options.Has, s.Options.TSVal, s.Options.TSEcr = reassembly.OptTimestamps, uint32(random.IntN(4)), uint32(random.IntN(4))
		}
		if c == nil {
			c = timeline.NewConn(&s, timeline.Client)
		}
		c.Observe(&s, c.SideOf(&s.Src))
	}
	until := now + int64(random.IntN(3))*1e11
	story := c.Tell(until)
	return &detect.Case{Conn: c, Story: &story, Until: until}
}

// TestOrdinaryConnectionsAskFewRules is what signs are for.
func TestOrdinaryConnectionsAskFewRules(t *testing.T) {
	for _, s := range flowtest.Usual() {
		if n := detect.Asked(shape(t, s.Name, s.Script)); n > len(detect.Rules())/6 {
			t.Errorf("of a connection that is %s %d rules are asked", s.Name, n)
		}
	}
}

// cases follows the connections of a capture in the plainest way: one for each
// 4-tuple, the first sender its client.
func cases(frames []reassembly.Frame) []*detect.Case {
	var d reassembly.Decoder
	var seg reassembly.Segment
	var icmp reassembly.ICMPError
	conns := map[reassembly.Key]*timeline.Conn{}
	var order []*timeline.Conn
	until := int64(0)
	for i := range frames {
		until = frames[i].Time
		if d.Decode(&frames[i], &seg, &icmp) != reassembly.IsTCP {
			continue
		}
		key, _ := reassembly.KeyOf(seg.Src, seg.Dst)
		c := conns[key]
		if c == nil {
			c = timeline.NewConn(&seg, timeline.Client)
			conns[key] = c
			order = append(order, c)
		}
		c.Observe(&seg, c.SideOf(&seg.Src))
	}
	var out []*detect.Case
	for _, c := range order {
		story := c.Tell(until)
		out = append(out, &detect.Case{Conn: c, Story: &story, Until: until})
	}
	return out
}
