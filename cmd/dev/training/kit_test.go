package training

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// today is the day of documents that must look the same in every run; offices are made today by the clock, as their centre is.
var today = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

var sharedDir string // of what tests share, once one has asked for it

// sharing makes the folder of what tests share.
var sharing = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "office")
	sharedDir = dir
	return err
})

// sealcenter is the real program.
var sealcenter = sync.OnceValues(func() (string, error) {
	if err := sharing(); err != nil {
		return "", err
	}
	path := filepath.Join(sharedDir, "sealcenter"+programSuffix())
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, "sealdesk/cmd/sealcenter").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// options puts sealcenter into new offices.
func options(seed string) Options {
	return Options{Seed: seed, Build: func(_ context.Context, o *Office) error {
		program, err := sealcenter()
		if err != nil {
			return err
		}
		if _, err := os.Stat(o.Centre.Sealcenter); err == nil {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(o.Centre.Sealcenter), 0o700); err != nil {
			return err
		}
		return copyFile(o.Centre.Sealcenter, program)
	}}
}

var shared = sync.OnceValues(func() (*Office, error) {
	if err := sharing(); err != nil {
		return nil, err
	}
	return Make(context.Background(), filepath.Join(sharedDir, "office"), options("test"))
})

func TestMain(m *testing.M) {
	code := m.Run()
	if sharedDir != "" {
		_ = os.RemoveAll(sharedDir) // a temporary folder
	}
	os.Exit(code)
}

// practice is an office that tests only read.
func practice(t *testing.T) *Office {
	t.Helper()
	o, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func makeOffice(t *testing.T, dir string, o Options) *Office {
	t.Helper()
	made, err := Make(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// tree reads all files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		out[name] = string(b)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatal(len(out), err)
	}
	return out
}

func differences(a, b map[string]string) (names []string) {
	for name := range a {
		if b[name] != a[name] && !changing(name) {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok && !changing(name) {
			names = append(names, name)
		}
	}
	return names
}

// changing are files that differ by design: the time of plugging in, the salt of the PIN, and the pages of the registry.
func changing(name string) bool {
	base := filepath.Base(name)
	return base == "present" || base == "pin.ini" || base == "pins.ini" || strings.HasPrefix(base, "centre.db")
}
