//go:build !windows

package keeper

import (
	"fmt"
	"os"
)

// syncDir makes new directory entries durable.
func syncDir(dir *os.Root) error {
	d, err := dir.Open(".")
	if err != nil {
		return fmt.Errorf("keeper: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("keeper: %w", err)
	}
	return nil
}
