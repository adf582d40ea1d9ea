package job

import (
	"fmt"
	"os"
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
