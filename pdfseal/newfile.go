package pdfseal

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Absent answers ErrOutputExists where something has the name dst already, and a *SaveError where nothing can have it: it is too long.
func Absent(dst string) error {
	_, err := os.Lstat(dst)
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s", ErrOutputExists, dst)
	case errors.Is(err, syscall.ENAMETOOLONG):
		return &SaveError{Step: StepRename, Path: dst, Err: err}
	}
	return nil
}

// WriteNewFile writes data into the new file dst, which appears whole or not at all and replaces nothing (rules W1, W2). Errors:
// ErrOutputExists, *SaveError; after a *SaveError with StepSyncDir the file is there.
func WriteNewFile(dst string, data []byte) error {
	return writeNew(dst, func(tmp *os.File) error {
		_, err := (&stepWriter{f: tmp}).Write(data)
		return err
	})
}

// writeNew stages what fill writes, syncs it and gives it its name.
func writeNew(dst string, fill func(tmp *os.File) error) error {
	if err := Absent(dst); err != nil {
		return err
	}
	_, err := saveWhole(dst, func(tmp *os.File) error {
		if err := fill(tmp); err != nil {
			return err
		}
		return syncClose(tmp)
	}, publish)
	return err
}
