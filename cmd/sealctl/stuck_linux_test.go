package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sealdesk/cmd/softkey/store"
)

// sealing starts `sealctl seal` on a training key with a fault, and waits until the key is at its signature.
func sealing(t *testing.T, fault, arg string) (dir string, cmd *exec.Cmd, stderr *bufio.Reader) {
	t.Helper()
	dir = t.TempDir()
	if err := furnish(dir, store.BuildForTest(t)); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "softkey"), 0)
	if err == nil {
		err = s.Fault(fault, arg)
	}
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(exe)
	cmd.Args, cmd.Dir, cmd.Stdin = []string{"sealctl", "seal", "one.pdf", "-o", "out.pdf", "--at", "60,60", "--pin-stdin"}, dir, strings.NewReader(storyPIN+"\n")
	cmd.Env = append(os.Environ(), "SEALDESK_CONFIG_DIR="+dir)
	pipe, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	at := filepath.Join(dir, "softkey", "slot0", "fault")
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(at); os.IsNotExist(err) { // the module removes a fault that fires
			return dir, cmd, bufio.NewReader(pipe)
		}
	}
	t.Fatal("the key was not asked for a signature")
	return
}

// TestCancel_keyDoesNotAnswer: a key that does not answer holds up the first Ctrl+C, which says so, and not the second.
func TestCancel_keyDoesNotAnswer(t *testing.T) {
	dir, cmd, stderr := sealing(t, "sleep", "60000")
	_ = cmd.Process.Signal(os.Interrupt)
	said := ""
	for !strings.Contains(said, "再按一次 Ctrl+C") {
		line, err := stderr.ReadString('\n')
		if said += line; err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); !s.Signaled() || s.Signal() != syscall.SIGINT {
		t.Errorf("ended by %v", cmd.ProcessState)
	}
	nothingLeft(t, dir)
}

// TestDriver_aborts: a driver that gives up does not look like a wrong command line, which is exit 2, and no stack is printed.
func TestDriver_aborts(t *testing.T) {
	dir, cmd, stderr := sealing(t, "abort", "")
	said, _ := stderr.ReadString(0)
	_ = cmd.Wait()
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); !s.Signaled() || s.Signal() != syscall.SIGABRT {
		t.Errorf("ended by %v", cmd.ProcessState)
	}
	if strings.Contains(said, "goroutine") {
		t.Errorf("stacks were printed: %s", said)
	}
	if _, err := os.Stat(filepath.Join(dir, "out.pdf")); err == nil {
		t.Error("an output file is there")
	}
}

// nothingLeft fails if an output or a temporary file is in the folder.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "out.pdf" || strings.HasPrefix(e.Name(), ".sealdesk-") {
			t.Errorf("%s was left", e.Name())
		}
	}
}
