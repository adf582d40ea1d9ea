package system

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Installer makes sure that the packages of a task are there.
type Installer struct {
	Host      Host
	Out       io.Writer // says what is about to happen, before it happens
	NoInstall bool      // only name what is missing
}

// MissingError says which packages are missing and how to get them.
type MissingError struct {
	Packages []Package
	Reason   string // why they were not installed
	Command  string // the command that installs them; empty without apt-get
}

func (e *MissingError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; missing:", e.Reason)
	for _, p := range e.Packages {
		fmt.Fprintf(&b, "\n  %-15s %s (elsewhere: %s)", p.Name, p.Why, p.Hint)
	}
	if e.Command != "" {
		fmt.Fprintf(&b, "\ninstall with: %s", e.Command)
	}
	return b.String()
}

// Missing gives those of the packages that are not there.
func Missing(ctx context.Context, h Host, packages []Package) []Package {
	var out []Package
	for _, p := range packages {
		if !p.Present(ctx, h) {
			out = append(out, p)
		}
	}
	return out
}

// lockPatience has apt-get wait, in seconds, while a new machine installs its own updates.
const lockPatience = "DPkg::Lock::Timeout=600"

// Ensure installs what is missing of packages. It does nothing, and prints
// nothing, when all are there. The error is a *MissingError where something
// stays missing.
func (i *Installer) Ensure(ctx context.Context, packages []Package) error {
	missing := Missing(ctx, i.Host, packages)
	if len(missing) == 0 {
		return nil
	}
	if _, err := i.Host.LookPath("apt-get"); err != nil {
		return &MissingError{Packages: missing, Reason: "this system has no apt-get: install the tools by hand"}
	}
	install := append([]string{"apt-get", "install", "-y", "--no-install-recommends", "-o", lockPatience}, i.names(ctx, missing)...)
	prefix, err := i.privilege()
	manual := strings.Join(append([]string{"sudo"}, install...), " ")
	switch {
	case i.NoInstall:
		return &MissingError{Packages: missing, Reason: "nothing was installed (--no-install)", Command: manual}
	case err != nil:
		return &MissingError{Packages: missing, Reason: err.Error(), Command: strings.Join(install, " ")}
	}
	if err := i.install(ctx, prefix, install); err != nil {
		return fmt.Errorf("system: %s: %w", strings.Join(install, " "), err)
	}
	if left := Missing(ctx, i.Host, packages); len(left) > 0 {
		return &MissingError{Packages: left, Reason: "apt-get ended well, yet something is not there", Command: manual}
	}
	return nil
}

// names gives the Debian names, each once.
func (i *Installer) names(ctx context.Context, packages []Package) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range packages {
		name := p.Debian(ctx, i.Host)
		if !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// privilege gives what stands before apt-get: nothing for root, else sudo.
func (i *Installer) privilege() ([]string, error) {
	env := []string{"env", "DEBIAN_FRONTEND=noninteractive"}
	if i.Host.UID() == 0 {
		return env, nil
	}
	if _, err := i.Host.LookPath("sudo"); err != nil {
		return nil, fmt.Errorf("installing needs root, and there is no sudo: run the command below as root")
	}
	return append([]string{"sudo"}, env...), nil
}

// install brings the package lists up to date first where there are none, and
// after a failure once, because lists that are too old name files that are gone.
func (i *Installer) install(ctx context.Context, prefix, install []string) error {
	if prefix[0] == "sudo" {
		fmt.Fprintln(i.Out, "Installing system packages with sudo, which may ask for your password.")
	}
	update := func() error {
		return i.run(ctx, append(append([]string(nil), prefix...), "apt-get", "update"))
	}
	lists, _ := i.Host.Glob("/var/lib/apt/lists/*_Packages*")
	fresh := len(lists) == 0
	if fresh {
		if err := update(); err != nil {
			return err
		}
	}
	command := append(append([]string(nil), prefix...), install...)
	err := i.run(ctx, command)
	if err == nil || fresh || ctx.Err() != nil {
		return err
	}
	if err := update(); err != nil {
		return err
	}
	return i.run(ctx, command)
}

func (i *Installer) run(ctx context.Context, command []string) error {
	fmt.Fprintln(i.Out, "+", strings.Join(command, " "))
	return i.Host.Run(ctx, command[0], command[1:]...)
}
