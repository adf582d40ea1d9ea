package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// watchMemory follows the peak of a process's resident memory; the answer
// ends it and gives the peak in bytes. The rusage of an ended child would not
// do: there the memory of the parent counts, up to the moment of exec.
func watchMemory(pid int) func() int64 {
	done, peak := make(chan struct{}), make(chan int64)
	go func() {
		var highest int64
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			highest = max(highest, highWater(pid))
			select {
			case <-tick.C:
			case <-done:
				tick.Stop()
				peak <- highest
				return
			}
		}
	}()
	return func() int64 { close(done); return <-peak }
}

// highWater is what the kernel noted as the peak so far; 0 for an ended process.
func highWater(pid int) int64 { return memory(pid, "VmHWM:") }

// resident is the memory of this process that is in use now.
func resident() int64 { return memory(os.Getpid(), "VmRSS:") }

// memory reads a line of the kernel's notes on a process, in bytes; 0 for an ended one.
func memory(pid int, line string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, found := bytes.Cut(text, []byte(line))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes * 1024
}
