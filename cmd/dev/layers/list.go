// Package layers checks who imports whom: `cmd → ui → (token, pdfseal) → std`,
// and the one place where each library may be named.
package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Module is the path of the module whose layers are checked.
const Module = "sealdesk"

// Package is what the rules look at, as `go list -json` gives it.
type Package struct {
	ImportPath   string
	Standard     bool
	DepOnly      bool // of another module, or of the standard library
	CgoFiles     []string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

// own is the path below the module: "" for its root, "pdfseal/ses", …
func (p Package) own() string { return within(p.ImportPath) }

func within(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, Module), "/")
}

// ours reports whether an import path belongs to the module.
func ours(path string) bool { return path == Module || strings.HasPrefix(path, Module+"/") }

// below reports whether path is one of the roots or lies below one.
func below(path string, roots []string) bool {
	for _, root := range roots {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

// matches reports whether one of the patterns names the package.
func matches(own string, patterns []string) bool {
	for _, pattern := range patterns {
		root, deep := strings.CutSuffix(pattern, "/...")
		if own == root || deep && below(own, []string{root}) {
			return true
		}
	}
	return false
}

// contexts are the builds whose files differ: what a build leaves out, it does not list.
var contexts = [][]string{
	{"GOOS=linux", "CGO_ENABLED=1"},
	{"GOOS=linux", "CGO_ENABLED=0"},
	{"GOOS=windows", "CGO_ENABLED=1"},
	{"GOOS=darwin", "CGO_ENABLED=1"},
}

// List lists the packages of the module at dir and all that they depend on,
// once for each of the builds.
func List(ctx context.Context, dir string) ([]Package, error) {
	var all []Package
	for _, env := range contexts {
		found, err := list(ctx, dir, env)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func list(ctx context.Context, dir string, env []string) ([]Package, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps",
		"-json=ImportPath,Standard,DepOnly,CgoFiles,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("layers: go list: %w: %s", err, exit.Stderr)
		}
		return nil, fmt.Errorf("layers: go list: %w", err)
	}
	return decode(strings.NewReader(string(out)))
}

func decode(r io.Reader) ([]Package, error) {
	var out []Package
	for d := json.NewDecoder(r); ; {
		var p Package
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("layers: read go list: %w", err)
		}
		out = append(out, p)
	}
}
