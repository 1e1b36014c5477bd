package capture

// Block types of pcapng (draft-ietf-opsawg-pcapng §4); all others are passed over.
const (
	interfaceBlock  = 1
	obsoleteBlock   = 2 // Packet Block, superseded by the enhanced one
	simpleBlock     = 3
	namesBlock      = 4
	statisticsBlock = 5
	enhancedBlock   = 6
	journalBlock    = 9
	secretsBlock    = 10
	customBlock     = 0xbad
	customNoCopy    = 0x40000bad
	sectionBlock    = 0x0a0d0d0a // reads alike in both byte orders
)

// Sizes of blocks, in bytes. A block is type, total length, body, total length again.
const (
	blockHeader  = 8
	blockTrailer = 4
	blockFrame   = blockHeader + blockTrailer
	largestBlock = largestFrame + 64<<10 // the frame, its header and options
)

// block returns the next block without moving on. A block of a type that is not
// needed is passed over; its body is nil.
func (r *pcapngReader) block() (kind uint32, body []byte, err error) {
	if r.passing > 0 {
		return 0, nil, r.goOnPassing()
	}
	kind, total, err := r.blockStart()
	if err != nil {
		return 0, nil, err
	}
	if !wanted(kind) {
		return kind, nil, r.passOver(kind, total)
	}
	if total > largestBlock {
		return 0, nil, r.damage("a block claims %d bytes, more than a frame can need", total)
	}
	block, err := r.peek(int(total))
	if err != nil {
		return 0, nil, cut(r.offset, err, "a block", int64(total), int64(len(block)))
	}
	if again := r.big.u32(block[total-blockTrailer:]); again != total {
		return 0, nil, r.damage("a block's two lengths differ: %d and %d bytes", total, again)
	}
	return kind, block[blockHeader : total-blockTrailer], nil
}

// blockStart reads a block's type and length.
func (r *pcapngReader) blockStart() (kind, total uint32, err error) {
	head, err := r.peek(blockHeader)
	if err != nil {
		return 0, 0, r.ended(err, "a block's header", blockHeader, len(head))
	}
	if kind = r.big.u32(head); kind == sectionBlock {
		if err := r.detectByteOrder(); err != nil {
			return 0, 0, err
		}
		head, _ = r.peek(blockHeader) // looking further ahead may have moved it
	}
	total = r.big.u32(head[4:])
	if total < blockFrame || total%4 != 0 {
		return 0, 0, r.damage("a block claims an impossible length of %d bytes", total)
	}
	return kind, total, nil
}

func wanted(kind uint32) bool {
	switch kind {
	case sectionBlock, interfaceBlock, obsoleteBlock, simpleBlock, statisticsBlock, enhancedBlock:
		return true
	}
	return false
}

// numbered tells the blocks that are no frames and have frame numbers in Wireshark.
func numbered(kind uint32) bool {
	return kind == customBlock || kind == customNoCopy || kind == journalBlock
}

// passOver leaves a block out, however long.
func (r *pcapngReader) passOver(kind, total uint32) error {
	switch {
	case numbered(kind):
		r.number++
	case kind == secretsBlock:
		r.secrets = true
	case kind != namesBlock:
		r.unknown++
	}
	r.passing, r.passed = int64(total), 0
	return r.goOnPassing()
}

// goOnPassing leaves out what is left of a block: in a file that grows, it may not be
// whole yet.
func (r *pcapngReader) goOnPassing() error {
	got, err := r.discard(r.passing)
	r.passing -= got
	r.passed += got
	if err != nil {
		return cut(r.offset-r.passed, err, "a block", r.passed+r.passing, r.passed)
	}
	return nil
}

// detectByteOrder looks into a section header, whose length can only be read once
// its byte-order magic is known.
func (r *pcapngReader) detectByteOrder() error {
	head, err := r.peek(blockHeader + 4)
	if err != nil {
		return cut(r.offset, err, "a section header", blockHeader+4, int64(len(head)))
	}
	for _, big := range []bigEndian{false, true} {
		if big.u32(head[blockHeader:]) == byteOrderMagic {
			r.big = big
			return nil
		}
	}
	return r.damage("a section header has no byte-order magic")
}
