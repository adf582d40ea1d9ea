// Package lockfile keeps two processes from writing the same state at once. A lock belongs to an open file and ends when that file
// is closed, also when the process is killed; nothing that a crash leaves behind keeps others out.
package lockfile

import (
	"context"
	"errors"
	"os"
	"time"
)

// ErrUnsupported says that this system cannot lock files.
var ErrUnsupported = errors.New("lockfile: locks are not supported here")

// The pauses between two tries of Lock.
const (
	firstPause = time.Millisecond
	longPause  = 50 * time.Millisecond
)

// Lock waits until f is locked for this process alone, or ctx ends. Closing f unlocks it.
func Lock(ctx context.Context, f *os.File) error {
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		held, err := Try(f)
		if held || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Try locks f if nobody else holds it, without waiting. Closing f unlocks it.
func Try(f *os.File) (held bool, err error) { return try(f) }
