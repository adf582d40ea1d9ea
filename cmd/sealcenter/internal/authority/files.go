package authority

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
)

// Folders and files below the state directory. No symbolic link leads out of it.
const (
	keyDir    = "keys"
	certDir   = "pki"
	crlDir    = "crl"
	bundleDir = "bundles"

	maxFile = 1 << 20 // of a key or certificate
)

// files is the state directory.
type files struct{ root *os.Root }

func openFiles(dir string, create bool) (files, error) {
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return files{}, err
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return files{}, err
	}
	f := files{root}
	if create {
		for _, d := range []string{keyDir, certDir, crlDir, bundleDir} {
			if err := root.Mkdir(d, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
				return files{}, errors.Join(err, root.Close())
			}
		}
	}
	return f, nil
}

func (f files) has(name string) bool {
	_, err := f.root.Stat(name)
	return err == nil
}

// create writes a file that must not be there yet.
func (f files) create(name string, content []byte, mode fs.FileMode) error {
	out, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := fill(out, content); err != nil {
		return errors.Join(err, f.root.Remove(name))
	}
	return f.sync(path.Dir(name))
}

// replace writes a file whole or not at all; an older one of the name gives way.
func (f files) replace(name string, content []byte, mode fs.FileMode) error {
	var r [8]byte
	if _, err := rand.Read(r[:]); err != nil {
		return err
	}
	staged := name + "." + hex.EncodeToString(r[:]) + ".tmp"
	out, err := f.root.OpenFile(staged, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := fill(out, content); err != nil {
		return errors.Join(err, f.root.Remove(staged))
	}
	if err := f.root.Rename(staged, name); err != nil {
		return errors.Join(err, f.root.Remove(staged))
	}
	return f.sync(path.Dir(name))
}

func fill(out *os.File, content []byte) error {
	_, err := out.Write(content)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// sync brings the names in a folder to the disk. Windows does that by itself, and refuses to be asked.
func (f files) sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f files) read(name string) ([]byte, error) {
	in, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s: larger than %d bytes", name, maxFile)
	}
	return b, err
}
