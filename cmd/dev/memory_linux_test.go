package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestWatchMemory uses more memory than the child does: a measure that counts
// the parent's would show it.
func TestWatchMemory(t *testing.T) {
	ballast := make([]byte, 200<<20)
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = 1
	}
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	peak := watchMemory(cmd.Process.Pid)
	for end := time.Now().Add(time.Minute); highWater(cmd.Process.Pid) < 100<<10 && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	time.Sleep(500 * time.Millisecond) // for some looks
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if got := peak(); got < 100<<10 || got > 50<<20 {
		t.Errorf("peak of sleep: %d bytes", got)
	}
	if got := highWater(os.Getpid()); got < int64(len(ballast)) {
		t.Errorf("own peak: %d bytes, %d in use", got, len(ballast))
	}
}
