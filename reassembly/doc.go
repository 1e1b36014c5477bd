// Package reassembly turns captured frames into TCP segments and holds what
// tracking them needs:
//
//	Frame ── Decoder.Decode ──▶ Segment ── KeyOf ──▶ Key ── Table ──▶ handle of a connection
//	                       └──▶ ICMPError
//	                       └──▶ Verdict: why the frame is neither
//
// A Segment is plain values, so nothing of a frame lives on behind it. Its
// sequence numbers are of type [Seq], whose methods know that they wrap; the
// bytes of one direction that were seen are kept as [Ranges] of unwrapped
// offsets.
//
// One path leads through everything that may stand in front of TCP: each header
// names the next one (dispatch.go), and packets in IP fragments are put together on
// the way. Decoding never fails and never panics: a frame that cannot be read is a
// [Verdict] with its reason. Lengths are taken from IP headers, never from the
// number of captured bytes, and payload is never read.
package reassembly
