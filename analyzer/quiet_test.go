package analyzer_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer"
	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
	"github.com/tcpflow-explain/tcpflow-explain/reassembly/flowtest"
)

// TestQuietOnHealthyTraffic asks that nothing above a note is found in thousands
// of clean connections, whatever the capture did to them.
func TestQuietOnHealthyTraffic(t *testing.T) {
	for name, capture := range map[string]func(*rand.Rand, []packet) []packet{
		"as it was":          func(_ *rand.Rand, p []packet) []packet { return p },
		"each packet twice":  twice,
		"one direction":      func(_ *rand.Rand, p []packet) []packet { return keep(p, func(k packet) bool { return k.client }) },
		"the other":          func(_ *rand.Rand, p []packet) []packet { return keep(p, func(k packet) bool { return !k.client }) },
		"begun in the midst": midst,
		"ended in the midst": func(_ *rand.Rand, p []packet) []packet { return p[:len(p)*2/3] },
		"54 bytes of each":   cut,
		"out of order":       disorder,
		"mirrored with tags": tagged,
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			quiet(t, capture(rng, healthy(rng, connections(t))))
		})
	}
}

// connections is how many are generated for each way of capturing.
func connections(t *testing.T) int {
	if testing.Short() {
		return 1000
	}
	return 10_000
}

// packet is one packet of a generated capture.
type packet struct {
	time   int64
	client bool // sent by a client
	frame  []byte
	length int // on the wire
}

// healthy returns the packets of n clean connections, by time: many clients, a few
// servers, requests and answers of many sizes, closed by either side in three
// segments or four, at round trips of 0.1 to 100 ms, captured near the client.
func healthy(rng *rand.Rand, n int) []packet {
	var all []packet
	for i := range n {
		all = append(all, conversation(rng, i)...)
	}
	slices.SortStableFunc(all, func(a, b packet) int { return int(a.time - b.time) })
	return all
}

// talk is one connection being written down.
type talk struct {
	out      []packet
	ends     [2]netip.AddrPort
	next     [2]uint32 // sequence numbers, by sender: 0 the client, 1 the server
	ids      [2]uint16
	now, rtt int64
}

func conversation(rng *rand.Rand, i int) []packet {
	t := &talk{
		ends: [2]netip.AddrPort{
			netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(i >> 8 % 250), byte(i)}), uint16(20_000+i%40_000)),
			netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + i%8)}), 443),
		},
		next: [2]uint32{rng.Uint32(), rng.Uint32()},
		ids:  [2]uint16{uint16(rng.Uint32()) | 1, uint16(rng.Uint32()) | 1},
		now:  int64(i)*3e6 + rng.Int64N(3e6) + 1e18,
		rtt:  100_000 + rng.Int64N(100_000_000),
	}
	t.send(0, reassembly.SYN, 0)
	t.send(1, reassembly.SYN|reassembly.ACK, 0)
	t.send(0, reassembly.ACK, 0)
	for range 1 + rng.IntN(4) {
		t.send(0, reassembly.PSH|reassembly.ACK, 1+rng.IntN(1400))
		t.send(1, reassembly.PSH|reassembly.ACK, 1+rng.IntN(1400))
		t.send(0, reassembly.ACK, 0)
	}
	t.close(rng.IntN(2), rng.IntN(2) == 0)
	return t.out
}

// close ends the connection, in three segments or in four.
func (t *talk) close(first int, three bool) {
	second := 1 - first
	t.send(first, reassembly.FIN|reassembly.ACK, 0)
	if !three {
		t.send(second, reassembly.ACK, 0)
	}
	t.send(second, reassembly.FIN|reassembly.ACK, 0)
	t.send(first, reassembly.ACK, 0)
}

// send writes down a segment that acknowledges all that came before it. The server
// answers after a round trip, the client at once.
func (t *talk) send(from int, flags reassembly.Flags, size int) {
	wait := int64(20_000)
	if n := len(t.out); from == 1 && n > 0 && t.out[n-1].client {
		wait = t.rtt
	}
	t.now += wait
	s := flowtest.Segment{
		Src: t.ends[from], Dst: t.ends[1-from], Seq: t.next[from], Flags: flags,
		Window: 501, ID: t.ids[from], Payload: make([]byte, size),
	}
	for i := range s.Payload {
		s.Payload[i] = byte(t.next[from] + uint32(i))
	}
	t.ids[from]++
	if flags.Has(reassembly.ACK) {
		s.Ack = t.next[1-from]
	}
	t.next[from] += uint32(size)
	if flags.Any(reassembly.SYN | reassembly.FIN) {
		t.next[from]++
	}
	frame := s.Ethernet()
	t.out = append(t.out, packet{time: t.now, client: from == 0, frame: frame, length: len(frame)})
}

// twice is what `any` sees on a bridge: each packet again on another interface.
func twice(_ *rand.Rand, p []packet) []packet {
	var out []packet
	for _, k := range p {
		again := k
		again.time += 3000
		again.frame = slices.Clone(k.frame)
		again.frame[5] ^= 1 // another link address: it was seen in another place
		out = append(out, k, again)
	}
	slices.SortStableFunc(out, func(a, b packet) int { return int(a.time - b.time) })
	return out
}

func keep(p []packet, want func(packet) bool) []packet {
	return slices.DeleteFunc(slices.Clone(p), func(k packet) bool { return !want(k) })
}

func midst(_ *rand.Rand, p []packet) []packet { return p[len(p)/3:] }

func cut(_ *rand.Rand, p []packet) []packet {
	out := slices.Clone(p)
	for i := range out {
		out[i].frame = out[i].frame[:min(54, len(out[i].frame))]
	}
	return out
}

// disorder swaps one neighbouring pair in ten, as a capture over several queues does.
func disorder(rng *rand.Rand, p []packet) []packet {
	out := slices.Clone(p)
	for i := 1; i < len(out); i++ {
		if rng.IntN(10) == 0 && out[i].time-out[i-1].time < 1e6 {
			out[i].time, out[i-1].time = out[i-1].time, out[i].time
			out[i], out[i-1] = out[i-1], out[i]
			i++
		}
	}
	return out
}

// tagged puts a VLAN tag into one direction, as a mirror port does.
func tagged(_ *rand.Rand, p []packet) []packet {
	out := slices.Clone(p)
	for i := range out {
		if !out[i].client {
			f := out[i].frame
			out[i].frame = slices.Concat(f[:12], []byte{0x81, 0, 0, 7}, f[12:])
			out[i].length += 4
		}
	}
	return out
}

// quiet feeds the packets and fails on any finding above a note.
func quiet(t *testing.T, packets []packet) {
	t.Helper()
	loud := map[string]int{}
	var first string
	a := analyzer.New(analyzer.Config{}, handlerFunc(func(c *analyzer.Connection) {
		for i := range c.Findings {
			if f := &c.Findings[i]; f.Severity >= detect.Warning {
				loud[f.Code]++
				if first == "" {
					first = fmt.Sprintf("#%d %s: %s %s", c.ID, f.Code, f.Summary, f.Explanation)
				}
			}
		}
	}))
	for i, p := range packets {
		f := reassembly.Frame{Number: i + 1, Time: p.time, LinkType: 1, Data: p.frame, Length: p.length}
		if err := a.Feed(&f); err != nil {
			t.Fatal(err)
		}
	}
	sum, err := a.Close()
	if err != nil {
		t.Fatal(err)
	}
	for i := range sum.Across {
		loud[sum.Across[i].Code]++
	}
	if len(loud) > 0 {
		t.Errorf("healthy connections, yet %v; the first: %s", loud, first)
	}
	if sum.Connections < connections(t)/2 || sum.Connections > connections(t) {
		t.Errorf("%d connections told, %d generated", sum.Connections, connections(t))
	}
}
