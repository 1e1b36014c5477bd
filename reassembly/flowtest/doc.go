// Package flowtest writes captures for tests: as text that a person can review,
// or segment by segment from Go.
//
//	scenario (txtar) ─ Scenario ─ Script ─ []reassembly.Frame ─ Pcap (bytes)
//	Segment ─ Ethernet or Link.Frame ─ bytes of one frame
//
// # The notation
//
// A line is a frame, in the notation of packetdrill as far as it concerns what
// was observed: time, direction, flags, sequence range, then any of the rest.
//
//	0.020  C> S 0:0(0)                    # the defaults are those of Linux
//	+0.010 S> S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK,TS,nop,wscale 10>
//	+0.010 C> P. 1:101(100) ack 1 win 63 id 7 ttl 63
//
// Time is in seconds: absolute, or with + since the line before. C> is a segment
// from the client, S> one from the server. Flags are S F R P U E W A (AE), with
// a dot for ACK, or - for none. Numbers count from the ISN of their direction,
// the SYN being 0; neither SYN nor FIN counts in a range. The other words:
//
//	ack N, win N, urg N   header fields; win is not scaled
//	<...>                 options, as listed; <> for none. Of mss N, sackOK, nop,
//	                      wscale N, TS val N ecr N, sack L:R L:R, FO, FO HEX, eol.
//	                      A bare TS stands for the timestamps that fit
//	id N, ttl N           IPv4 identification; TTL or hop limit
//	vlan N, if N          VLAN tag; interface index (sll2)
//	in, out               how it passed the capturing host (sll, sll2)
//	other                 with other bytes than its place in the stream has elsewhere
//	lost                  captured, and lost on the way to its receiver after that:
//	                      its timestamp is never echoed
//
// A segment that was lost before it could be captured is simply not written.
//
// Where a line leaves them out, window, options and identification are those of
// Linux: 64240 and 65160 for SYN and SYN-ACK, 63 (scaled by 10) later, 0 for a
// RST; timestamps that count milliseconds and echo by RFC 7323 §4.3; running
// identifications, but 0 on a SYN-ACK and on the RST of a kernel without a
// socket, which also has no options.
//
// Other frames:
//
//	+0.00001 dup                  the last frame, captured again; dup N for frame N.
//	                              Takes ttl, vlan, if, in and out
//	+0.1 icmp 203.0.113.9 unreachable host C> S 0:0(0)
//	                              an ICMP error from an address, or from C or S,
//	                              about the segment that follows. Kinds: unreachable
//	                              net, host, proto, port or admin; toobig MTU; exceeded
//	+0.5 udp, +0.5 arp            unrelated frames
//	end 200                       udp at that time: the capture ran on that long
//
// A repeat plays its lines again for many connections. Each round begins so much
// later than the one before, with endpoints so much further on. Rounds may overlap:
// their frames are merged by time. A flood of 120 SYNs in 1.2 seconds:
//
//	repeat 120 every 0.010 client addr+1 port+7
//	0.000  C> S  0:0(0)
//	+0.030 S> S. 0:0(0) ack 1
//	end repeat
//
// After the time, client and server may stand, each before addr+N, port+N or both;
// what does not move stays. Only segments can be repeated. The first round is that
// of the connection as declared. A later repeat that comes to the same endpoints
// goes on with the same connection. A time with + after the block counts from its
// last frame.
//
// Directives stand before the first frame:
//
//	client 192.0.2.1:40000        these are the defaults; IPv6 is welcome
//	server 192.0.2.2:80
//	conn NAME CLIENT SERVER       another connection; "NAME:" before a line or an isn
//	                              directive means it
//	isn C 4294967290              initial sequence number of a direction
//	link ethernet                 or sll, sll2, raw, null
//	tap client                    or server, middle: where a cooked capture was taken
//	vlan 7                        tag of all frames
//	snaplen 54                    cuts the frames
//	options none                  no options where a line names none
//
// # Scenarios
//
// A scenario is a txtar archive. Its comment says why it exists. Its files are
// packets, in the notation above; expect, what the rules of TCP say must come
// out (see Claim); and timeline and findings, the golden output of the analyzer.
// Of many connections that come out alike the goldens hold the first; what only
// many show stands at the end of the findings.
package flowtest
