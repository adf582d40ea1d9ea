package keeper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"sealdesk/pdfseal/internal/lockfile"
	"sealdesk/pdfseal/trust"
)

// ImportOptions of Import.
type ImportOptions struct {
	// Root is the fingerprint that the user states for this import; empty: that of the settings. Who states it answers for the
	// clock, too: the latest time seen is forgotten, which a clock that once ran ahead would hold against the right one for years.
	Root string
	Now  time.Time // zero: the clock
}

// Imported says what an import did.
type Imported struct {
	Number, Former int      // Former: number of the bundle before, 0 for none
	Unchanged      bool     // the bundle was the present one already
	RootChanged    bool     // from now on other roots sign
	Roots          []string // fingerprints of the roots from now on
	// Gap: the bundle before this one, as the centre states it, is not the
	// one that was here, although the numbers follow one another.
	Gap bool
}

// Import checks the bundle at path and makes it the present one. The first
// bundle must be signed under the root stated; a later one under the roots of
// the bundle before. Where it names roots that are new, each of them must have
// signed, too. The number must be above the highest seen under its roots; a
// change to roots never seen begins a new count, which is also the way back
// where a stolen key has used up the numbers.
//
// Errors are *trust.Refusal with the reason, those of the file system, or that
// of ctx. After any error the bundle in use is the same as before.
func (k *Keeper) Import(ctx context.Context, path string, o ImportOptions) (Imported, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	i := &importer{k: k, now: o.Now}
	if o.Root != "" {
		var err error
		if i.root, err = trust.ParseFingerprint(o.Root); err != nil {
			return Imported{}, err
		}
		if k.root != "" && k.root != i.root {
			return Imported{}, &trust.Refusal{Reason: trust.ReasonForeign, Data: map[string]string{"Root": i.root},
				Err: errors.New("the settings pin another root")}
		}
	}
	if err := os.MkdirAll(k.path, 0o700); err != nil {
		return Imported{}, fmt.Errorf("keeper: %w", err)
	}
	dir, err := os.OpenRoot(k.path)
	if err != nil {
		return Imported{}, fmt.Errorf("keeper: %w", err)
	}
	defer dir.Close()
	lock, err := dir.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return Imported{}, fmt.Errorf("keeper: %w", err)
	}
	defer lock.Close()
	if err := lockfile.Lock(ctx, lock); err != nil {
		return Imported{}, fmt.Errorf("keeper: lock: %w", err)
	}
	i.dir = dir
	if i.old, err = readState(dir); err != nil {
		return Imported{}, err
	}
	return i.run(ctx, path)
}

const lockFile = "lock"

// importer is one import, under the lock.
type importer struct {
	k    *Keeper
	dir  *os.Root
	root string // stated by the user for this import
	now  time.Time
	old  *state // nil: none
	anew bool   // the latest time seen is forgotten
}

// run judges the file where it lies, before anything is stored, and then the
// copy: what is kept is what was checked.
func (i *importer) run(ctx context.Context, path string) (Imported, error) {
	if i.old != nil {
		err := i.old.checkClock(i.now)
		if i.anew = err != nil && i.root != ""; err != nil && !i.anew {
			return Imported{}, err
		}
	}
	pins := i.pins()
	src, err := trust.Open(path, pins)
	if err != nil {
		return Imported{}, err
	}
	err = i.judge(src)
	again := err == nil && i.present(src)
	src.Close()
	if err != nil {
		return Imported{}, err
	}
	if again && !i.anew && i.intact(ctx) {
		return Imported{Number: i.old.Current.Number, Former: i.old.Former.Number, Unchanged: true, Roots: i.old.Roots}, nil
	}
	tmp, err := i.copy(ctx, path)
	if err != nil {
		return Imported{}, err
	}
	defer i.dir.Remove(tmp) // gone already after a success
	store, err := i.check(ctx, tmp, pins)
	if err != nil {
		return Imported{}, err
	}
	defer store.Close()
	return i.commit(tmp, store)
}

// intact reports whether the present bundle lies whole in the folder.
func (i *importer) intact(ctx context.Context) bool {
	s, err := i.old.open(i.dir, i.old.Current)
	if err != nil {
		return false
	}
	defer s.Close()
	return s.Check(ctx) == nil
}

// follows reports whether the import continues what was imported before.
func (i *importer) follows() bool { return i.old != nil && i.k.stands(i.old, i.root) }

// pins are the roots under which the bundle must be signed.
func (i *importer) pins() trust.Pins {
	switch {
	case i.follows():
		return trust.Pins{Roots: i.old.Roots}
	case i.root != "":
		return trust.Pins{Roots: []string{i.root}}
	case i.k.root != "":
		return trust.Pins{Roots: []string{i.k.root}}
	}
	return trust.Pins{}
}

// check opens the copy and reads it whole.
func (i *importer) check(ctx context.Context, tmp string, pins trust.Pins) (*trust.Store, error) {
	f, err := i.dir.Open(tmp)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	s, err := trust.OpenFile(f, pins)
	if err != nil {
		return nil, err
	}
	if err = i.judge(s); err == nil {
		err = s.Check(ctx)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// judge compares a bundle whose signature is in order with the clock and with what was seen before.
func (i *importer) judge(s *trust.Store) error {
	switch {
	case s.Issued().After(i.now.Add(maxAhead)):
		return &trust.Refusal{Reason: trust.ReasonFutureDated, Data: map[string]string{"Issued": day(s.Issued()), "Now": day(i.now)},
			Err: fmt.Errorf("issued at %s, now is %s", s.Issued().UTC().Format(time.RFC3339), i.now.UTC().Format(time.RFC3339))}
	case i.now.After(s.Expires()):
		return &trust.Refusal{Reason: trust.ReasonExpired, Data: map[string]string{"To": day(s.Expires())},
			Err: fmt.Errorf("expired at %s", s.Expires().UTC().Format(time.RFC3339))}
	}
	if err := i.judgeRoots(s); err != nil || i.old == nil || i.present(s) {
		return err
	}
	if seen := i.old.seen(s.Roots()); s.Number() <= seen {
		return &trust.Refusal{Reason: trust.ReasonRollback, Data: map[string]string{"Number": strconv.Itoa(s.Number()), "Seen": strconv.Itoa(seen)},
			Err: fmt.Errorf("number %d, but %d was seen before", s.Number(), seen)}
	}
	return nil
}

// judgeRoots demands the signature of every root that is new.
func (i *importer) judgeRoots(s *trust.Store) error {
	if !i.follows() {
		return nil
	}
	for _, r := range s.Roots() {
		if !slices.Contains(i.old.Roots, r) && !slices.Contains(s.SignedBy(), r) {
			return &trust.Refusal{Reason: trust.ReasonForeign, Data: map[string]string{"Root": strings.Join(s.SignedBy(), " ")},
				Err: fmt.Errorf("a new root has not signed the change of roots")}
		}
	}
	return nil
}

// present reports whether s is the present bundle itself.
func (i *importer) present(s *trust.Store) bool {
	return i.follows() && s.Manifest() == i.old.Current.Manifest
}
