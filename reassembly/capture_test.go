package reassembly

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readCapture returns the frames of a capture file up to its end or its first
// damaged record: just enough pcap and pcapng for the tests. It does not use
// pcapgo, whose link types are eight bits wide.
func readCapture(path string) ([]Frame, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := bufio.NewReader(file)
	if magic, _ := r.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = bufio.NewReader(z)
	}
	magic, err := r.Peek(4)
	if err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint32(magic) == 0x0a0d0d0a {
		return readPcapng(r), nil
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(magic) {
		case 0xa1b2c3d4, 0xa1b23c4d:
			return readPcap(r, order, 16), nil
		case 0xa1b2cd34: // Kuznetzov: eight bytes more for each record
			return readPcap(r, order, 24), nil
		}
	}
	return nil, fmt.Errorf("%s: no capture", path)
}

func readPcap(r io.Reader, order binary.ByteOrder, size int) (frames []Frame) {
	file := make([]byte, 24)
	if _, err := io.ReadFull(r, file); err != nil || order.Uint16(file[4:]) != 2 {
		return nil
	}
	for {
		record := make([]byte, size)
		if _, err := io.ReadFull(r, record); err != nil || order.Uint32(record[8:]) > 1<<20 {
			return frames
		}
		if order.Uint16(file[6:]) < 3 { // before 2.3 the two lengths stood the other way round
			captured, length := record[8:12:12], record[12:16]
			copy(record[8:], append(slices.Clone(length), captured...))
		}
		f := Frame{Number: len(frames) + 1, LinkType: uint16(order.Uint32(file[20:])),
			Data: make([]byte, order.Uint32(record[8:])), Length: int(order.Uint32(record[12:]))}
		if _, err := io.ReadFull(r, f.Data); err != nil {
			return frames
		}
		frames = append(frames, f)
	}
}

func readPcapng(r *bufio.Reader) (frames []Frame) {
	const section, interfaceDescription, oldPacket, simplePacket, packet = 0x0a0d0d0a, 1, 2, 3, 6
	var order binary.ByteOrder = binary.LittleEndian
	var linkTypes []uint16
	for {
		head, err := r.Peek(12)
		if err != nil {
			return frames
		}
		if binary.LittleEndian.Uint32(head) == section {
			order, linkTypes = binary.LittleEndian, nil
			if binary.BigEndian.Uint32(head[8:]) == 0x1a2b3c4d {
				order = binary.BigEndian
			}
		}
		block := make([]byte, order.Uint32(head[4:]))
		if _, err := io.ReadFull(r, block); err != nil || len(block) < 12 {
			return frames
		}
		kind, body := order.Uint32(block), block[8:]
		if kind == interfaceDescription {
			linkTypes = append(linkTypes, order.Uint16(body))
		}
		var f Frame
		switch kind {
		case simplePacket:
			f.Length = int(order.Uint32(body))
			f.Data = body[4:min(4+f.Length, len(body)-4)]
		case packet, oldPacket:
			f.Interface, f.Length = order.Uint32(body), int(order.Uint32(body[16:]))
			if kind == oldPacket {
				f.Interface = uint32(order.Uint16(body))
			}
			f.Data = body[20 : 20+order.Uint32(body[12:])]
		default:
			continue
		}
		f.Number, f.LinkType = len(frames)+1, linkTypes[f.Interface]
		frames = append(frames, f)
	}
}

// captures returns the capture files below the given folders of this checkout
// and of what may lie beside it; without any the test is skipped.
func captures(t testing.TB, folders ...string) (paths []string) {
	t.Helper()
	for _, folder := range folders {
		filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
			name := strings.TrimSuffix(path, ".gz")
			if err == nil && (strings.HasSuffix(name, ".pcap") || strings.HasSuffix(name, ".pcapng") || strings.HasSuffix(name, ".dmp")) {
				paths = append(paths, path)
			}
			return nil
		})
	}
	if len(paths) == 0 {
		t.Skipf("no captures in %s", strings.Join(folders, ", "))
	}
	return paths
}
