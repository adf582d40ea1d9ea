package training

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sealdesk/pdfseal/trust"
)

// renewAfter is the age in days at which the trust bundle gets a successor.
const renewAfter = 30

// makeTrust has the centre write a trust bundle, unless a fresh one of this office is there.
func (w *work) makeTrust(ctx context.Context) error {
	if w.freshTrust() {
		return nil
	}
	next := filepath.Join(w.Dir, ".new-"+filepath.Base(w.Trust))
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("training: %w", err)
	}
	if err := w.Centre.Order(ctx, &struct{}{}, "签发练习用信任包", "bundle", "--out", next); err != nil {
		return err
	}
	if err := os.Rename(next, w.Trust); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	return nil
}

// freshTrust tells whether the bundle can stay: whole, of this office's centre, with all its seals, and not old.
func (w *work) freshTrust() bool {
	old, err := trust.Open(w.Trust, trust.Pins{Roots: []string{w.Root}})
	if err != nil { // none, damaged, or of another centre
		return false
	}
	defer old.Close()
	for _, s := range w.Seals {
		if _, listed := old.SealStatus(s.ID); !listed {
			return false
		}
	}
	return old.AgeDays(w.now) < renewAfter && !old.Issued().After(w.now)
}
