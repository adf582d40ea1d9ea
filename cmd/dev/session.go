package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sealdesk/cmd/dev/layers"
	"sealdesk/cmd/dev/system"
)

// session is one run of a task.
type session struct {
	root      string // of the module
	out       io.Writer
	err       io.Writer
	noInstall bool
}

// findRoot looks for the module's go.mod from the working directory upwards.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module "+layers.Module+"\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("run this inside the source tree of " + layers.Module)
		}
	}
}

// ensure installs the packages of a task, or says why it cannot.
func (s *session) ensure(ctx context.Context, task string) error {
	installer := system.Installer{Host: system.Machine{Out: s.err}, Out: s.err, NoInstall: s.noInstall}
	return installer.Ensure(ctx, system.Needs(task))
}

// command prepares a command in the module's root. A cancelled context
// interrupts it, so that go test and its children end too, before it is killed.
func (s *session) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// build compiles one of the module's programs into bin.
func (s *session) build(ctx context.Context, bin, program string) (string, error) {
	path := filepath.Join(bin, program+exeSuffix)
	// Without the revision: a checkout owned by somebody else would stop the build.
	cmd := s.command(ctx, "go", "build", "-buildvcs=false", "-tags=migrated_fynedo", "-o", path, "./cmd/"+program)
	cmd.Stdout, cmd.Stderr = s.err, s.err
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build %s: %w", program, err)
	}
	return path, nil
}

// cacheDir is a directory of ours in the user's cache, made where it is absent.
func cacheDir(parts ...string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(append([]string{base, layers.Module}, parts...)...)
	return dir, os.MkdirAll(dir, 0o700)
}
