package capture

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(data, nil)
}

func lz4ed(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := lz4.NewWriter(&b)
	z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCompressedCaptures(t *testing.T) {
	for name, plain := range frames(50) {
		for kind, compressed := range map[string][]byte{
			"plain": plain, "gzip": gzipped(t, plain), "zstd": zstandard(t, plain), "lz4": lz4ed(t, plain),
			"two gzip members": append(gzipped(t, plain[:300]), gzipped(t, plain[300:])...),
			"two lz4 frames":   append(lz4ed(t, plain[:300]), lz4ed(t, plain[300:])...),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "no-suffix")
				if err := os.WriteFile(path, compressed, 0o600); err != nil {
					t.Fatal(err)
				}
				s, err := Open(path)
				if err != nil {
					t.Fatal(err)
				}
				got, err := drain(s)
				if err != nil || len(got) != 50 {
					t.Errorf("got %d frames and error %v, want 50", len(got), err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestDamagedCompression(t *testing.T) {
	plain := frames(2000)["pcap"]
	for kind, compressed := range map[string][]byte{"gzip": gzipped(t, plain), "zstd": zstandard(t, plain), "lz4": lz4ed(t, plain)} {
		t.Run(kind, func(t *testing.T) {
			got, err := readAll(t, compressed[:len(compressed)-6])
			damaged(t, err, pcapFileHeader+len(got)*(pcapRecordHeader+174), "the "+kind+" data ends too early")
			if kind == "gzip" && len(got) == 0 { // zstd hands out whole blocks only
				t.Error("no frame ahead of the damage was read")
			}
		})
	}
}

// A pipe brings bytes as it likes, and a frame is handed over as soon as it is whole.
func TestPipe(t *testing.T) {
	for name, capture := range frames(20) {
		t.Run(name+", byte by byte", func(t *testing.T) {
			s, err := NewReader("-", iotest.OneByteReader(bytes.NewReader(capture)))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := drain(s); err != nil || len(got) != 20 {
				t.Errorf("got %d frames and error %v, want 20", len(got), err)
			}
		})
	}
	t.Run("no waiting for more", func(t *testing.T) {
		r, w := io.Pipe()
		defer w.Close()
		head := pcapHeader(little, 0xa1b2c3d4, 4, 65535, 1)
		go w.Write(join(head, pcapRecord(little, 1, 0, 4, 4, "abcd"))) // and no end of file
		s, err := NewReader("-", r)
		if err != nil {
			t.Fatal(err)
		}
		var f reassembly.Frame
		if err := s.Next(&f); err != nil || string(f.Data) != "abcd" {
			t.Errorf("got %q and error %v", f.Data, err)
		}
	})
}

func TestReadErrorIsDamage(t *testing.T) {
	broken := errors.New("input/output error")
	capture := frames(3)["pcap"]
	s, err := NewReader("test", io.MultiReader(bytes.NewReader(capture), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := drain(s)
	damaged(t, err, len(capture), broken.Error())
	if len(got) != 3 {
		t.Errorf("got %d frames ahead of the error, want 3", len(got))
	}
}

func TestNotCaptures(t *testing.T) {
	zeros := strings.Repeat("\x00", 600)
	tests := []struct{ name, start, want string }{
		{"a.pcap", "", "a.pcap is empty: not even the header of a capture has been written"},
		{"a.pcap", "abc", "a.pcap is too short for a capture: it has 3 bytes"},
		{"a.pcap", "\x1f\x8b", "a.pcap is too short for a capture: it has 2 bytes"},
		{"-", "", "standard input is empty: not even the header of a capture has been written"},
		{"a.pcap", "{\"a\": 1}", "a.pcap is not a capture: it begins with 7b 22 61 22, as neither pcap nor pcapng does"},
		{"a.pcap", zeros, "a.pcap is not a capture: it begins with 00 00 00 00, as neither pcap nor pcapng does"},
		{"a.cap", "snoop\x00\x00\x00" + zeros, "a.cap is a snoop capture (Solaris), which cannot be read; convert it: `editcap -F pcapng a.cap capture.pcapng`"},
		{"a.cap", "GMBU" + zeros, "a.cap is a Microsoft Network Monitor 2 capture, which cannot be read; convert it: `editcap -F pcapng a.cap capture.pcapng`"},
		{"my file.cap", "XCP\x00" + zeros, "my file.cap is a Sniffer (NetXRay) capture, which cannot be read; convert it: `editcap -F pcapng 'my file.cap' capture.pcapng`"},
		{"a.xz", "\xfd7zXZ\x00" + zeros, "a.xz is compressed by xz, which cannot be read; convert it: `xz -dc a.xz | tcpflow-explain -r -`"},
		{"-", "BZh9" + zeros, "standard input is compressed by bzip2, which cannot be read; convert it: `bzip2 -dc FILE | tcpflow-explain -r -`"},
		{"it's.zip", "PK\x03\x04" + zeros, "it's.zip is a zip archive, which cannot be read; convert it: `unzip -p 'it'\\''s.zip' | tcpflow-explain -r -`"},
		{"a.ERF.gz", "\x00\x11\x53\x18" + zeros, "a.ERF.gz is an Endace ERF capture, which cannot be read; convert it: `editcap -F pcapng a.ERF.gz capture.pcapng`"},
		{"a.etl", "\x00\x00\x01\x00" + zeros, "a.etl is a Windows event trace (netsh, pktmon), which cannot be read; convert it: `etl2pcapng a.etl capture.pcapng`"},
		{"a.tar", "a.pcap" + zeros[:251] + "ustar\x0000", "a.tar is a tar archive, which cannot be read; convert it: `tar -xOf a.tar | tcpflow-explain -r -`"},
		{"a.pcap", "\n<!DOCTYPE html><title>Log in</title>", "a.pcap is a web page, not a capture: it was downloaded without the login that it needs, or from the wrong address"},
		{"a.lz4", string(lz4ed(t, lz4ed(t, []byte("x")))), "a.lz4 is compressed twice, which cannot be read; convert it: `lz4 -dc a.lz4 | tcpflow-explain -r -`"},
		{"a.gz", string(gzipped(t, gzipped(t, []byte("x")))), "a.gz is compressed twice, which cannot be read; convert it: `gzip -dc a.gz | tcpflow-explain -r -`"},
		{"a.txt", "12:34:56.789012 IP 10.0.0.1.80 > 10.0.0.2.4000: Flags [S]", "a.txt is what tcpdump prints, not a capture: add --from tcpdump-text to read it"},
		{"a.txt", "> IP 10.0.0.1.80 > 10.0.0.2.4000: Flags [S]", "a.txt is what tcpdump prints, not a capture: add --from tcpdump-text to read it"},
		{"a.txt", "12:34:56.789012 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4", "a.txt is what tcpdump prints, not a capture: add --from tcpdump-text to read it"},
		{"a.txt", "1732104896.789012 IP6 ::1.80 > ::1.4000: Flags [S]", "a.txt is what tcpdump prints, not a capture: add --from tcpdump-text to read it"},
		{"a.txt", "reading from file x\n    1  2026-11-20 12:34:56.789012 eth0  Out IP 10.0.0.1", "a.txt is what tcpdump prints, not a capture: add --from tcpdump-text to read it"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			start := []byte(tt.start)
			if strings.HasSuffix(tt.name, ".ERF.gz") { // no magic number of its own
				start = gzipped(t, start)
			}
			_, err := NewReader(tt.name, bytes.NewReader(start))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "missing.pcap"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "cannot read "+dir) {
		t.Errorf("missing file: %v", err)
	}
	_, err = Open(dir)
	if err == nil || !strings.Contains(err.Error(), "it is a directory") {
		t.Errorf("directory: %v", err)
	}
	if os.Geteuid() == 0 {
		t.Log("the unreadable file is left out: root can read everything")
		return
	}
	path := filepath.Join(dir, "secret.pcap")
	if err := os.WriteFile(path, frames(1)["pcap"], 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("unreadable file: %v", err)
	}
}
