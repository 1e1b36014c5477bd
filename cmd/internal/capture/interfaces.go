package capture

import (
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/google/gopacket/pcap"
)

// Interface is one that can be captured on.
type Interface struct {
	Name        string
	Description string // often empty
	Addresses   []netip.Addr
	Up          bool
	Loopback    bool
}

// Interfaces lists what can be captured on. Those that bring no IP packets come last;
// the others keep libpcap's order, by which tcpdump numbers them as well.
func Interfaces() ([]Interface, error) {
	const loopback, up = 1, 2 // PCAP_IF_LOOPBACK, PCAP_IF_UP
	devices, err := pcap.FindAllDevs()
	if err != nil {
		return nil, fmt.Errorf("cannot list the interfaces: %w", err)
	}
	list := make([]Interface, len(devices))
	for i, d := range devices {
		list[i] = Interface{
			Name:        d.Name,
			Description: d.Description,
			Addresses:   addresses(d.Addresses),
			Up:          d.Flags&up != 0,
			Loopback:    d.Flags&loopback != 0,
		}
	}
	slices.SortStableFunc(list, func(a, b Interface) int { return rank(a.Name) - rank(b.Name) })
	return list, nil
}

func addresses(from []pcap.InterfaceAddress) []netip.Addr {
	var list []netip.Addr
	for _, a := range from {
		if addr, ok := netip.AddrFromSlice(a.IP); ok {
			list = append(list, addr.Unmap())
		}
	}
	return list
}

// rank is 1 for what libpcap offers besides network interfaces.
func rank(name string) int {
	for _, prefix := range []string{"bluetooth", "dbus-", "nflog", "nfqueue", "usbmon"} {
		if strings.HasPrefix(name, prefix) {
			return 1
		}
	}
	return 0
}

// deviceName turns what the user said into a device. A number is a position in the
// list, as for tcpdump, unless an interface has it for a name.
func deviceName(said string) (string, error) {
	if said == "" {
		return DefaultInterface, nil
	}
	position, err := strconv.Atoi(said)
	if err != nil {
		return said, nil
	}
	list, err := Interfaces()
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(list, func(i Interface) bool { return i.Name == said }) {
		return said, nil
	}
	if position < 1 || position > len(list) {
		return "", fmt.Errorf("there is no interface %s: the list has %d (-D prints it)%w", said, len(list), silent{fs.ErrNotExist})
	}
	return list[position-1].Name, nil
}

// interfaceNames is a list for messages.
func interfaceNames() string {
	list, err := Interfaces()
	if err != nil {
		return err.Error()
	}
	var names []string
	for _, i := range list {
		if rank(i.Name) == 0 {
			names = append(names, i.Name)
		}
	}
	return strings.Join(names, ", ")
}
