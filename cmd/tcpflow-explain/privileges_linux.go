package main

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// relinquish goes on as another user once everything that needs privileges is open. It
// returns whom it is now, "" when nothing has changed. Without a name that is who
// called sudo, or nobody; root stays root only when that is asked for.
func relinquish(name string, getenv func(string) string) (string, error) {
	switch {
	case os.Geteuid() != 0 && name != "":
		return "", usagef("-Z %s: only root can become another user", name)
	case os.Geteuid() != 0 || name == "root":
		return "", nil
	}
	u, err := successor(name, getenv)
	if err != nil {
		return "", usagef("-Z: %v", err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err1 != nil || err2 != nil || uid == 0 {
		return "", nil
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"no-new-privileges", noNewPrivileges},
		{"groups", func() error { return syscall.Setgroups([]int{gid}) }},
		{"group", func() error { return syscall.Setresgid(gid, gid, gid) }},
		{"user", func() error { return syscall.Setresuid(uid, uid, uid) }},
	} {
		if err := step.do(); err != nil {
			return "", failf(statusDenied, "cannot go on as %s (%s): %w; -Z root keeps the privileges", u.Username, step.what, err)
		}
	}
	return u.Username, nil
}

// successor is the user to become.
func successor(name string, getenv func(string) string) (*user.User, error) {
	if name != "" {
		return user.Lookup(name)
	}
	if id := getenv("SUDO_UID"); id != "" && id != "0" {
		if u, err := user.LookupId(id); err == nil {
			return u, nil
		}
	}
	if u, err := user.Lookup("nobody"); err == nil {
		return u, nil
	}
	return &user.User{Username: "nobody", Uid: "65534", Gid: "65534"}, nil
}

// noNewPrivileges keeps every thread from gaining any by running a program. prctl
// speaks for the calling thread alone; installing a filter, here one that allows all,
// with SECCOMP_FILTER_FLAG_TSYNC hands the flag on to the others (seccomp(2)).
func noNewPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	allow := [1]unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}}
	program := unix.SockFprog{Len: uint16(len(allow)), Filter: &allow[0]}
	_, _, errno := syscall.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 && errno != unix.ENOSYS && errno != unix.EINVAL { // a kernel without seccomp keeps it to this thread
		return errno
	}
	return nil
}

// checkRotation refuses at the start what would fail at the first rotation: a directory
// in which whom we are now cannot create files.
func checkRotation(savefile, who string) error {
	dir := filepath.Dir(savefile)
	if who == "" || unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK, unix.AT_EACCESS) == nil {
		return nil
	}
	return usagef("%s may not create the next file in %s: give -Z a user who may, or -w another directory; -Z root keeps the privileges", who, dir)
}
