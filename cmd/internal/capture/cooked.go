package capture

/*
#cgo LDFLAGS: -lpcap
#include <pcap/pcap.h>
*/
import "C"

import (
	"encoding/binary"
	"net"
	"reflect"
	"strconv"

	"github.com/google/gopacket/pcap"
)

// LINKTYPE_LINUX_SLL2: a header with the interface and the direction of each packet.
const linkTypeCooked2 = 276

// askForCooked2 has libpcap give "any" as Linux cooked v2, as tcpdump does, and reports
// whether it will. Handle.SetLinkType takes link types of 8 bits only, so libpcap is
// asked itself, through the pointer that gopacket 1.1.19 keeps as Handle.cptr. Without
// such a field, or with a libpcap before 1.10, "any" stays what it was: cooked v1.
func askForCooked2(handle *pcap.Handle) bool {
	field := reflect.ValueOf(handle).Elem().FieldByName("cptr")
	if field.Kind() != reflect.Pointer || field.IsNil() {
		return false
	}
	return C.pcap_set_datalink((*C.pcap_t)(field.UnsafePointer()), linkTypeCooked2) == 0
}

// cooked2Interface returns the index of the interface that a cooked v2 header names.
func cooked2Interface(data []byte) uint32 {
	if len(data) < 8 {
		return 0
	}
	return binary.BigEndian.Uint32(data[4:])
}

// interfaceName returns the name that the kernel has for an interface by now; "if7" for
// one that is gone.
func interfaceName(index uint32) string {
	if i, err := net.InterfaceByIndex(int(index)); err == nil {
		return i.Name
	}
	return "if" + strconv.FormatUint(uint64(index), 10)
}
