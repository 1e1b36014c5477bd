package capture

import (
	"errors"
	"fmt"
	"io"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Source is a capture that is being read. It belongs to one goroutine. After any
// error of Next but ErrTimeout, only LinkTypes, Drops and Close make sense.
type Source interface {
	// Next fills in the next frame. Its Data is valid until the next call. At the
	// end the error is io.EOF; a *DamageError when the rest is unreadable; ErrTimeout
	// (live and followed captures) when nothing has arrived for a moment.
	Next(*reassembly.Frame) error
	// LinkTypes returns the LINKTYPE_ values known so far, in order of appearance: of
	// classic pcap and live sources from the start, of pcapng those that frames had.
	LinkTypes() []uint16
	// Drops returns how many packets were lost by the capturing host, as far as the
	// source has told by now. 0 means that nothing is known of any.
	Drops() uint64
	io.Closer
}

// InterfaceNamer is a Source that knows the names of the interfaces of its frames.
type InterfaceNamer interface {
	// InterfaceName returns the name for a frame's Interface, "" when it has none.
	InterfaceName(id uint32) string
}

// Commenter is a Source whose frames may carry comments.
type Commenter interface {
	// Comment returns what somebody has written about the frame that Next handed over
	// last, "" when nobody has. Several comments are joined with line ends.
	Comment() string
}

// Noter is a Source that has something to tell about itself.
type Noter interface {
	// Notes returns whole sentences, in order. They are complete once Next has failed.
	Notes() []string
}

// ErrTimeout says that no frame has arrived within PollInterval. It is the caller's
// moment to look for signals and to let timers run; Next goes on afterwards.
var ErrTimeout = errors.New("no packet has arrived yet")

// DamageError says where and why a capture could not be read further. All frames
// ahead of it have been handed over.
type DamageError struct {
	File   string // which of several files; "" when there is only one
	Offset int64  // of the record that could not be read, in bytes of the decompressed capture
	Reason string // without a full stop: "the file ends in the middle of a packet record (…)"
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("%s, at byte %d", e.Reason, e.Offset)
}
