package capture

import "strconv"

// Link types that this package itself has to know.
const (
	linkTypeEthernet = 1
	linkTypeRaw      = 101
)

// LinkTypeName returns the name that tcpdump prints for a LINKTYPE_ value, "EN10MB"
// for 1; values that have none here are "LINKTYPE 147".
func LinkTypeName(linkType uint16) string {
	if int(linkType) < len(linkTypeNames) && linkTypeNames[linkType] != "" {
		return linkTypeNames[linkType]
	}
	return "LINKTYPE " + strconv.Itoa(int(linkType))
}

// linkTypeNames follows https://www.tcpdump.org/linktypes.html, with libpcap's names.
var linkTypeNames = [...]string{
	0:                "NULL",
	linkTypeEthernet: "EN10MB",
	6:                "IEEE802",
	8:                "SLIP",
	9:                "PPP",
	10:               "FDDI",
	12:               "RAW", // DLT_RAW of most systems, which some programs put into files
	14:               "RAW", // DLT_RAW of OpenBSD
	50:               "PPP_SERIAL",
	51:               "PPP_ETHER",
	100:              "ATM_RFC1483",
	linkTypeRaw:      "RAW",
	104:              "C_HDLC",
	105:              "IEEE802_11",
	107:              "FRELAY",
	108:              "LOOP",
	109:              "ENC",
	113:              "LINUX_SLL",
	117:              "PFLOG",
	119:              "PRISM_HEADER",
	122:              "IP_OVER_FC",
	127:              "IEEE802_11_RADIO",
	163:              "IEEE802_11_RADIO_AVS",
	166:              "PPP_PPPD",
	187:              "BLUETOOTH_HCI_H4",
	189:              "USB_LINUX",
	192:              "PPI",
	195:              "IEEE802_15_4",
	204:              "PPP_WITH_DIR",
	219:              "MPLS",
	220:              "USB_LINUX_MMAPPED",
	228:              "IPV4",
	229:              "IPV6",
	239:              "NFLOG",
	249:              "USBPCAP",
	253:              "NETLINK",
	258:              "PKTAP",
	276:              "LINUX_SLL2",
}
