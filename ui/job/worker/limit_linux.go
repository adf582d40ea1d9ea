package worker

import (
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// limitProcess binds this process to the limits of memory and processor time, without core files, and answers what has to be
// called before each document.
func limitProcess(l Limits) (eachTask func()) {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	// RLIMIT_DATA counts what may be written to, not the address space that the runtime merely reserves.
	mem := uint64(l.Memory)
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: mem, Max: mem})
	over := make(chan os.Signal, 1)
	signal.Notify(over, unix.SIGXCPU)
	go func() {
		<-over
		os.Exit(exitCPU)
	}()
	return func() {
		var used unix.Rusage
		if unix.Getrusage(unix.RUSAGE_SELF, &used) != nil {
			return
		}
		spent := time.Duration(used.Utime.Nano()+used.Stime.Nano()) / time.Second
		var now unix.Rlimit
		if unix.Getrlimit(unix.RLIMIT_CPU, &now) == nil {
			now.Cur = min(now.Max, uint64(spent+l.CPU/time.Second+1))
			_ = unix.Setrlimit(unix.RLIMIT_CPU, &now)
		}
	}
}
