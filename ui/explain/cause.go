package explain

import (
	"errors"
	"io/fs"
	"syscall"
)

// causes are what the system says when a file cannot be read or written, and its words below "cause.".
var causes = []struct {
	err  error
	code string
}{
	{syscall.ENOSPC, "full"}, {syscall.EROFS, "read_only"}, {syscall.EIO, "medium"}, {syscall.ENAMETOOLONG, "name"}, {syscall.ELOOP, "loop"}, {syscall.EISDIR, "folder"},
	{fs.ErrNotExist, "missing"}, {fs.ErrPermission, "permission"}, {fs.ErrExist, "exists"},
}

// cause is the code of what the system says, or its own words without the path, which stands beside them.
func cause(err error) string {
	for _, c := range causes {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func causeCodes() []string {
	codes := make([]string, len(causes))
	for i, c := range causes {
		codes[i] = c.code
	}
	return codes
}
