package capture

import "fmt"

// variant is a record header that writes more behind libpcap's four words. Two of them
// have the magic number of ordinary files, one that of Kuznetzov's format, so that only
// the records tell.
type variant struct {
	name         string
	instead      int // bytes of the record header that the magic number stands for
	recordHeader int // bytes that it really has
}

var variants = [...]variant{
	{"Nokia", pcapRecordHeader, 20},
	{"Red Hat 6.1", pcapRecordHeader, 24}, // with Kuznetzov's additions, not his magic number
	{"SuSE 6.3", pcapModifiedHeader, 28},
}

// isVariant looks at the first records. When those after the first make no sense as
// the magic number has it, and do as a variant writes them, reading goes on with the
// variant. It looks only at what has been read already: a pipe may have no more.
func (r *pcapReader) isVariant() bool {
	if r.variant != "" || r.walk(r.recordHeader) != nonsense {
		return false
	}
	for _, v := range variants {
		if v.instead == r.recordHeader && r.walk(v.recordHeader) >= 2 {
			r.variant, r.recordHeader = v.name, v.recordHeader
			return true
		}
	}
	r.variant = "none"
	return false
}

const (
	walked   = 8 // records are enough to know the length of their headers
	nonsense = -1
)

// walk returns how many records at hand make sense with headers of a length, or nonsense
// when one of them does not.
func (r *pcapReader) walk(header int) int {
	ahead := r.buf[r.start:r.end]
	for n := range walked {
		if len(ahead) < header {
			return n
		}
		captured, length := r.lengths(ahead)
		fraction := int64(r.big.u32(ahead[4:])) * r.unit
		if captured > r.limit || length > largestFrame || captured > length || fraction >= 1e9 {
			return nonsense
		}
		ahead = ahead[min(header+int(captured), len(ahead)):]
	}
	return walked
}

// Notes implements Noter.
func (r *pcapReader) Notes() []string {
	if r.variant == "" || r.variant == "none" {
		return nil
	}
	return []string{fmt.Sprintf("The file is of the variant of pcap that %s wrote, by its packet records.", r.variant)}
}
