package system

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Host is what this package asks of the machine.
type Host interface {
	LookPath(name string) (string, error)
	Glob(pattern string) ([]string, error)
	UID() int // -1 where users have no number
	// Output runs a command and gives its standard output.
	Output(ctx context.Context, name string, args ...string) (string, error)
	// Run runs a command with the terminal attached: sudo may ask for a password.
	Run(ctx context.Context, name string, args ...string) error
}

// Machine is the Host that the program runs on.
type Machine struct {
	Out io.Writer // where commands with the terminal attached print; nil = os.Stderr
}

// LookPath finds a command on PATH. The system directories count as well: an
// ordinary user's PATH may lack them.
func (Machine) LookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if found, e := exec.LookPath(filepath.Join(dir, name)); e == nil {
			return found, nil
		}
	}
	return "", err
}

// Glob is filepath.Glob.
func (Machine) Glob(pattern string) ([]string, error) { return filepath.Glob(pattern) }

// UID is the number of the user who runs the program.
func (Machine) UID() int { return os.Geteuid() }

// Output runs a command quietly.
func (Machine) Output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	return string(out), err
}

// Run runs a command with the terminal attached.
func (m Machine) Run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, m.Out, m.Out
	if m.Out == nil {
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	}
	return cmd.Run()
}
