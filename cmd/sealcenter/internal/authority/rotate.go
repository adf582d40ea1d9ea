package authority

import (
	"errors"
	"fmt"
	"io/fs"

	"sealdesk/pdfseal/gm"
)

// former is what the entities of the trust root before the present one are called.
const former = "-former"

// next is what the entities of a trust root are called while it is made.
const next = "-next"

// RotateRoot makes a new trust root with a new update key. The old ones stay
// beside them, so that bundles are signed by both and clients that trust the
// old root follow; those before the old ones give way. Where an attempt was
// interrupted, the next one finishes it.
func (a *Authority) RotateRoot(s Spec) error {
	if !a.f.has(lastOfRoot(next)) {
		if err := a.makeNext(s); err != nil {
			return fmt.Errorf("authority: %w", err)
		}
	}
	for _, file := range rootFiles {
		if err := a.f.takePlace(file); err != nil {
			return fmt.Errorf("authority: %w", err)
		}
	}
	for _, dir := range []string{certDir, keyDir} {
		if err := a.f.sync(dir); err != nil {
			return fmt.Errorf("authority: %w", err)
		}
	}
	return nil
}

// rootFiles are the files of a trust root, by the suffix of its entities, in
// the order in which they are made and moved. While the last one is called
// next, a root has been made whole and not been moved whole.
var rootFiles = []func(suffix string) string{
	func(suffix string) string { return keyName(UpdateRoot + suffix) },
	func(suffix string) string { return certName(UpdateRoot + suffix) },
	func(suffix string) string { return keyName(Update + suffix) },
	lastOfRoot,
}

func lastOfRoot(suffix string) string { return certName(Update + suffix) }

// makeNext makes a trust root beside the present one. What an attempt before left unfinished has signed nothing.
func (a *Authority) makeNext(s Spec) error {
	for _, file := range rootFiles {
		if err := a.f.root.Remove(file(next)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return a.createUpdate(s, next)
}

// takePlace moves one file of the next root to the present one's place, and the present one's to the former's, unless that is done.
func (f files) takePlace(file func(suffix string) string) error {
	if !f.has(file(next)) {
		return nil
	}
	if f.has(file("")) {
		if err := f.root.Rename(file(""), file(former)); err != nil {
			return err
		}
	}
	return f.root.Rename(file(next), file(""))
}

// TrustRoots answers the present trust root and, where there is one, the one before.
func (a *Authority) TrustRoots() ([]*gm.Certificate, error) {
	present, err := a.Certificate(UpdateRoot)
	if err != nil {
		return nil, err
	}
	old, err := a.Certificate(UpdateRoot + former)
	if errors.Is(err, fs.ErrNotExist) {
		return []*gm.Certificate{present}, nil
	}
	return []*gm.Certificate{present, old}, err
}

// UpdateKeys answers the keys that sign bundles, the present one first, and the root of each.
func (a *Authority) UpdateKeys() (keys []Entity, roots [][]byte, err error) {
	for _, suffix := range []string{"", former} {
		key, err := a.Entity(Update + suffix)
		if suffix != "" && errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		root, err := a.Certificate(UpdateRoot + suffix)
		if err != nil {
			return nil, nil, err
		}
		keys, roots = append(keys, key), append(roots, root.Raw)
	}
	return keys, roots, nil
}
