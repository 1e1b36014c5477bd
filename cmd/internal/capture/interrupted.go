package capture

import (
	"fmt"
	"net"
	"strings"
	"time"
)

// retryInterval is how long Live waits before it looks for an interface again.
const retryInterval = time.Second

// What libpcap says when an interface goes; there is no other way to tell.
const (
	wentDown    = "went down"
	disappeared = "disappeared"
)

// What Trouble says.
const (
	isDown = "is down"
	isGone = "is gone"
)

// interrupted decides about an error of reading. An interface that is down keeps its
// capture, which goes on when it is up again. One that is gone takes it along, and has
// to be opened again.
func (l *Live) interrupted() error {
	cause := l.handle.Error()
	switch text := cause.Error(); {
	case strings.Contains(text, disappeared) && l.options.Retry:
		l.trouble = isGone
	case strings.Contains(text, wentDown):
		l.trouble = isDown
	default:
		return fmt.Errorf("capturing on %s stopped: %w", l.device, cause)
	}
	l.retried = time.Now()
	return ErrTimeout
}

// recovered waits for a moment, and reports whether packets may come again.
func (l *Live) recovered() bool {
	time.Sleep(PollInterval)
	if time.Since(l.retried) < retryInterval {
		return false
	}
	l.retried = time.Now()
	if l.trouble == isGone {
		old := l.handle
		if l.reopen(l.open) != nil {
			return false
		}
		old.Close()
		l.before, l.drops = l.before+l.drops, 0
	} else if !up(l.device) {
		return false
	}
	l.trouble = ""
	return true
}

// Trouble says why nothing can come at the moment: "is down", "is gone"; "" when
// packets may come. Libpcap 1.10 does not tell of an interface that is down.
func (l *Live) Trouble() string {
	if l.trouble == "" && l.device != DefaultInterface && !up(l.device) {
		return isDown
	}
	return l.trouble
}

// up reports whether an interface is up, or gone, which reading tells.
func up(device string) bool {
	i, err := net.InterfaceByName(device)
	return err != nil || i.Flags&net.FlagUp != 0
}
