// Package dumptext reads what tcpdump prints, because that is what tickets contain.
// Its data flow:
//
//	lines -> assembler (one text per packet) -> parse (packet) -> clock, numbers, quotes -> frame -> reassembly.Frame
//
// Every packet becomes a frame again: a Linux cooked v2 header, which can say all
// that a text says about a link (interface, direction, sender, VLAN), then IP and TCP
// with the fields that were printed. The payload is missing, as if a snap length had
// cut it. All that comes after a capture works on such frames unchanged.
//
// # What is read
//
// The output of every tcpdump since version 3, with and without -S, -n, -v, -vv, -e,
// -q, -#, and with times by any number of -t: line by line, quoted in a mail, numbered,
// wrapped, behind the prefix of a log. Lines that are no packets are passed over.
//
// # What is put back
//
//   - Sequence numbers. Without -S tcpdump counts from the first numbers that it saw
//     acknowledged; see numbers. A bare ACK has none without -vv: it gets the next one
//     that its sender would use.
//   - Dates. Times of day are taken as those of a fixed day; past midnight the next one
//     begins. Without any times, packets are taken to be untimedStep apart.
//   - Addresses of hosts that were printed by name, from a range that is in no use.
//
// # What a text cannot say
//
// Without -v there is no IP identification and no TTL, so that a copy of a packet
// cannot be told from a repetition that comes as soon, nor a forged reset by where its
// identification stands. Without -vv a keep-alive probe without data looks like any
// bare ACK. With -q there are no flags: such lines are only counted. An ICMP error
// without -v names the host that cannot be reached and no connection: it is taken to
// be about the segment that was sent there last.
package dumptext
