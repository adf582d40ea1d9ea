package pdfseal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// renameNoReplace renames tmp to dst and fails with fs.ErrExist where dst exists (renamex_np, RENAME_EXCL).
func renameNoReplace(tmp, dst string) error {
	err := unix.RenamexNp(tmp, dst, unix.RENAME_EXCL)
	if errors.Is(err, unix.ENOTSUP) {
		return linkNoReplace(tmp, dst)
	}
	return err
}

// syncDir makes the new directory entry durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
