//go:build !linux

package main

// opener does nothing where privileges are not given up.
type opener struct{}

func newOpener() (*opener, error)         { return nil, nil }
func (*opener) do(job func() error) error { return job() }
func (*opener) keep() error               { return nil }
