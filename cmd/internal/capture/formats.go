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
const recognisable = 512

// Commands that turn another format into one that can be read. FILE stands for the
// name of the file.
const (
	byEditcap = "editcap -F pcapng FILE capture.pcapng"
	byXz      = "xz -dc FILE | tcpflow-explain -r -"
	byBzip2   = "bzip2 -dc FILE | tcpflow-explain -r -"
	byLz4     = "lz4 -dc FILE | tcpflow-explain -r -"
	byUnzip   = "unzip -p FILE | tcpflow-explain -r -"
	by7z      = "7z e -so FILE | tcpflow-explain -r -"
	byUnrar   = "unrar p -inul FILE | tcpflow-explain -r -"
	byTar     = "tar -xOf FILE | tcpflow-explain -r -"
	byLzip    = "lzip -dc FILE | tcpflow-explain -r -"
	byLzop    = "lzop -dc FILE | tcpflow-explain -r -"
	byETL     = "etl2pcapng FILE capture.pcapng"
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
	{"VL\x00\x00", "a Sniffer (NetXRay 1) capture", byEditcap},
	{"ObserverPktBuffe", "an Observer (Network Instruments) capture", byEditcap},
	{"\x42\xd2\x00\x34\x12\x66\x22\x88", "a RADCOM capture", byEditcap},
	{"\x54\x52\x00\x64\x00", "an HP-UX nettl capture", byEditcap},
	{"btsnoop\x00", "a Bluetooth (btsnoop) capture", byEditcap},
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
	{"\x1f\x9d", "compressed by compress", byGunzip},
	{"\x1f\xa0", "compressed by compress -H", byGunzip},
	{"LZIP", "compressed by lzip", byLzip},
	{"\x89LZO\x00", "compressed by lzop", byLzop},
	{"\x5d\x00\x00", "compressed by lzma", byXz},
	{"PK\x03\x04", "a zip archive", byUnzip},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", by7z},
	{"Rar!\x1a\x07", "a RAR archive", byUnrar},
	{"\x1f\x8b", "compressed twice", byGunzip},
	{"\x28\xb5\x2f\xfd", "compressed twice", byZstd},
	{"\x04\x22\x4d\x18", "compressed twice", byLz4},
}

// printed matches what tcpdump prints for a packet, by any of its ways to show time:
// "12:34:56.789012 IP ", "2026-11-20 12:34:56.789012 eth0 In  IP ", "1732.789012 ARP",
// and "IP 10.0.0.1.80 > 10.0.0.2.4000: " without one.
var printed = regexp.MustCompile(`(?m)^[\s>|]*(\d+[\s:]+)?` +
	`((\d{4}-\d\d-\d\d )?(\d\d:\d\d:\d\d|\d+)\.\d{6,9} +(\S+ +(In|Out|B|M|P) +)?(IP6?|ARP|ifindex|([0-9a-f]{2}:){5}[0-9a-f]{2})\b` +
	`|IP6? \S+ > \S+: )`)

// webPage matches the beginning of HTML.
var webPage = regexp.MustCompile(`(?i)^\s*(<!doctype html|<html)`)

// tarMagicAt is where a tar archive says that it is one.
const tarMagicAt = 257

// notCapture says what a file is that begins with start, and what to do about it.
func notCapture(name string, start []byte) error {
	for _, f := range otherFormats {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return convertible(name, f.name, f.command)
		}
	}
	switch {
	case len(start) > tarMagicAt && bytes.HasPrefix(start[tarMagicAt:], []byte("ustar")):
		return convertible(name, "a tar archive", byTar)
	case endsWith(name, ".erf"):
		return convertible(name, "an Endace ERF capture", byEditcap)
	case endsWith(name, ".etl"):
		return convertible(name, "a Windows event trace (netsh, pktmon)", byETL)
	case webPage.Match(start):
		return fmt.Errorf("%s is a web page, not a capture: it was downloaded without the login that it needs, or from the wrong address", shown(name))
	case printed.Match(start):
		return fmt.Errorf("%s is what tcpdump prints, not a capture: add --from tcpdump-text to read it", shown(name))
	}
	return fmt.Errorf("%s is not a capture: it begins with % x, as neither pcap nor pcapng does", shown(name), start[:4])
}

// endsWith goes by the name, for formats that have no magic number.
func endsWith(name, extension string) bool {
	base := strings.ToLower(filepath.Base(name))
	for _, compressed := range []string{".gz", ".zst", ".lz4"} {
		base = strings.TrimSuffix(base, compressed)
	}
	return filepath.Ext(base) == extension
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
