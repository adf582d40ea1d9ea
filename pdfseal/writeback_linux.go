package pdfseal

import (
	"os"

	"golang.org/x/sys/unix"
)

// startWriteback has the system begin to write to the disk what f has been given so far, so that the sync at the end has little left to
// wait for. It promises nothing: only that sync does.
func startWriteback(f *os.File) {
	_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
}
