package training

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"sealdesk/pdfseal/sealtest"
)

// Copy copies the office to dir, which must not exist: settings, PIN, trust bundle, UsbKeys with their module, connection, and the centre
// with its registry. What the copy does, such as losing a seal, does not touch the office. Programs and samples are those of the
// office; the register of seal use begins anew. The centre must not be serving meanwhile, and both cannot serve at a time, since they
// have the same port.
func (o *Office) Copy(ctx context.Context, dir string) (*Office, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	for _, from := range []string{filepath.Join(o.Dir, stateFile), o.Config, o.PINFile, o.Trust, o.Store, o.Module, o.connection(), o.Centre.Dir} {
		name, err := filepath.Rel(o.Dir, from)
		if err == nil {
			err = copyTree(ctx, filepath.Join(dir, name), from)
		}
		if err != nil {
			return nil, fmt.Errorf("training: %w", err)
		}
	}
	c := newOffice(dir)
	c.Root, c.Samples, c.Placements, c.Seals = o.Root, o.Samples, o.Placements, o.Seals
	c.Sealctl, c.Centre.Sealcenter, c.Centre.URL = o.Sealctl, o.Centre.Sealcenter, o.Centre.URL
	return c, nil
}

// copyTree copies a file or a folder with the modes of its files.
func copyTree(ctx context.Context, to, from string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if e.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(target, path)
	})
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Signer signs with the key of the training UsbKey that holds the seal, past the UsbKey and its PIN. It is what a thief has who got
// hold of the key: nothing but a program of the thief's own is needed to sign with any clock.
func (o *Office) Signer(s Seal) (*sealtest.SoftSigner, error) {
	raw, err := os.ReadFile(filepath.Join(o.Dir, stateFile))
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	state, err := parseState(filepath.Join(o.Dir, stateFile), raw)
	if err != nil {
		return nil, err
	}
	holders, err := state.holders()
	if err != nil {
		return nil, err
	}
	if s.Slot < 0 || s.Slot >= len(holders) {
		return nil, fmt.Errorf("training: no UsbKey in slot %d", s.Slot)
	}
	h := holders[s.Slot]
	if _, h.SignCert = readSeal(s); h.SignCert == nil {
		return nil, fmt.Errorf("training: %s is no certificate", s.Certificate)
	}
	return h.Signer(), nil
}
