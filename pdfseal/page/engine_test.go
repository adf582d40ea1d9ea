package page

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestWarm(t *testing.T) {
	if err := Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = Warm(ctx) // either is right: it is ready and it was cancelled
}

func TestOpenCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	c := openCache(dir)
	if c == nil {
		t.Fatal("no cache in a new directory")
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if openCache("") != nil {
		t.Error("a cache without a directory")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if openCache(file) != nil {
		t.Error("a file taken for a directory")
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if openCache(dir) != nil {
		t.Error("code would be loaded from a directory that everybody can write")
	}
}

// A damaged cache must not keep the engine from starting.
func TestCompile_damagedCache(t *testing.T) {
	long(t)
	dir := t.TempDir()
	if _, err := compile(dir); err != nil {
		t.Fatal(err)
	}
	damaged := 0
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		damaged++
		return os.Truncate(path, info.Size()/2)
	})
	if err != nil || damaged == 0 {
		t.Fatal(damaged, err)
	}
	e, err := compile(dir)
	if err != nil {
		t.Fatal(err)
	}
	in, err := e.instance(t.Context(), t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.release(in)
}
