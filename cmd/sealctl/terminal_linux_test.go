package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sealdesk/cmd/softkey/store"
)

// person is somebody at a pseudo-terminal in front of one run of the program.
type person struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	seen   bytes.Buffer
}

func sitDown(t *testing.T, dir string, args ...string) *person {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: exe, Args: append([]string{"sealctl"}, args...), Dir: dir, Stdin: slave, Stdout: slave, Stderr: slave,
		Env:         append(os.Environ(), "SEALDESK_CONFIG_DIR="+dir),
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true}}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &person{t: t, master: master, cmd: cmd}
}

// read waits until text was shown; "" waits for the end.
func (p *person) read(text string) {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	buf := make([]byte, 4096)
	for text == "" || !strings.Contains(p.seen.String(), text) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%q was not shown: %s", text, p.seen.String())
		}
		fds := []unix.PollFd{{Fd: int32(p.master.Fd()), Events: unix.POLLIN}}
		if n, err := unix.Poll(fds, 100); n == 0 || errors.Is(err, unix.EINTR) {
			continue
		}
		n, err := p.master.Read(buf)
		p.seen.Write(buf[:n])
		if err != nil {
			if text != "" {
				p.t.Fatalf("%q was not shown: %s", text, p.seen.String())
			}
			return
		}
	}
}

func (p *person) write(text string) {
	p.t.Helper()
	if _, err := p.master.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

// leave waits for the program and returns its exit code.
func (p *person) leave() int {
	p.t.Helper()
	p.read("")
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func storyOffice(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := furnish(dir, store.BuildForTest(t)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTerminal_noEcho(t *testing.T) {
	dir := storyOffice(t)
	p := sitDown(t, dir, "seal", "one.pdf", "--at", "60,60")
	p.read("不显示")
	for _, want := range []string{"TRAINING KEY", "00112230", "印章：示范旗人民政府", "将盖章：1 份文件"} {
		if !strings.Contains(p.seen.String(), want) {
			t.Errorf("the question lacks %q: %s", want, p.seen.String())
		}
	}
	p.write(storyPIN + "\n")
	if code := p.leave(); code != 0 {
		t.Fatalf("exit %d: %s", code, p.seen.String())
	}
	if strings.Contains(p.seen.String(), storyPIN) {
		t.Error("the PIN was echoed")
	}
}

// TestTerminal_interrupt gives up at the question, by Ctrl-C and by the signal itself: exit 130, the terminal has its echo back, nothing is left.
func TestTerminal_interrupt(t *testing.T) {
	for name, interrupt := range map[string]func(*person){
		"Ctrl-C": func(p *person) { p.write("\x03") },
		"SIGINT": func(p *person) { _ = p.cmd.Process.Signal(os.Interrupt) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := storyOffice(t)
			p := sitDown(t, dir, "seal", "one.pdf", "three.pdf", "--at", "60,60")
			p.read("不显示")
			interrupt(p)
			if code := p.leave(); code != 130 {
				t.Errorf("exit %d, want 130: %s", code, p.seen.String())
			}
			state, err := unix.IoctlGetTermios(int(p.master.Fd()), unix.TCGETS)
			if err != nil || state.Lflag&unix.ECHO == 0 {
				t.Errorf("the terminal has lost its echo: %v", err)
			}
			found, err := filepath.Glob(filepath.Join(dir, "*已签章*"))
			stray, _ := filepath.Glob(filepath.Join(dir, ".sealdesk-*"))
			if err != nil || len(found)+len(stray) > 0 {
				t.Errorf("left behind: %v %v", found, stray)
			}
		})
	}
}

// TestTerminal_endOfInput gives up with Ctrl-D: exit 130, nothing is counted as a wrong PIN.
func TestTerminal_endOfInput(t *testing.T) {
	dir := storyOffice(t)
	p := sitDown(t, dir, "seal", "one.pdf", "--at", "60,60")
	p.read("不显示")
	p.write("\x04")
	if code := p.leave(); code != 130 || !strings.Contains(p.seen.String(), "已取消") {
		t.Errorf("exit %d, want 130: %s", code, p.seen.String())
	}
}

// TestTerminal_finalTry wants the last four characters of the serial number before the PIN of the last try.
func TestTerminal_finalTry(t *testing.T) {
	dir := storyOffice(t)
	slot, err := store.Open(filepath.Join(dir, "softkey"), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		word string
		want int
	}{{"0000", 13}, {"2230", 0}} {
		if err := slot.SetTries(1); err != nil {
			t.Fatal(err)
		}
		p := sitDown(t, dir, "seal", "one.pdf", "--at", "60,60")
		p.read("末四位（2230）")
		p.write(c.word + "\n")
		if c.want == 0 {
			p.read("不显示")
			p.write(storyPIN + "\n")
		}
		if code := p.leave(); code != c.want {
			t.Errorf("%s: exit %d, want %d: %s", c.word, code, c.want, p.seen.String())
		}
	}
}
