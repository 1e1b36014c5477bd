package netsim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Plan is everything that is decided before a connection begins.
type Plan struct {
	Seed         uint64
	Delay        time.Duration // one way
	Jitter       float64       // up to this share of Delay is added to it
	Overtaking   bool          // segments may overtake each other
	Loss         float64       // probability, for each segment
	Duplication  float64       // probability, for each segment
	Drops        []Drop
	Outage       Outage
	Refuse       bool          // nobody listens
	Simultaneous bool          // both sides open
	Gap          time.Duration // from the first active open to the second
	Timestamps   bool          // RFC 7323
	SACK         bool          // RFC 2018, RFC 2883
	Hosts        [2]Host       // by Side
	Tap          float64       // where the capture is taken: 0 at the client, 1 at the server
	CaptureLoss  float64       // probability that a frame is not captured
	From, Until  time.Duration // when the capture begins and ends; 0 for the whole
}

// Drop loses chosen segments: of those from From that Match, Count after the first Skip.
type Drop struct {
	From        Side
	Match       Kind
	Skip, Count int
	Place       float64 // where on the path: 0 at the client, 1 at the server
}

// Outage is a time in which the path is broken at Place.
type Outage struct {
	From, Until time.Duration
	Broken      [2]bool // by the Side that sends
	Place       float64
}

// Kind is a kind of segment, for what gets lost.
type Kind uint8

// Every segment is of exactly one kind.
const (
	KindSYN Kind = iota
	KindSYNACK
	KindACK
	KindData
	KindFIN
	KindRST
	numKinds
)

// Host is one side: its kernel and its application.
type Host struct {
	SYNRetries  int           // of SYN and SYN-ACK
	Retries     int           // of data and FIN
	DelayedACK  time.Duration // 0 acknowledges at once
	KeepAlive   time.Duration // idle time before the first probe, and interval; 0 for none
	Probes      int           // unanswered probes before it gives up
	LastOnData  bool          // a FIN rides on the last data where it can
	Writes      []Write
	Reads       bool // an application that does not read leaves data behind at close()
	Ending      Ending
	EndingAt    time.Duration // after the handshake
	ClosesOnEOF bool
	Think       time.Duration // from end-of-file to close()
	Fate        Fate
	FateAt      time.Duration // since the beginning
	Reboot      time.Duration // how long a crashed host is away
}

// Write is one write() of the application.
type Write struct {
	At  time.Duration // after the handshake
	Len int
}

// Ending is what an application does by itself to end a connection.
type Ending uint8

// The endings.
const (
	Waits     Ending = iota // for end-of-file, if for anything
	Closes                  // close()
	ShutsDown               // shutdown(SHUT_WR), then close() on end-of-file
	Aborts                  // SO_LINGER 0
)

// Fate is what befalls a host.
type Fate uint8

// The fates.
const (
	Lives    Fate = iota
	Vanishes      // for ever: power or cable
	Crashes       // and comes back without its sockets
)

// NewPlan draws a plan.
func NewPlan(seed uint64) Plan {
	d := drawer{rand.New(rand.NewPCG(seed, 9293))}
	p := Plan{
		Seed:       seed,
		Delay:      pick(d, 50*time.Microsecond, time.Millisecond, 10*time.Millisecond, 80*time.Millisecond),
		Jitter:     pick(d, 0, 0.1, 0.5),
		Overtaking: d.chance(0.1),
		Timestamps: d.chance(0.8),
		SACK:       d.chance(0.8),
		Refuse:     d.chance(0.03),
		Tap:        pick(d, 0, 1, d.Float64()),
	}
	for side := range p.Hosts {
		p.Hosts[side] = d.host()
	}
	if d.chance(0.06) {
		p.Simultaneous, p.Gap = true, time.Duration(d.Float64()*1.2*float64(p.Delay))
	}
	d.trouble(&p)
	d.capture(&p)
	return p
}

// drawer draws from one stream of random numbers.
type drawer struct{ *rand.Rand }

func (d drawer) chance(p float64) bool { return d.Float64() < p }

func (d drawer) upTo(limit time.Duration) time.Duration { return time.Duration(d.Int64N(int64(limit))) }

func pick[T any](d drawer, from ...T) T { return from[d.IntN(len(from))] }

func (d drawer) host() Host {
	h := Host{
		SYNRetries: 1 + d.IntN(5), Retries: 3 + d.IntN(5),
		DelayedACK:  pick(d, 0, 40*time.Millisecond),
		LastOnData:  d.chance(0.3),
		Reads:       d.chance(0.9),
		Ending:      pick(d, Waits, Waits, Closes, Closes, ShutsDown, Aborts),
		EndingAt:    d.upTo(pick(d, time.Millisecond, 100*time.Millisecond, 2*time.Second)),
		ClosesOnEOF: d.chance(0.9),
		Think:       pick(d, 0, d.upTo(50*time.Millisecond), d.upTo(5*time.Second)),
	}
	if d.chance(0.2) {
		h.KeepAlive, h.Probes = time.Second+d.upTo(9*time.Second), 2+d.IntN(4)
	}
	for range d.IntN(5) {
		h.Writes = append(h.Writes, Write{d.upTo(pick(d, time.Millisecond, time.Second)), 1 + d.IntN(5000)})
	}
	return h
}

// trouble draws what goes wrong: nothing, for two plans of five.
func (d drawer) trouble(p *Plan) {
	if d.chance(0.4) {
		return
	}
	if d.chance(0.4) {
		p.Loss = pick(d, 0.01, 0.05, 0.2)
	}
	if d.chance(0.2) {
		p.Duplication = pick(d, 0.02, 0.2)
	}
	for d.chance(0.4) {
		p.Drops = append(p.Drops, Drop{
			From: Side(d.IntN(2)), Match: Kind(d.IntN(int(numKinds))),
			Skip: d.IntN(3), Count: pick(d, 1, 1, 2, 5, 100), Place: d.Float64(),
		})
	}
	if d.chance(0.15) {
		from := d.upTo(3 * time.Second)
		p.Outage = Outage{From: from, Until: from + d.upTo(pick(d, time.Second, 20*time.Second, 10*time.Minute)), Place: d.Float64()}
		p.Outage.Broken = pick(d, [2]bool{true, true}, [2]bool{true, false}, [2]bool{false, true})
	}
	if d.chance(0.15) {
		h := &p.Hosts[d.IntN(2)]
		h.Fate, h.FateAt, h.Reboot = pick(d, Vanishes, Crashes), d.upTo(3*time.Second), d.upTo(pick(d, time.Millisecond, 20*time.Second))
	}
}

// capture draws what the capture misses: nothing, for three plans of five.
func (d drawer) capture(p *Plan) {
	if d.chance(0.6) {
		return
	}
	if d.chance(0.4) {
		p.CaptureLoss = pick(d, 0.02, 0.2)
	}
	if d.chance(0.4) {
		p.From = 1 + d.upTo(2*time.Second)
	}
	if d.chance(0.4) {
		p.Until = p.From + 1 + d.upTo(4*time.Second)
	}
}

// Whole reports whether the capture holds all that passed the tap.
func (p *Plan) Whole() bool { return p.CaptureLoss == 0 && p.From == 0 && p.Until == 0 }

// String returns the plan on one line.
func (p *Plan) String() string {
	type plain Plan
	return fmt.Sprintf("%+v", plain(*p))
}
