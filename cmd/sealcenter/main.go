// Command sealcenter is the reference central verification endpoint and issuing
// desk, for training, pilots and tests. Its private keys lie in plain files.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(Main()) }

// Main runs the program on the process's own arguments and streams and returns its exit code (DESIGN §9).
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}
