package capture

import (
	"testing"

	"github.com/google/gopacket/pcap"
)

func TestLinkTypeName(t *testing.T) {
	for linkType, want := range map[uint16]string{
		1: "EN10MB", 113: "LINUX_SLL", 276: "LINUX_SLL2", 101: "RAW", 0: "NULL", 108: "LOOP",
		127: "IEEE802_11_RADIO", 147: "LINKTYPE 147", 277: "LINKTYPE 277", 65535: "LINKTYPE 65535",
	} {
		if got := LinkTypeName(linkType); got != want {
			t.Errorf("%d is %q, want %q", linkType, got, want)
		}
	}
}

// Above the values that systems number in their own ways, our names are libpcap's,
// as far as it knows them.
func TestLinkTypeNamesAreLibpcaps(t *testing.T) {
	for linkType := 104; linkType < len(linkTypeNames); linkType++ {
		ours, theirs := linkTypeNames[linkType], pcap.DatalinkValToName(linkType)
		if ours != "" && theirs != "" && ours != theirs {
			t.Errorf("%d is %q here and %q for libpcap", linkType, ours, theirs)
		}
	}
}
