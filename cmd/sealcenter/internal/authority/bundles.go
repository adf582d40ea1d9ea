package authority

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// bundleName is the file of a bundle: by number and manifest, so that two
// attempts at one number never touch each other's file.
func bundleName(number int, manifest string) string {
	return fmt.Sprintf("%s/%06d-%.12s.sdtb", bundleDir, number, manifest)
}

// Staged is a trust bundle on the disk that has no name yet.
type Staged struct {
	f    files
	name string
	Size int64
}

// StageBundle lets write fill a file for a trust bundle. What it wrote is on the disk when it returns.
func (a *Authority) StageBundle(write func(io.Writer) error) (*Staged, error) {
	var r [8]byte
	if _, err := rand.Read(r[:]); err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	s := &Staged{f: a.f, name: bundleDir + "/" + hex.EncodeToString(r[:]) + ".tmp"}
	out, err := a.f.root.OpenFile(s.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	buffered := bufio.NewWriterSize(out, 1<<16)
	if err = write(buffered); err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = out.Sync()
	}
	if st, e := out.Stat(); e == nil {
		s.Size = st.Size()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return nil, fmt.Errorf("authority: bundle: %w", errors.Join(err, s.Discard()))
	}
	return s, nil
}

// Open opens the staged file.
func (s *Staged) Open() (*os.File, error) { return s.f.root.Open(s.name) }

// Name gives the file its name.
func (s *Staged) Name(number int, manifest string) error {
	if err := s.f.root.Rename(s.name, bundleName(number, manifest)); err != nil {
		return fmt.Errorf("authority: bundle: %w", err)
	}
	return s.f.sync(bundleDir)
}

// Discard removes the staged file.
func (s *Staged) Discard() error { return s.f.root.Remove(s.name) }

// OpenBundle opens the trust bundle with a number and manifest.
func (a *Authority) OpenBundle(number int, manifest string) (*os.File, error) {
	f, err := a.f.root.Open(bundleName(number, manifest))
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return f, nil
}

// BundlePath is where a trust bundle lies.
func (a *Authority) BundlePath(number int, manifest string) string {
	return filepath.Join(a.f.root.Name(), filepath.FromSlash(bundleName(number, manifest)))
}
