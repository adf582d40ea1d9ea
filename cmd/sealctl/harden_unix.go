//go:build unix

package main

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// harden keeps what the process knows out of crash dumps (rule W8): there is no core file.
func harden() {
	// Where the limit cannot be lowered the program still works; the PIN is wiped after use in any case.
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	// A driver that gives up by abort() ends the process by that signal. Go would print its stacks and exit with 2, the code of a wrong
	// command line.
	signal.Notify(make(chan os.Signal, 1), unix.SIGABRT)
}
