package dumptext

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// services turns names of ports into numbers. Those that matter most come from a
// table, because the text may come from a system with another one.
type services struct {
	lookup  func(name string) (uint16, bool) // nil, or what this system knows
	asked   map[string]uint16                // answers of lookup, 0 for none
	unknown map[string]int                   // packets by name of a port that nobody knows
}

// port returns the number of a port that was printed as a number or as a name.
func (s *services) port(text string) (uint16, bool) {
	if n, err := strconv.ParseUint(text, 10, 16); err == nil {
		return uint16(n), true
	}
	if n, ok := wellKnown[text]; ok {
		return n, true
	}
	n, ok := s.asked[text]
	if !ok && s.lookup != nil {
		n, _ = s.lookup(text)
	}
	if s.asked == nil {
		s.asked, s.unknown = map[string]uint16{}, map[string]int{}
	}
	s.asked[text] = n
	if n == 0 {
		s.unknown[text]++
	}
	return n, n != 0
}

// notes says which packets are missing for want of a port.
func (s *services) notes() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(s.unknown)) {
		lines = append(lines, fmt.Sprintf("Skipped because of the port name %q, which is not known here: %s. tcpdump -n prints numbers.",
			name, count(s.unknown[name], "packet")))
	}
	return lines
}

// count returns "1 packet", "2 packets".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + strings.TrimSpace(noun)
}

// wellKnown are the names that tickets are full of, by /etc/services of Debian, Red
// Hat, macOS and FreeBSD where they agree (and IANA's registry).
var wellKnown = map[string]uint16{
	"tcpmux": 1, "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22,
	"telnet": 23, "smtp": 25, "time": 37, "whois": 43, "tacacs": 49, "domain": 53, "gopher": 70, "finger": 79,
	"http": 80, "www": 80, "kerberos": 88, "iso-tsap": 102, "pop3": 110, "sunrpc": 111, "auth": 113, "nntp": 119,
	"ntp": 123, "epmap": 135, "loc-srv": 135, "netbios-ssn": 139, "imap2": 143, "imap": 143, "snmp": 161, "bgp": 179,
	"irc": 194, "ldap": 389, "https": 443, "microsoft-ds": 445, "kpasswd": 464, "submissions": 465, "urd": 465,
	"ssmtp": 465, "smtps": 465, "login": 513, "shell": 514, "printer": 515, "rtsp": 554, "nntps": 563,
	"submission": 587, "ipp": 631, "ldaps": 636, "domain-s": 853, "rsync": 873, "ftps-data": 989, "ftps": 990,
	"telnets": 992, "imaps": 993, "pop3s": 995, "socks": 1080, "openvpn": 1194, "ms-sql-s": 1433, "ms-sql-m": 1434,
	"oracle": 1521, "ncube-lm": 1521, "ingreslock": 1524, "l2tp": 1701, "pptp": 1723, "radius": 1812, "mqtt": 1883,
	"nfs": 2049, "zookeeper": 2181, "eforward": 2181, "docker": 2375, "docker-s": 2376, "iscsi-target": 3260, "squid": 3128,
	"ndl-aas": 3128, "mysql": 3306, "ms-wbt-server": 3389, "svn": 3690, "sip": 5060, "sip-tls": 5061,
	"xmpp-client": 5222, "xmpp-server": 5269, "postgresql": 5432, "postgres": 5432, "commplex-main": 5000,
	"amqps": 5671, "amqp": 5672, "rfb": 5900, "cvsup": 5999, "x11": 6000, "redis": 6379, "afs3-fileserver": 7000,
	"http-alt": 8080, "webcache": 8080, "http-proxy": 8080, "https-alt": 8443, "pcsync-https": 8443, "secure-mqtt": 8883,
	"bacula-dir": 9101, "bacula-fd": 9102, "bacula-sd": 9103, "git": 9418, "XmlIpcRegSvc": 9092, "cslistener": 9000,
	"wap-wsp": 9200, "jetdirect": 9100, "pdl-datastream": 9100, "hp-pdl-datastr": 9100, "webmin": 10000, "ndmp": 10000,
	"zabbix-agent": 10050, "zabbix-trapper": 10051, "memcache": 11211, "memcached": 11211, "mongodb": 27017,
}
