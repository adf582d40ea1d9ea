package job

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Regular refuses what is no regular file before it is opened: a directory, and a pipe or device that could block for ever. The
// answer is nil, an *Error or the system's own error.
func Regular(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return situation("file.irregular", fmt.Errorf("%s: %s", path, st.Mode().Type()), "Path", path)
	}
	return nil
}

// Folder refuses an output folder that does not exist or is something else. The answer is nil, an *Error or the system's own error.
func Folder(path string) error {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && !st.IsDir() {
		return situation("file.no_folder", err, "Path", path)
	}
	return err
}
