package durable_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sealdesk/pdfseal/internal/durable"
)

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.Mkdir("sub", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "sub/b"} {
		if err := durable.Create(root, name, []byte(name)); err != nil {
			t.Fatal(err)
		}
		if err := durable.Create(root, name, []byte("other")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s again: %v", name, err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(b, []byte(name)) {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if err := durable.Create(root, "none/c", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if err := durable.Create(root, "../c", nil); err == nil {
		t.Error("created outside the folder")
	}
	for _, d := range []string{".", "sub"} {
		entries, err := os.ReadDir(filepath.Join(dir, d))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if durable.IsTemp(e.Name()) {
				t.Errorf("%s was left in %s", e.Name(), d)
			}
		}
	}
	if !durable.IsTemp("."+durable.RandomID()+".tmp") || durable.IsTemp("x.p7") {
		t.Error("IsTemp")
	}
}
