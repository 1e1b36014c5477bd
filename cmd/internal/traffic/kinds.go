package traffic

import (
	"encoding/binary"
	"net/netip"
)

// conversation returns one that begins now, between two hosts of many.
func (g *generator) conversation() *conversation {
	c := &conversation{number: g.begun, now: g.now}
	c.ends = [2]netip.AddrPort{
		netip.AddrPortFrom(host(1, g.rand.Uint32N(20_000), false), uint16(32768+g.begun%28_000)),
		netip.AddrPortFrom(host(2, g.rand.Uint32N(2000), false), 443),
	}
	c.answers = [2]int64{300 + g.rand.Int64N(3000), 2000 + g.rand.Int64N(80_000)}
	for side := range c.sent {
		c.sent[side] = g.rand.Uint32()
		c.ids[side] = uint16(g.rand.Uint32())
	}
	return c
}

// host returns the address of a number, and always the same one. Hosts are spread
// over many networks: some tools look at a part of the address only.
func host(kind byte, number uint32, v6 bool) netip.Addr {
	mixed := number*2654435761 + uint32(kind)
	if v6 {
		a := [16]byte{0x20, 0x01, 0x0d, 0xb8, 0, kind}
		binary.BigEndian.PutUint32(a[12:], mixed)
		return netip.AddrFrom16(a)
	}
	a := [4]byte{}
	binary.BigEndian.PutUint32(a[:], mixed)
	a[0] = 11 + a[0]%115 // neither private nor loopback nor multicast
	return netip.AddrFrom4(a)
}

// short is a connection of eight packets.
func (g *generator) short() *conversation {
	c := g.conversation()
	c.handshake()
	c.now += 50
	c.say(client, psh|ack, 60+g.rand.IntN(100))
	c.reply(server, psh|ack, 100+g.rand.IntN(1300))
	c.reply(client, fin|ack, 0)
	c.reply(server, fin|ack, 0)
	c.reply(client, ack, 0)
	return c
}

// elephant sends bursts as long as it is asked for more.
func (g *generator) elephant() *conversation {
	c := g.conversation()
	c.answers = [2]int64{200, 9000}
	c.handshake()
	c.more = func(c *conversation) {
		c.now += c.answers[client]
		c.burst(client, 44, segmentSize, -1, true)
		c.sort()
	}
	return c
}

// synflood is a SYN from an address that none before had.
func (g *generator) synflood() *conversation {
	c := g.conversation()
	source := [4]byte{}
	const bits = 30 // of the sources, which are 11.0.0.0 to 74.255.255.255
	binary.BigEndian.PutUint32(source[:], 11<<24+uint32(g.begun)*2654435761%(1<<bits))
	c.plain = true
	c.ends[client] = netip.AddrPortFrom(netip.AddrFrom4(source), uint16(1024+g.rand.IntN(60_000)))
	c.ends[server] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, 0, 1}), 443)
	c.answers[server] = 40
	c.say(client, syn, 0)
	if g.rand.IntN(5) == 0 {
		c.reply(server, syn|ack, 0)
	}
	return c
}

// idlePackets is how many packets an idle connection has.
const idlePackets = 9

// idle asks once, and is kept alive then.
func (g *generator) idle() *conversation {
	c := g.conversation()
	c.handshake()
	c.say(client, psh|ack, 60)
	c.reply(server, ack, 0)
	for range 2 {
		c.now += 2 * 3600 * second
		c.say(client, ack, 0).seq-- // a probe of what was acknowledged before (RFC 9293 §3.8.4)
		c.reply(server, ack, 0)
	}
	return c
}

// mixed is one of many sorts of connections.
func (g *generator) mixed() *conversation {
	c := g.conversation()
	if g.rand.IntN(5) == 0 {
		for side, end := range c.ends {
			c.ends[side] = netip.AddrPortFrom(host(byte(side), uint32(g.rand.IntN(2000)), true), end.Port())
		}
	}
	if g.rand.IntN(50) == 0 {
		c.vlan = uint16(2 + g.rand.IntN(4000))
	}
	if g.opened(c) {
		for range 1 + g.rand.IntN(6) {
			g.exchange(c)
		}
		g.closed(c)
	}
	return c.sort()
}

// opened writes the opening, and reports whether there was one.
func (g *generator) opened(c *conversation) bool {
	switch n := g.rand.IntN(100); {
	case n < 2: // refused
		c.say(client, syn, 0)
		c.reply(server, rst|ack, 0).window = 0
		return false
	case n < 3: // nobody there
		c.repeatSYN(3)
		return false
	case n < 4: // the first SYN was lost
		c.repeatSYN(1)
		c.reply(server, syn|ack, 0)
		c.reply(client, ack, 0)
	case n < 5: // opened before the capture
		c.heard = [2]uint32{c.sent[server], c.sent[client]}
	default:
		c.handshake()
	}
	return true
}

// repeatSYN sends a SYN and its repetitions, by Linux's timer.
func (c *conversation) repeatSYN(times int) {
	first := c.sent[client]
	for wait := int64(second); times >= 0; times, wait = times-1, wait*2 {
		c.sent[client] = first
		c.say(client, syn, 0)
		if times > 0 {
			c.now += wait
		}
	}
}

// exchange is a request and its response, in growing bursts.
func (g *generator) exchange(c *conversation) {
	c.now += g.rand.Int64N(2 * second)
	c.say(client, psh|ack, 80+g.rand.IntN(900))
	if g.rand.IntN(3) == 0 {
		c.reply(server, ack, 0)
	}
	c.now += c.answers[server] + g.rand.Int64N(30_000)
	segments := 1 << g.rand.IntN(5) // 1 to 16, each size as often
	for window := 10; segments > 0; window += window / 2 {
		lost, n := -1, min(segments, window)
		if g.rand.IntN(100) < n {
			lost = g.rand.IntN(n)
		}
		c.burst(server, n, 1+g.rand.IntN(segmentSize), lost, g.rand.IntN(2) == 0)
		c.now += c.answers[server]
		segments -= n
	}
}

// closed writes how the connection ends, if it does.
func (g *generator) closed(c *conversation) {
	c.now += g.rand.Int64N(second)
	first := side(g.rand.IntN(2))
	switch n := g.rand.IntN(100); {
	case n < 70:
		c.say(first, fin|ack, 0)
		c.reply(first.peer(), fin|ack, 0)
		c.reply(first, ack, 0)
	case n < 78: // the peer answers the FIN by a reset
		c.say(first, fin|ack, 0)
		c.reply(first.peer(), rst|ack, 0)
	case n < 88:
		c.say(first, rst|ack, 0)
	case n < 92: // one side goes on after the other's FIN
		c.say(client, fin|ack, 0)
		c.reply(server, ack, 0)
		c.now += 2000
		c.burst(server, 3, 700, -1, true)
		c.now += c.answers[server]
		c.say(server, fin|ack, 0)
		c.reply(client, ack, 0)
	case n < 94: // both at once
		acks := c.heard
		c.say(client, fin|ack, 0)
		c.heard[server] = acks[server]
		c.now += 40
		c.say(server, fin|ack, 0)
		c.heard = [2]uint32{c.sent[server], c.sent[client]}
		c.now += c.answers[client]
		c.say(client, ack, 0)
		c.now += c.answers[server]
		c.say(server, ack, 0)
	case n < 96: // kept alive, and left open
		c.now += 75 * second
		c.say(client, ack, 0).seq--
		c.reply(server, ack, 0)
	}
}
