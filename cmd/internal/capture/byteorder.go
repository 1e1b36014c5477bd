package capture

import "encoding/binary"

// bigEndian is the byte order of a capture file: true for the network's order. It
// is a plain value because calls through binary.ByteOrder cannot be inlined.
type bigEndian bool

func (big bigEndian) u16(b []byte) uint16 {
	if big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (big bigEndian) u32(b []byte) uint32 {
	if big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (big bigEndian) u64(b []byte) uint64 {
	if big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}
