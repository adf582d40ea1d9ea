package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"sealdesk/pdfseal/trust"
)

// Tolerances of the clock.
const (
	maxBack   = 24 * time.Hour   // how far the clock may be behind the latest time seen
	maxAhead  = 10 * time.Minute // how far the issue of a bundle may lie in the future
	noteAfter = time.Hour        // how much later it must be for Current to write the time down
)

// Options of a Keeper.
type Options struct {
	// Root is the fingerprint of the centre's root by the settings; empty:
	// the first import must state one. Another root than the one under which
	// the present bundle came in starts anew: what was imported before is
	// then no longer used.
	Root string
}

// Keeper is a folder that keeps the trust bundle. It is safe for concurrent
// use, also by several processes. It holds nothing open.
type Keeper struct {
	path string
	root string
}

// Open names the folder; it is made by the first import. The error is that of
// a root that is no fingerprint.
func Open(dir string, o Options) (*Keeper, error) {
	k := &Keeper{path: dir}
	if o.Root == "" {
		return k, nil
	}
	var err error
	k.root, err = trust.ParseFingerprint(o.Root)
	return k, err
}

// Dir is the folder.
func (k *Keeper) Dir() string { return k.path }

// Current opens the present bundle; nil without error where nothing has been
// imported, or the settings name another root by now. The caller closes it.
//
// Refusals: ReasonClockBack where now lies more than a day before the latest
// time seen, or before the issue; ReasonStateDamaged where the folder's files
// are not as the last import left them. Expiry is not looked at: it is for the
// verifier, at the time that it judges.
func (k *Keeper) Current(now time.Time) (*trust.Store, error) {
	for try := 0; ; try++ {
		s, err := k.current(now)
		// Between reading the state and opening the bundle another process may have imported twice.
		if try < 2 && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return s, err
	}
}

func (k *Keeper) current(now time.Time) (*trust.Store, error) {
	dir, err := os.OpenRoot(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	defer dir.Close()
	st, err := readState(dir)
	if err != nil || st == nil || !k.stands(st, "") {
		return nil, err
	}
	if err := st.checkClock(now); err != nil {
		return nil, err
	}
	s, err := st.open(dir, st.Current)
	if err != nil {
		return nil, err
	}
	if s.Issued().After(now.Add(maxAhead)) {
		s.Close()
		return nil, clockBack(now, s.Issued())
	}
	if now.After(st.Seen.Add(noteAfter)) {
		k.noteTime(now)
	}
	return s, nil
}

// stands reports whether the state still counts: the root that the settings
// or the caller name is the one that the present roots came from, or one of
// these themselves.
func (k *Keeper) stands(st *state, root string) bool {
	if root == "" {
		root = k.root
	}
	return root == "" || root == st.Configured || slices.Contains(st.Roots, root)
}

func (s *state) checkClock(now time.Time) error {
	if now.Before(s.Seen.Add(-maxBack)) {
		return clockBack(now, s.Seen)
	}
	return nil
}

func clockBack(now, seen time.Time) error {
	return &trust.Refusal{Reason: trust.ReasonClockBack, Data: map[string]string{"Now": day(now), "Seen": day(seen)},
		Err: fmt.Errorf("the clock says %s, but %s was seen before", now.UTC().Format(time.RFC3339), seen.UTC().Format(time.RFC3339))}
}

// open opens a bundle of the folder. It must be the very one that was imported.
func (s *state) open(dir *os.Root, b kept) (*trust.Store, error) {
	info, err := dir.Lstat(b.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, damaged("%s is missing: %w", b.File, err)
	case err != nil:
		return nil, fmt.Errorf("keeper: %w", err)
	case !info.Mode().IsRegular():
		return nil, damaged("%s is no regular file", b.File)
	}
	f, err := dir.Open(b.File)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	store, err := trust.OpenFile(f, trust.Pins{Roots: s.Roots})
	if err != nil {
		return nil, damaged("%s: %w", b.File, err)
	}
	if store.Number() != b.Number || store.Manifest() != b.Manifest {
		store.Close()
		return nil, damaged("%s is another bundle than was imported", b.File)
	}
	return store, nil
}

// zone is the legal time of China, in which people read dates.
var zone = time.FixedZone("CST", 8*3600)

func day(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04") }
