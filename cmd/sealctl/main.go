// Command sealctl affixes and verifies electronic seals from the command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"sealdesk/cmd/internal/keymodule"
	"sealdesk/ui/job/worker"
)

func main() { os.Exit(Main()) }

// garbage is how much may lie about before it is collected, in percent of what is in use: half the usual. The pictures of a seal are some
// megabytes each, and what sealing needs of memory is bounded (DESIGN §10).
const garbage = 50

// Main runs the program on the process's own arguments, streams and UsbKeys and returns its exit code (DESIGN §9).
func Main() int {
	harden()
	if worker.Requested(os.Args) {
		return worker.Main(loadTrust)
	}
	debug.SetGCPercent(garbage)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl+C ends the program at once, also where a key does not answer
	return run(ctx, os.Args[1:], system{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		terminal: openTerminal(), openKeys: keymodule.Open,
	})
}
