//go:build unix

package main

import "golang.org/x/sys/unix"

// harden keeps what the process knows out of crash dumps (rule W8): there is no core file.
func harden() {
	// Where the limit cannot be lowered the program still works; the PIN is wiped after use in any case.
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
