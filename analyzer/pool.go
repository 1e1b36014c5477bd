package analyzer

import "encoding/binary"

// pool hands out blocks of one size, in chunks that the collector need not look into.
type pool struct {
	size   int // bytes of a block, at most 260
	chunks [][]byte
	used   uint32 // the last block that was given out so far; there is no block 0
	free   uint32 // the first that was given back, 0 for none; each leads to the next
	unused int    // how many those are
}

const blocksPerChunk = 1 << 9

func (p *pool) at(i uint32) block {
	from := int(i%blocksPerChunk) * p.size
	return p.chunks[i/blocksPerChunk][from : from+p.size]
}

// take returns a block that nobody has, empty.
func (p *pool) take() (i uint32, b block) {
	if i = p.free; i > 0 {
		b = p.at(i)
		p.free, p.unused = b.next(), p.unused-1
		b[4] = 0
		return i, b
	}
	p.used++
	if i = p.used; i/blocksPerChunk == uint32(len(p.chunks)) {
		p.chunks = append(p.chunks, make([]byte, blocksPerChunk*p.size))
	}
	return i, p.at(i)
}

// give takes a block back.
func (p *pool) give(i uint32) {
	p.at(i).link(p.free)
	p.free = i
	p.unused++
}

// block is a link of a chain: the number of the next one, how many bytes are in use,
// and those.
type block []byte

func (b block) next() uint32  { return binary.LittleEndian.Uint32(b) }
func (b block) link(i uint32) { binary.LittleEndian.PutUint32(b, i) }
func (b block) bytes() []byte { return b[5 : 5+int(b[4])] }
func (b block) full() bool    { return 5+int(b[4]) == len(b) }

// add puts as many bytes of data into b as there is room for, and returns how many.
func (b block) add(data []byte) int {
	n := copy(b[5+int(b[4]):], data)
	b[4] += uint8(n)
	return n
}
