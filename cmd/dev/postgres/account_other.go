//go:build !unix

package postgres

import "os/exec"

// account is the user who runs the server: the present one.
type account struct{}

func runAs() (*account, error) { return nil, ErrMissing }

func (*account) own(string) error { return nil }

func (*account) become(*exec.Cmd) {}
