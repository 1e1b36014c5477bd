// Package capture brings packets in: from capture files, from standard input and
// from live interfaces. Its data flow:
//
//	file, stdin -> decompressor -> window -> pcap or pcapng reader -> Set -> reassembly.Frame -> Filter.Match
//	interface   -> libpcap (filters in the kernel) ---------------------------/
//
// A Source hands over one frame at a time, in the order of the capture, as a slice
// of a buffer that the next frame overwrites: reading allocates nothing per frame.
// Link headers stay as they are; package reassembly decodes them.
//
// Files are read without libpcap, which stops at a pcapng file with two link types
// and costs three times as much. Libpcap serves live interfaces and compiles filter
// expressions. For files the compiled program runs here and not in libpcap, so that
// frames keep the numbers that Wireshark gives them.
//
// What a file claims about itself is never believed before the bytes are there: a
// record with an impossible length ends the capture with a DamageError, and every
// frame ahead of it is still handed over.
package capture
