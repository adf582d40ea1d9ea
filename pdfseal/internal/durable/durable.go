// Package durable creates small state files that are there whole and on the disk, or not at all.
package durable

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Create writes a new file below root; name uses slashes. Nothing is replaced: where the name is taken the error wraps fs.ErrExist. A
// crash leaves at most a temporary file beside it, which IsTemp knows.
func Create(root *os.Root, name string, data []byte) error {
	dir := path.Dir(name)
	tmp := path.Join(dir, "."+RandomID()+".tmp")
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = publish(root, tmp, name)
	}
	if e := root.Remove(tmp); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	if err != nil {
		return err
	}
	return SyncDir(filepath.Join(root.Name(), dir))
}

// publish gives a temporary file its name; on a file system without links the name is looked at first.
func publish(root *os.Root, tmp, name string) error {
	err := root.Link(tmp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, e := root.Lstat(name); e == nil {
		return fs.ErrExist
	}
	return root.Rename(tmp, name)
}

// IsTemp tells whether a base name is that of a temporary file of Create.
func IsTemp(name string) bool { return strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") }

// RandomID is 16 hexadecimal digits that nobody else has.
func RandomID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
