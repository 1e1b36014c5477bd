package capture

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/google/gopacket/pcap"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// What LiveOptions stand for when they are zero.
const (
	DefaultInterface  = "any"
	DefaultSnapLength = 256 // bytes: all headers that matter, and ten times the burst that fits the buffer
	DefaultBufferSize = 16 << 20
)

// PollInterval is how long Next waits for a packet before it returns ErrTimeout.
const PollInterval = 100 * time.Millisecond

// LiveOptions choose what to capture.
type LiveOptions struct {
	Interface   string // a name, "any", or a position in the list of Interfaces, from 1
	SnapLength  int    // bytes of each frame
	Promiscuous bool   // also frames for other hosts; has no meaning on "any"
	Filter      string // runs in the kernel: frames that do not match are not counted
	BufferSize  int    // of the kernel, in bytes
	Retry       bool   // wait for the interface when it is gone
}

// Live captures from an interface. Its frames are numbered from 1, after the filter.
type Live struct {
	options   LiveOptions
	device    string
	trouble   string       // why nothing can come at the moment; "" when packets may
	retried   time.Time    // when the interface was last looked for
	handle    *pcap.Handle // nil once closed
	linkTypes [1]uint16
	names     map[uint32]string // of the interfaces met, by index
	number    int
	tick      int64  // capture time of the first frame after the last ErrTimeout; 0 before it
	last      int64  // capture time of the last frame
	drops     uint64 // by the present handle, as of the last time that the kernel could be asked
	before    uint64 // drops by the handles before it
	reopen    func(open func() error) error
}

// OpenLive starts to capture. The error is one sentence that says what to type next;
// errors.Is tells fs.ErrPermission and, for a device that is not there, fs.ErrNotExist.
func OpenLive(o LiveOptions) (*Live, error) {
	device, err := deviceName(o.Interface)
	if err != nil {
		return nil, err
	}
	l := &Live{options: o, device: device, names: map[uint32]string{}}
	l.ReopenBy(func(open func() error) error { return open() })
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

// ReopenBy has open called by do, where that needs privileges which are not at hand
// everywhere. open is what LiveOptions.Retry does when the interface is back.
func (l *Live) ReopenBy(do func(open func() error) error) { l.reopen = do }

// open gets a handle, the first or, for an interface that is back, another.
func (l *Live) open() error {
	device, o := l.device, &l.options
	handle, err := activate(device, o)
	if err != nil {
		return err
	}
	linkType := linkTypeOfDLT(uint16(handle.LinkType()))
	if device == DefaultInterface && askForCooked2(handle) {
		linkType = linkTypeCooked2
	}
	if o.Filter != "" {
		if err := handle.SetBPFFilter(o.Filter); err != nil {
			handle.Close()
			return fmt.Errorf("the filter '%s' cannot be compiled for %s: %w%s", o.Filter, device, err, hint(o.Filter, err))
		}
	}
	l.handle, l.linkTypes[0] = handle, linkType
	return nil
}

// activate sets up libpcap. Its timeout is never infinite, because closing would then
// have to wait for a packet.
func activate(device string, o *LiveOptions) (*pcap.Handle, error) {
	inactive, err := pcap.NewInactiveHandle(device)
	if err != nil {
		return nil, fmt.Errorf("cannot capture on %s: %w", device, err)
	}
	defer inactive.CleanUp()
	err = errors.Join(
		inactive.SetSnapLen(orDefault(o.SnapLength, DefaultSnapLength)),
		inactive.SetPromisc(o.Promiscuous && device != DefaultInterface), // there, libpcap would warn and gopacket fail
		inactive.SetBufferSize(orDefault(o.BufferSize, DefaultBufferSize)),
		inactive.SetImmediateMode(true),
		inactive.SetTimeout(PollInterval),
	)
	if err != nil {
		return nil, fmt.Errorf("cannot capture on %s: %w", device, err)
	}
	handle, err := inactive.Activate()
	if err != nil {
		return nil, activationError(device, err, inactive.Error())
	}
	return handle, nil
}

func orDefault(value, standard int) int {
	if value == 0 {
		return standard
	}
	return value
}

// activationError words what libpcap refused: a kind, which gopacket can only be asked
// for as text, and the details.
func activationError(device string, kind, details error) error {
	switch kind.Error() {
	case "Permission Denied":
		return newPermissionError(device)
	case "No Such Device":
		return fmt.Errorf("there is no interface %s to capture on; there are: %s%w", device, interfaceNames(), silent{fs.ErrNotExist})
	case "Interface Not Up":
		return fmt.Errorf("cannot capture on %s: it is down (`sudo ip link set %s up`)", device, shellWord(device))
	}
	return fmt.Errorf("cannot capture on %s: %w", device, details)
}

// silent lets errors.Is find an error that the message has said in better words.
type silent struct{ err error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.err }

func newPermissionError(device string) error {
	if os.Geteuid() == 0 {
		return fmt.Errorf("cannot capture on %s: not permitted, although root: this container has no CAP_NET_RAW (`docker run --cap-add NET_RAW …`). Reading files needs no privilege.%w",
			device, silent{fs.ErrPermission})
	}
	program, err := os.Executable()
	if err != nil {
		program = "tcpflow-explain"
	}
	return fmt.Errorf("cannot capture on %s: not permitted. Either `sudo tcpflow-explain …`, or once: `sudo setcap cap_net_raw+ep %s`. Reading files needs no privilege.%w",
		device, shellWord(program), silent{fs.ErrPermission})
}

// linkTypeOfDLT turns a live handle's DLT_ value into the LINKTYPE_ of files. They are
// the same but for raw IP, on what Linux has.
func linkTypeOfDLT(dlt uint16) uint16 {
	if dlt == 12 {
		return linkTypeRaw
	}
	return dlt
}

// Next implements Source. It returns ErrTimeout when nothing has come for PollInterval,
// and as often when packets never cease, so that the caller can look after other
// things; io.EOF after Close.
func (l *Live) Next(f *reassembly.Frame) error {
	if l.handle == nil {
		return io.EOF
	}
	if l.trouble != "" && !l.recovered() {
		return ErrTimeout
	}
	if l.tick != 0 && l.last-l.tick >= int64(PollInterval) {
		l.tick = 0
		return ErrTimeout
	}
	data, info, err := l.handle.ZeroCopyReadPacketData()
	if err == pcap.NextErrorTimeoutExpired {
		l.tick = 0
		return ErrTimeout
	}
	if err != nil {
		return l.interrupted()
	}
	l.number++
	*f = reassembly.Frame{
		Number:   l.number,
		Time:     info.Timestamp.UnixNano(),
		LinkType: l.linkTypes[0],
		Data:     data,
		Length:   max(info.Length, len(data)),
	}
	if l.linkTypes[0] == linkTypeCooked2 {
		f.Interface = cooked2Interface(data)
	}
	l.last = f.Time
	if l.tick == 0 {
		l.tick = f.Time
	}
	return nil
}

// InterfaceName implements InterfaceNamer. An interface keeps the name that it had when
// it was first asked for. Where one cannot be told from another, it is the device.
func (l *Live) InterfaceName(id uint32) string {
	if id == 0 {
		return l.device
	}
	name, known := l.names[id]
	if !known {
		name = interfaceName(id)
		l.names[id] = name
	}
	return name
}

// LinkTypes implements Source. "any" has Linux cooked v2, or v1 with an old libpcap.
func (l *Live) LinkTypes() []uint16 { return l.linkTypes[:] }

// Drops implements Source: packets that did not fit the buffer, or that the interface
// dropped, as the kernel counts them.
func (l *Live) Drops() uint64 {
	if l.handle != nil {
		if s, err := l.handle.Stats(); err == nil {
			l.drops = uint64(s.PacketsDropped) + uint64(s.PacketsIfDropped)
		}
	}
	return l.before + l.drops
}

// Close implements Source.
func (l *Live) Close() error {
	if l.handle != nil {
		l.Drops() // the last moment to ask
		l.handle.Close()
		l.handle = nil
	}
	return nil
}
