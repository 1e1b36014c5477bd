package flowtest

import (
	"encoding/binary"
	"time"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Pcap returns the frames as a classic capture file: little-endian, nanosecond
// times, the link type of the first frame.
func Pcap(frames []reassembly.Frame) []byte {
	const (
		magicNanoseconds = 0xa1b23c4d
		snapLength       = 262144
	)
	link := LinkEthernet
	if len(frames) > 0 {
		link = frames[0].LinkType
	}
	b := binary.LittleEndian.AppendUint32(nil, magicNanoseconds)
	b = binary.LittleEndian.AppendUint16(b, 2) // version 2.4
	b = binary.LittleEndian.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...) // time zone and accuracy: always zero
	b = binary.LittleEndian.AppendUint32(b, snapLength)
	b = binary.LittleEndian.AppendUint32(b, uint32(link))
	for i := range frames {
		f := &frames[i]
		b = binary.LittleEndian.AppendUint32(b, uint32(f.Time/int64(time.Second)))
		b = binary.LittleEndian.AppendUint32(b, uint32(f.Time%int64(time.Second)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Data)))
		b = binary.LittleEndian.AppendUint32(b, uint32(f.Length))
		b = append(b, f.Data...)
	}
	return b
}
