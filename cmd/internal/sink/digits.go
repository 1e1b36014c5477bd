package sink

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// appendInt appends v in decimal.
func appendInt(b []byte, v int64) []byte {
	switch {
	case uint64(v) < 10:
		return append(b, byte('0'+v))
	case uint64(v) < 1e8:
		digits := eightDigits(uint32(v))
		zeros := bits.TrailingZeros64(digits&^zeros8) &^ 7
		n := len(b) + 8 - zeros/8
		return binary.LittleEndian.AppendUint64(b, digits>>zeros)[:n]
	}
	return strconv.AppendInt(b, v, 10)
}

// appendSix appends v, less than 1e6, with leading zeros.
func appendSix(b []byte, v uint32) []byte {
	n := len(b) + 6
	return binary.LittleEndian.AppendUint64(b, eightDigits(v)>>16)[:n]
}

// appendNine appends v, less than 1e9, with leading zeros.
func appendNine(b []byte, v uint32) []byte {
	b = append(b, byte('0'+v/1e8))
	return binary.LittleEndian.AppendUint64(b, eightDigits(v%1e8))
}

// zeros8 is "00000000".
const zeros8 = 0x3030303030303030

// eightDigits returns the decimal digits of v, less than 1e8, with leading zeros,
// the first in the lowest byte. Halves, then quarters, then single digits are
// divided side by side in one word: a division by 100 or 10 is a multiplication
// and a shift, exact in the range of its part.
func eightDigits(v uint32) uint64 {
	fours := uint64(v/1e4) | uint64(v%1e4)<<32
	high := fours * 10486 >> 20 & 0x7f0000007f
	twos := high | (fours-high*100)<<16
	tens := twos * 103 >> 10 & 0xf000f000f000f
	return zeros8 | tens | (twos-tens*10)<<8
}
