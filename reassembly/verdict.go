package reassembly

// Verdict is what Decode made of a frame: a TCP segment, an ICMP error about
// one, or the reason why it is neither.
type Verdict uint8

// The verdicts. All but the first two are reasons for skipping a frame.
const (
	undecided Verdict = iota // there are headers left to read

	IsTCP       // a TCP segment
	IsICMPError // an ICMP or ICMPv6 error that quotes a TCP segment

	NotIP                // ARP, LLDP, a Wi-Fi beacon, …
	NotTCP               // IP, and everything in it was read: UDP, ICMP, …
	Fragment             // a piece of a packet of which others are missing so far
	OverlappingFragment  // a piece of a packet whose pieces contradict each other
	BadIPHeader          // IP with impossible lengths or version
	BadTCPHeader         // TCP with an impossible data offset
	CutBySnapLength      // the capture ends before what is needed
	UnknownEncapsulation // may hold TCP, but behind a header that is not read here
	TooDeep              // more than maxHeaders headers
	UnknownLinkType
)

var verdictNames = [...]string{
	undecided:            "undecided",
	IsTCP:                "TCP",
	IsICMPError:          "ICMP error",
	NotIP:                "not IP",
	NotTCP:               "not TCP",
	Fragment:             "fragment",
	OverlappingFragment:  "overlapping fragment",
	BadIPHeader:          "bad IP header",
	BadTCPHeader:         "bad TCP header",
	CutBySnapLength:      "cut by the snap length",
	UnknownEncapsulation: "unknown encapsulation",
	TooDeep:              "too many headers",
	UnknownLinkType:      "unknown link type",
}

// String returns the verdict in words, fit to be counted under: "not TCP".
func (v Verdict) String() string { return verdictNames[v] }
