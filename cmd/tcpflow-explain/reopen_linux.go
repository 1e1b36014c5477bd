package main

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// opener keeps the privilege to capture, and no other, on one thread, so that an
// interface can be opened again by a process that has become somebody else.
type opener struct {
	jobs chan func() error
	done chan error
}

// newOpener makes the thread ready; give up privileges next, and then call keep. It is
// nil where there is nothing to be kept: without root, the program's own capabilities
// stay.
func newOpener() (*opener, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	o := &opener{make(chan func() error), make(chan error)}
	go func() {
		runtime.LockOSThread() // and so the runtime begins no thread from this one
		for job := range o.jobs {
			o.done <- job()
		}
	}()
	return o, o.do(func() error { return unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0) })
}

// do calls job on the thread.
func (o *opener) do(job func() error) error {
	o.jobs <- job
	return <-o.done
}

// keep reduces what the thread has kept to CAP_NET_RAW, and takes it into use
// (capabilities(7), "Effect of user ID changes").
func (o *opener) keep() error {
	return o.do(func() error {
		raw := [2]unix.CapUserData{{Effective: 1 << unix.CAP_NET_RAW, Permitted: 1 << unix.CAP_NET_RAW}}
		return unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &raw[0])
	})
}
