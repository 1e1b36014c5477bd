package reassembly

// Seq is a TCP sequence number: it counts modulo 2^32 (RFC 9293 §3.4). Compare
// two of them with these methods only, never with < or >.
type Seq uint32

// Diff returns how far s lies beyond other, in bytes: negative when s is older.
// Right as long as the two are less than 2^31 apart.
func (s Seq) Diff(other Seq) int32 { return int32(s - other) }

// Before reports whether s is older than other.
func (s Seq) Before(other Seq) bool { return s.Diff(other) < 0 }

// After reports whether s is newer than other.
func (s Seq) After(other Seq) bool { return s.Diff(other) > 0 }

// Unwrap returns the 64-bit offset of s from base that lies nearest to near, an
// offset already known: it is how offsets go on past 2^32.
func (s Seq) Unwrap(base Seq, near int64) int64 {
	at := base + Seq(uint32(near))
	return near + int64(s.Diff(at))
}
