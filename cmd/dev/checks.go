package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sealdesk/cmd/dev/layers"
)

const staticcheck = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"

// withoutScreen leaves out what the window's toolkit needs to reach a screen: its C code takes minutes to compile, and neither a
// check of the source nor a test in memory uses it. The walks through the real window build the program as it is.
const withoutScreen = "-tags=ci"

// check is one yes or no about the source. What it writes is its evidence.
type check struct {
	name string
	run  func(ctx context.Context, s *session, out io.Writer) error
}

func sourceChecks() []check {
	return []check{
		{"gofmt", checkFormat},
		{"import rules", checkLayers},
		{"README", checkReadme},
		{"go vet", goCheck("vet", withoutScreen, "./...")},
		{"staticcheck", goCheck("run", staticcheck, withoutScreen, "./...")},
		{"build without cgo", checkNoCgo},
	}
}

// goCheck passes when the go command ends well.
func goCheck(args ...string) func(context.Context, *session, io.Writer) error {
	return func(ctx context.Context, s *session, out io.Writer) error {
		cmd := s.command(ctx, "go", args...)
		cmd.Stdout, cmd.Stderr = out, out
		return cmd.Run()
	}
}

// checkNoCgo builds what must run where there is no C compiler: the tasks, and
// the command line, whose driver then refuses politely.
func checkNoCgo(ctx context.Context, s *session, out io.Writer) error {
	cmd := s.command(ctx, "go", "build", "./cmd/dev", "./cmd/sealctl")
	cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "CC=/nonexistent/cc")
	cmd.Stdout, cmd.Stderr = out, out
	return cmd.Run()
}

func checkLayers(ctx context.Context, s *session, out io.Writer) error {
	packages, err := layers.List(ctx, s.root)
	if err != nil {
		return err
	}
	found := layers.Check(packages, layers.Rules)
	for _, v := range found {
		fmt.Fprintln(out, v)
	}
	if len(found) > 0 {
		return fmt.Errorf("%d imports against the rules", len(found))
	}
	return nil
}

func checkReadme(_ context.Context, s *session, out io.Writer) error {
	text, err := os.ReadFile(filepath.Join(s.root, "README.md"))
	if err != nil {
		return err
	}
	var names []string
	for _, t := range tasks() {
		names = append(names, t.name)
	}
	problems := readmeProblems(string(text), names)
	for _, p := range problems {
		fmt.Fprintln(out, p)
	}
	if len(problems) > 0 {
		return errors.New("README.md is not in order")
	}
	return nil
}

// checkFormat names the Go files that gofmt would change.
func checkFormat(_ context.Context, s *session, out io.Writer) error {
	files, bad := 0, 0
	err := filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) && path != s.root:
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, err := format.Source(text)
		if err != nil || !bytes.Equal(text, want) {
			bad++
			fmt.Fprintln(out, path, "is not formatted", errText(err))
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case files == 0:
		return errors.New("no Go file found")
	case bad > 0:
		return fmt.Errorf("%d files are not formatted", bad)
	}
	return nil
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return "(" + err.Error() + ")"
}

// portChecks builds for the other two systems, without cgo: everything for
// Windows, and for macOS everything but the window, whose toolkit needs cgo there.
func portChecks() []check {
	return []check{
		{"build for windows", func(ctx context.Context, s *session, w io.Writer) error {
			return buildFor(ctx, s, w, "windows", "./...")
		}},
		{"build for darwin", func(ctx context.Context, s *session, w io.Writer) error {
			packages, err := withoutWindow(ctx, s, "darwin")
			if err != nil {
				return err
			}
			return buildFor(ctx, s, w, "darwin", packages...)
		}},
	}
}

func buildFor(ctx context.Context, s *session, w io.Writer, system string, packages ...string) error {
	cmd := forSystem(ctx, s, system, append([]string{"build"}, packages...)...)
	cmd.Stdout, cmd.Stderr = w, w
	return cmd.Run()
}

// forSystem is a go command for another system, without cgo.
func forSystem(ctx context.Context, s *session, system string, args ...string) *exec.Cmd {
	cmd := s.command(ctx, "go", args...)
	cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "GOOS="+system)
	return cmd
}

// withoutWindow lists the packages of the module that do not need the window's toolkit.
func withoutWindow(ctx context.Context, s *session, system string) ([]string, error) {
	out, err := forSystem(ctx, s, system, "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...").Output()
	var packages []string
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if name, deps, _ := strings.Cut(line, " "); !strings.Contains(deps, "fyne.io/fyne/") {
			packages = append(packages, name)
		}
	}
	return packages, err
}
