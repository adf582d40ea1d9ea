package lockfile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sealdesk/pdfseal/internal/lockfile"
)

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestLock_oneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	a, b := open(t, path), open(t, path)
	if held, err := lockfile.Try(a); err != nil || !held {
		t.Fatalf("first: %v, %v", held, err)
	}
	if held, err := lockfile.Try(b); err != nil || held {
		t.Fatalf("second: %v, %v", held, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := lockfile.Lock(ctx, b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("second, waiting: %v", err)
	}
	time.AfterFunc(20*time.Millisecond, func() { a.Close() })
	if err := lockfile.Lock(context.Background(), b); err != nil {
		t.Errorf("after the first was closed: %v", err)
	}
}
