package reassembly

// header names what a packet goes on with: an EtherType, or an IP protocol
// number plus ipProtocol, or a name of our own where neither exists. Values up to
// 1500 are the length of an 802.3 frame: LLC follows.
type header uint32

// ipProtocol is added to the protocol number of an IP header.
const ipProtocol header = 1 << 16

// EtherTypes.
const (
	headerIPv4          header = 0x0800
	headerIPv6          header = 0x86dd
	headerEthernet      header = 0x6558 // Transparent Ethernet Bridging, RFC 1701
	headerVLAN          header = 0x8100
	headerVLAN88A8      header = 0x88a8 // 802.1ad
	headerVLAN9100      header = 0x9100 // QinQ before 802.1ad
	headerVLAN9200      header = 0x9200
	headerMPLS          header = 0x8847
	headerMPLSMulticast header = 0x8848
	headerPPPoE         header = 0x8864 // session stage, RFC 2516
	headerPPP           header = 0x880b
	headerERSPAN        header = 0x88be // types I and II
	headerERSPAN3       header = 0x22eb
	headerWCCP          header = 0x883e
	headerMACsec        header = 0x88e5 // 802.1AE
	headerPBB           header = 0x88e7 // 802.1ah
	headerCiscoMeta     header = 0x8909
	headerNSH           header = 0x894f
)

// IP protocol numbers.
const (
	headerHopByHop    = ipProtocol + 0
	headerICMP        = ipProtocol + 1
	headerIPv4InIP    = ipProtocol + 4
	headerTCP         = ipProtocol + 6
	headerUDP         = ipProtocol + 17
	headerIPv6InIP    = ipProtocol + 41
	headerRouting     = ipProtocol + 43
	headerFragment    = ipProtocol + 44
	headerGRE         = ipProtocol + 47
	headerESP         = ipProtocol + 50
	headerAH          = ipProtocol + 51
	headerICMPv6      = ipProtocol + 58
	headerDestination = ipProtocol + 60
	headerEtherIP     = ipProtocol + 97
	headerIPComp      = ipProtocol + 108
	headerL2TPv3      = ipProtocol + 115
	headerMobility    = ipProtocol + 135
	headerMPLSInIP    = ipProtocol + 137
	headerHIP         = ipProtocol + 139
	headerShim6       = ipProtocol + 140
	headerEthernetIP6 = ipProtocol + 143 // RFC 8986 §4.9
)

// Headers without a number of either kind.
const (
	headerLLC header = 2*ipProtocol + iota
	headerLinuxSLL
	headerLinuxSLL2
	headerLoopback
	headerRawIP
	headerFDDI
	headerCiscoHDLC
	headerNFLOG
	headerPFLOG
	headerOpenBSDEnc
	headerPKTAP
	headerPPI
	headerDirection
	headerDSA
	headerEDSA
	headerBroadcom
	headerRadiotap
	headerWiFi
	headerWiFiPadded
	headerAMSDU
	headerL2TP
	headerVXLAN
	headerVXLANGPE
	headerGeneve
	headerGTPU
	headerUnknownLink
)

// linkHeader returns the first header of frames of a link type
// (https://www.tcpdump.org/linktypes.html).
func linkHeader(linkType uint16) header {
	switch linkType {
	case 1:
		return headerEthernet
	case 113:
		return headerLinuxSLL
	case 276:
		return headerLinuxSLL2
	case 12, 14, 101, 228, 229: // raw IP as several systems number it, IPv4, IPv6
		return headerRawIP
	case 0, 108: // NULL and LOOP
		return headerLoopback
	case 9, 50:
		return headerPPP
	case 51:
		return headerPPPoE
	case 10:
		return headerFDDI
	case 104:
		return headerCiscoHDLC
	case 105:
		return headerWiFi
	case 127:
		return headerRadiotap
	case 219:
		return headerMPLS
	case 100: // RFC 1483
		return headerLLC
	case 204, 205: // PPP and Cisco HDLC
		return headerDirection
	case 239:
		return headerNFLOG
	case 117:
		return headerPFLOG
	case 109:
		return headerOpenBSDEnc
	case 258:
		return headerPKTAP
	case 192:
		return headerPPI
	case 281, 284: // Broadcom's tag and Marvell's
		return headerDSA
	case 282:
		return headerBroadcom
	case 285:
		return headerEDSA
	}
	return headerUnknownLink
}

// etherType returns the header that a length or type field announces.
func etherType(t uint16) header {
	if t <= 1500 {
		return headerLLC
	}
	return header(t)
}
