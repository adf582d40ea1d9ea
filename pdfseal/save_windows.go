package pdfseal

import "golang.org/x/sys/windows"

// renameNoReplace renames tmp to dst, written through to the disk, and fails where dst exists (MoveFileEx without REPLACE_EXISTING).
func renameNoReplace(tmp, dst string) error {
	from, err := windows.UTF16PtrFromString(tmp)
	if err != nil {
		return err
	}
	to, err := windows.UTF16PtrFromString(dst)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(from, to, windows.MOVEFILE_WRITE_THROUGH)
}

// syncDir has nothing to do: MOVEFILE_WRITE_THROUGH returns after the move is on the disk.
func syncDir(string) error { return nil }
