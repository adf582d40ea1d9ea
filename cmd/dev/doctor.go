package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"strings"

	"sealdesk/cmd/dev/system"
)

func doctorTask(*flag.FlagSet) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		s.doctor(ctx, system.Machine{Out: s.err})
		return nil
	}
}

// doctor prints versions and, for each task, what it lacks. It changes nothing.
func (s *session) doctor(ctx context.Context, h system.Host) {
	fmt.Fprintf(s.out, "%-15s %s, %s/%s, %d processors\n", "go", goVersion(ctx, h), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, p := range system.All() {
		fmt.Fprintf(s.out, "%-15s %s\n", p.Name, state(ctx, h, p))
	}
	fmt.Fprintln(s.out)
	for _, t := range system.Tasks() {
		var names []string
		for _, p := range system.Missing(ctx, h, system.Needs(t)) {
			names = append(names, p.Debian(ctx, h))
		}
		if len(names) == 0 {
			fmt.Fprintf(s.out, "%-15s ready\n", t)
		} else {
			fmt.Fprintf(s.out, "%-15s missing: %s\n", t, strings.Join(names, " "))
		}
	}
}

func goVersion(ctx context.Context, h system.Host) string {
	out, err := h.Output(ctx, "go", "env", "GOVERSION")
	if err != nil {
		return runtime.Version() + " (the go command is not on PATH)"
	}
	return strings.TrimSpace(out)
}

// state is the first line that a tool says about its version, or what the
// package is for where it is missing.
func state(ctx context.Context, h system.Host, p system.Package) string {
	if !p.Present(ctx, h) {
		return "missing: " + p.Why
	}
	for _, flag := range versionFlags(p.Tool) {
		out, _ := h.Output(ctx, p.Tool, flag) // some tools end with 1 or more after telling
		if line, _, _ := strings.Cut(strings.TrimSpace(out), "\n"); line != "" {
			return line
		}
	}
	return "present"
}

// versionFlags gives the flag that makes a tool tell its version on standard
// output; none for tools that have no such flag, or print it elsewhere.
func versionFlags(tool string) []string {
	switch tool {
	case "", "pdftoppm", "pkcs11-tool", "Xvfb":
		return nil
	case "openssl":
		return []string{"version"}
	}
	return []string{"--version"}
}
