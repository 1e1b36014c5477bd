package capture

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// recognisable is how many bytes tell any format that notCapture knows.
const recognisable = 256

// Commands that turn another format into one that can be read. FILE stands for the
// name of the file.
const (
	byEditcap = "editcap -F pcapng FILE capture.pcapng"
	byXz      = "xz -dc FILE | tcpflow-explain -r -"
	byBzip2   = "bzip2 -dc FILE | tcpflow-explain -r -"
	byLz4     = "lz4 -dc FILE | tcpflow-explain -r -"
	byUnzip   = "unzip -p FILE | tcpflow-explain -r -"
	byGunzip  = "gzip -dc FILE | tcpflow-explain -r -"
	byZstd    = "zstd -dc FILE | tcpflow-explain -r -"
)

// otherFormats are formats that hold captures and cannot be read here.
var otherFormats = [...]struct{ magic, name, command string }{
	{"snoop\x00\x00\x00", "a snoop capture (Solaris)", byEditcap},
	{"RTSS", "a Microsoft Network Monitor 1 capture", byEditcap},
	{"GMBU", "a Microsoft Network Monitor 2 capture", byEditcap},
	{"TRSNIFF data    \x1a", "a DOS Sniffer capture", byEditcap},
	{"XCP\x00", "a Sniffer (NetXRay) capture", byEditcap},
	{"\xaa\xaa\xaa\xaa", "a 5Views capture", byEditcap},
	{"\x01\x10\x4c\x00", "a LANalyzer capture", byEditcap},
	{"\x07\x10\x4c\x00", "a LANalyzer capture", byEditcap},
	{"\x00\x00\x02\x00\x12\x05\x00\x10", "a Tektronix K12 capture", byEditcap},
	{"+---------+---------------+----------+", "a K12 capture as text", byEditcap},
	{"\x05VNF", "a Visual Networks capture", byEditcap},
	{"\x7fver", "an EtherPeek or OmniPeek capture", byEditcap},
	{"iptrace ", "an AIX iptrace capture", byEditcap},
	{"\xfd7zXZ\x00", "compressed by xz", byXz},
	{"BZh", "compressed by bzip2", byBzip2},
	{"\x04\x22\x4d\x18", "compressed by lz4", byLz4},
	{"PK\x03\x04", "a zip archive", byUnzip},
	{"\x1f\x8b", "compressed twice", byGunzip},
	{"\x28\xb5\x2f\xfd", "compressed twice", byZstd},
}

// printed matches what tcpdump prints for a packet, by any of its ways to show time:
// "12:34:56.789012 IP ", "2026-11-20 12:34:56.789012 eth0 In  IP ", "1732.789012 ARP".
var printed = regexp.MustCompile(`(?m)^\s*(\d+\s+)?(\d{4}-\d\d-\d\d )?(\d\d:\d\d:\d\d|\d+)\.\d{6,9} (\S+\s+(In|Out|B|M|P)\s+)?(IP6?|ARP)\b`)

// notCapture says what a file is that begins with start, and what to do about it.
func notCapture(name string, start []byte) error {
	for _, f := range otherFormats {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return convertible(name, f.name, f.command)
		}
	}
	switch {
	case isERF(name):
		return convertible(name, "an Endace ERF capture", byEditcap)
	case printed.Match(start):
		return fmt.Errorf("%s is what tcpdump prints, not a capture: record one by `tcpdump -w FILE`", shown(name))
	}
	return fmt.Errorf("%s is not a capture: it begins with % x, as neither pcap nor pcapng does", shown(name), start[:4])
}

// isERF goes by the name, because the format has no magic number.
func isERF(name string) bool {
	base := strings.ToLower(filepath.Base(name))
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), ".zst")
	return filepath.Ext(base) == ".erf"
}

func convertible(name, format, command string) error {
	file := "FILE"
	if name != "-" {
		file = shellWord(name)
	}
	return errors.New(shown(name) + " is " + format + ", which cannot be read; convert it: `" + strings.Replace(command, "FILE", file, 1) + "`")
}

// shellWord quotes a file name for a POSIX shell where that is necessary.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("%+,-./:=@_", r) || r > 0x7f ||
			'0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
