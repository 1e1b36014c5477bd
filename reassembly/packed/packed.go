// Package packed keeps numbers in few bytes, for connections that wait in memory.
//
// A type describes its layout once, in a method that hands pointers to its fields
// to a Coder in turn: the same method packs and unpacks, so that the two cannot
// part ways.
//
//	func (p *Point) Code(c *packed.Coder) { packed.Int(c, &p.X); packed.Int(c, &p.Y) }
package packed

import "encoding/binary"

// Coder packs the values that it is given the addresses of, or unpacks them to
// there. The zero Coder is ready to pack.
type Coder struct {
	buf     []byte
	at      int
	reading bool
}

// Write readies c to pack into buf, which it overwrites.
func (c *Coder) Write(buf []byte) { *c = Coder{buf: buf[:0]} }

// Read readies c to unpack what Bytes returned before. Anything else makes it panic.
func (c *Coder) Read(buf []byte) { *c = Coder{buf: buf, reading: true} }

// Reading reports whether c unpacks: what a value points to must then be made first.
func (c *Coder) Reading() bool { return c.reading }

// Bytes returns what was packed. It is valid until the next Write.
func (c *Coder) Bytes() []byte { return c.buf }

// Uint codes a number that is small as a rule: one byte below 128, ten at most.
func Uint[T ~int | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64](c *Coder, v *T) {
	if c.reading {
		*v = T(c.uvarint())
		return
	}
	c.put(uint64(*v))
}

// Int codes a number that is close to 0 as a rule, on either side.
func Int[T ~int | ~int64](c *Coder, v *T) { Delta(c, v, 0) }

// Delta codes a number that is close to base as a rule. Both directions must know base.
func Delta[T ~int | ~int64](c *Coder, v *T, base T) {
	if c.reading {
		u := c.uvarint()
		*v = base + T(int64(u>>1)^-int64(u&1))
		return
	}
	d := int64(*v - base)
	c.put(uint64(d)<<1 ^ uint64(d>>63))
}

// Delta32 is Delta for numbers that count modulo 2^32.
func Delta32[T ~uint32](c *Coder, v *T, base T) {
	d := int64(int32(*v - base))
	Int(c, &d)
	*v = base + T(uint32(d))
}

// Flags codes up to 14 truths, in one byte as long as those after the seventh are false.
func (c *Coder) Flags(flags ...*bool) {
	if c.reading {
		bits := c.uvarint()
		for i, f := range flags {
			*f = bits>>i&1 != 0
		}
		return
	}
	var bits uint64
	for i, f := range flags {
		if *f {
			bits |= 1 << i
		}
	}
	c.put(bits)
}

func (c *Coder) put(v uint64) {
	if v < 0x80 {
		c.buf = append(c.buf, byte(v))
		return
	}
	c.buf = binary.AppendUvarint(c.buf, v)
}

func (c *Coder) uvarint() uint64 {
	if b := c.buf[c.at]; b < 0x80 {
		c.at++
		return uint64(b)
	}
	v, n := binary.Uvarint(c.buf[c.at:])
	c.at += n
	return v
}
