package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// windowPatience is how long the bench waits for the window.
const windowPatience = time.Minute

// window starts the client on a display of its own and takes the time until the window shows its state.
func (b *bench) window(ctx context.Context) error {
	if _, err := exec.LookPath("Xvfb"); err != nil {
		fmt.Fprintf(b.out, "\nstart of the window: not measured, Xvfb is not installed\n")
		return nil
	}
	if err := b.ensure(ctx, "window"); err != nil {
		return err
	}
	program, err := b.build(ctx, filepath.Join(b.dir, "bin"), "sealdesk")
	if err != nil {
		return err
	}
	settings := filepath.Join(b.dir, "window.toml")
	if err := os.WriteFile(settings, []byte("[log]\nlevel = \"debug\"\n"), 0o600); err != nil {
		return err
	}
	display, stop, err := b.display(ctx)
	if err != nil {
		return err
	}
	defer stop()
	var shown figure
	for range benchRounds {
		took, err := b.startWindow(ctx, display, program, settings)
		if err != nil {
			return err
		}
		shown.take(took, 0)
	}
	fmt.Fprintf(b.out, "\n%-28s %10.3f s, best of %d, without a graphics card\n", "start of the window", shown.took.Seconds(), benchRounds)
	return nil
}

// display starts a display without a screen.
func (b *bench) display(ctx context.Context) (name string, stop func(), err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer read.Close()
	cmd := b.command(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1280x720x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
	err = cmd.Start()
	write.Close()
	if err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("no display from Xvfb: %w", err)
	}
	return ":" + strings.TrimSpace(line), stop, nil
}

// startWindow runs the client until it has shown its first state.
func (b *bench) startWindow(ctx context.Context, display, program, settings string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, windowPatience)
	defer cancel()
	cmd := b.command(ctx, program, "--config", settings)
	cmd.Env = append(cmd.Environ(), "DISPLAY="+display, "LIBGL_ALWAYS_SOFTWARE=1")
	log, err := cmd.StderrPipe()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	took := time.Duration(0)
	lines := bufio.NewScanner(log)
	for took == 0 && lines.Scan() {
		if strings.Contains(lines.Text(), "msg=shown") {
			took = time.Since(start)
		}
	}
	cancel()
	_, _ = io.Copy(io.Discard, log) // until it has ended
	_ = cmd.Wait()                  // it was killed
	if took == 0 {
		return 0, errors.New("the window has shown nothing")
	}
	return took, nil
}
