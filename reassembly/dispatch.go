package reassembly

// read reads one header of those that Decoder.decode does not, which tells the next
// one.
func (d *Decoder) read(p *packet) Verdict {
	switch p.next {
	case headerVLAN, headerVLAN88A8, headerVLAN9100, headerVLAN9200:
		return p.vlan()
	case headerLLC:
		return p.llc()
	case headerLinuxSLL:
		return p.linuxSLL()
	case headerLinuxSLL2:
		return p.linuxSLL2()
	case headerLoopback:
		return p.loopback()
	case headerRawIP:
		return p.rawIP()
	case headerRadiotap:
		return p.radiotap()
	case headerWiFi:
		return p.wifi(1)
	case headerWiFiPadded:
		return p.wifi(4)
	case headerAMSDU:
		return d.amsdu(p)
	case headerUnknownLink:
		return UnknownLinkType
	}
	return d.unwrap(p)
}

// unwrap reads the header of a tunnel.
func (d *Decoder) unwrap(p *packet) Verdict {
	switch p.next {
	case headerUDP:
		return p.udp()
	case headerGRE:
		return d.gre(p)
	case headerERSPAN:
		return d.erspan(p)
	case headerERSPAN3:
		return p.erspan3()
	case headerWCCP:
		return p.wccp()
	case headerVXLAN:
		return d.vxlan(p)
	case headerVXLANGPE:
		return p.vxlanGPE()
	case headerNSH:
		return p.nsh()
	case headerGeneve:
		return p.geneve()
	case headerGTPU:
		return p.gtpu()
	case headerL2TP:
		return p.l2tp()
	case headerL2TPv3:
		return p.l2tpv3()
	case headerEtherIP:
		return p.fixed(2, headerEthernet)
	case headerEthernetIP6:
		return p.fixed(0, headerEthernet)
	case headerESP, headerIPComp:
		return UnknownEncapsulation
	}
	return p.carrier()
}

// carrier reads what lines and carriers put between Ethernet and IP, and what
// stands at the beginning of frames of rarer devices.
func (p *packet) carrier() Verdict {
	switch p.next {
	case headerMPLS, headerMPLSMulticast, headerMPLSInIP:
		return p.mpls()
	case headerPPPoE:
		return p.pppoe()
	case headerPPP:
		return p.ppp()
	case headerCiscoHDLC:
		return p.ciscoHDLC()
	case headerMACsec:
		return p.macsec()
	case headerPBB:
		return p.fixed(4, headerEthernet)
	case headerCiscoMeta:
		return p.ciscoMeta()
	case headerFDDI:
		return p.fddi()
	case headerNFLOG:
		return p.nflog()
	case headerPFLOG:
		return p.pflog()
	case headerOpenBSDEnc:
		return p.openBSDEnc()
	case headerPKTAP:
		return p.pktap()
	case headerPPI:
		return p.ppi()
	case headerDirection:
		return p.directed()
	case headerDSA:
		return p.switchTag(4)
	case headerEDSA:
		return p.switchTag(8)
	case headerBroadcom:
		return p.fixed(4, headerEthernet)
	}
	return p.ip()
}
