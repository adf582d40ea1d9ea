//go:build !linux && !darwin && !windows

package pdfseal

import "os"

// renameNoReplace links dst to the staged file, which fails where dst exists, and removes the staged name.
func renameNoReplace(tmp, dst string) error { return linkNoReplace(tmp, dst) }

// syncDir makes the new directory entry durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
