package capture

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket/pcap"
)

// FuzzAgainstLibpcap holds our readers to libpcap's own, on any bytes: every frame
// that libpcap hands over is the same here, in its place. Pcapng may end sooner, at
// contradictions that libpcap does not look for.
func FuzzAgainstLibpcap(f *testing.F) {
	for _, capture := range frames(3) {
		f.Add(capture)
		f.Add(capture[:len(capture)-5])
	}
	for _, order := range []byteOrder{little, big} {
		for _, magic := range []uint32{0xa1b2c3d4, 0xa1b23c4d} {
			f.Add(join(pcapHeader(order, magic, 4, 65535, 1), pcapRecord(order, 1, 999_999, 3, 60, "abc"), pcapRecord(order, 2, 0, 2, 2, "de")))
		}
		f.Add(join(pcapHeader(order, 0xa1b2c3d4, 3, 100, 1), pcapRecord(order, 1, 2, 60, 3, "abc")))
		f.Add(join(section(order), interfaceOf(order, 1, 0, option(order, ifTimeUnit, []byte{9})), enhanced(order, 0, 1_234_567_890, "abcd", 60)))
	}
	path := filepath.Join(f.TempDir(), "capture")
	f.Fuzz(func(t *testing.T, capture []byte) {
		if isCompressed(capture) || os.WriteFile(path, capture, 0o600) != nil {
			return
		}
		theirs := libpcapFrames(path)
		s, err := NewReader("fuzz", bytes.NewReader(capture))
		strict := !bytes.HasPrefix(capture, []byte("\n\r\r\n"))
		for i := 0; i < len(theirs) && err == nil; i++ {
			var got want
			if got, err = next(s); err != nil {
				break
			}
			if p, ok := s.(*pcapReader); ok && p.Notes() != nil {
				return // of a variant that libpcap does not tell
			}
			if !theirs[i].matches(&got) {
				t.Fatalf("frame %d: %+v, for libpcap %+v", i+1, got, theirs[i])
			}
		}
		if strict && err != nil && len(theirs) > 0 {
			t.Fatalf("libpcap reads %d frames, but: %v", len(theirs), err)
		}
	})
}

// libpcapFrame is a frame as libpcap reads it.
type libpcapFrame struct {
	time   int64 // noTime where it has none, or one that nanoseconds cannot count
	data   string
	length int
	cut    bool // it ends at the snap length that the file names: the record may hold more
}

// matches reports whether f is the frame that libpcap reads. Libpcap counts the
// nanoseconds of a fraction in 32 bits, of which impossible microseconds are too many.
func (l *libpcapFrame) matches(f *want) bool {
	if l.time != noTime && (f.time-l.time)%(1<<32) != 0 || f.length != max(l.length, len(f.data)) {
		return false
	}
	return f.data == l.data || l.cut && strings.HasPrefix(f.data, l.data)
}

// libpcapFrames returns the frames that libpcap reads before the end or an error.
func libpcapFrames(path string) (frames []libpcapFrame) {
	handle, err := pcap.OpenOffline(path)
	if err != nil {
		return nil
	}
	defer handle.Close()
	for {
		data, info, err := handle.ZeroCopyReadPacketData()
		if err != nil {
			return frames
		}
		l := libpcapFrame{data: string(data), length: info.Length, cut: len(data) == handle.SnapLen()}
		if seconds := info.Timestamp.Unix(); seconds >= 0 && seconds < lastSecond {
			l.time = info.Timestamp.UnixNano()
		}
		frames = append(frames, l)
	}
}
