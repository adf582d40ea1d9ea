package keeper

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"sealdesk/pdfseal/internal/lockfile"
	"sealdesk/pdfseal/trust"
)

const (
	bundlePrefix = "bundle-"
	bundleSuffix = ".sdtb"
	tempPrefix   = ".import-"
	tempSuffix   = ".tmp"
)

// create makes a temporary file in the folder.
func create(dir *os.Root) (*os.File, string, error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, "", fmt.Errorf("keeper: %w", err)
	}
	name := tempPrefix + hex.EncodeToString(id[:]) + tempSuffix
	f, err := dir.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("keeper: %w", err)
	}
	return f, name, nil
}

// copy copies the bundle into the folder, under a temporary name, and syncs it.
func (i *importer) copy(ctx context.Context, path string) (string, error) {
	src, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("keeper: %w", err)
	}
	defer src.Close()
	f, name, err := create(i.dir)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, io.LimitReader(readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return src.Read(p)
	}), trust.MaxBundle+1))
	if err := finish(f, err); err != nil {
		i.dir.Remove(name)
		return "", err
	}
	return name, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// finish syncs and closes a file unless writing it failed.
func finish(f *os.File, err error) error {
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keeper: write: %w", err)
	}
	return nil
}

// commit gives the checked copy its name and replaces the state: from that
// rename on the bundle is the present one.
func (i *importer) commit(tmp string, s *trust.Store) (Imported, error) {
	done := Imported{Number: s.Number(), Roots: s.Roots()}
	name := fmt.Sprintf("%s%d-%s%s", bundlePrefix, s.Number(), s.Manifest()[:16], bundleSuffix)
	next := &state{Format: stateFormat, Roots: s.Roots(), Current: kept{name, s.Number(), s.Manifest()}, Seen: i.now.UTC()}
	if next.Configured = i.root; next.Configured == "" {
		next.Configured = i.k.root
	}
	if i.old != nil {
		next.Highest = i.old.Highest
		if i.old.Seen.After(next.Seen) && !i.anew {
			next.Seen = i.old.Seen
		}
	}
	if i.follows() {
		done.Former = i.old.Current.Number
		next.Former = i.old.Current
		if i.root == "" {
			next.Configured = i.old.Configured
		}
		done.RootChanged = !slices.Equal(i.old.Roots, s.Roots())
		done.Gap = s.Number() == done.Former+1 && !done.RootChanged && s.Previous() != "" && s.Previous() != i.old.Current.Manifest
		if done.Unchanged = i.present(s); done.Unchanged {
			next.Former, done.Former = i.old.Former, i.old.Former.Number
		}
	}
	next.note(s.Roots(), s.Number())
	if err := i.dir.Rename(tmp, name); err != nil {
		return Imported{}, fmt.Errorf("keeper: %w", err)
	}
	if err := replaceState(i.dir, next); err != nil {
		return Imported{}, err
	}
	sweep(i.dir, next)
	return done, nil
}

// replaceState writes the state under a temporary name, syncs and renames it.
func replaceState(dir *os.Root, s *state) error {
	b, err := s.bytes()
	if err != nil {
		return fmt.Errorf("keeper: %w", err)
	}
	f, name, err := create(dir)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = finish(f, err); err == nil {
		err = syncDir(dir) // the bundle is there for good before the state names it
	}
	if err == nil {
		err = dir.Rename(name, stateFile)
	}
	if err != nil {
		dir.Remove(name)
		return fmt.Errorf("keeper: %w", err)
	}
	return syncDir(dir)
}

// sweep removes what no state names: older bundles, and what a crash has left.
// It holds the lock, so no import is under way; failures do no harm.
func sweep(dir *os.Root, s *state) {
	entries, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		n := e.Name()
		bundle := strings.HasPrefix(n, bundlePrefix) && strings.HasSuffix(n, bundleSuffix) && n != s.Current.File && n != s.Former.File
		temp := strings.HasPrefix(n, tempPrefix) && strings.HasSuffix(n, tempSuffix)
		if bundle || temp {
			_ = dir.Remove(n)
		}
	}
}

// noteTime writes down that this time was seen. It is best effort: on a
// read-only medium, or while another process imports, it is left.
func (k *Keeper) noteTime(now time.Time) {
	dir, err := os.OpenRoot(k.path)
	if err != nil {
		return
	}
	defer dir.Close()
	lock, err := dir.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	defer lock.Close()
	if held, err := lockfile.Try(lock); err != nil || !held {
		return
	}
	if st, err := readState(dir); err == nil && st != nil && now.After(st.Seen) {
		st.Seen = now.UTC()
		_ = replaceState(dir, st)
	}
}
