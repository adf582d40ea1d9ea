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
// old root follow; those before the old ones give way.
func (a *Authority) RotateRoot(s Spec) error {
	if err := a.createUpdate(s, next); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	for _, step := range [][2]string{{"", former}, {next, ""}} {
		for _, name := range []string{UpdateRoot, Update} {
			for _, file := range []func(string) string{certName, keyName} {
				if err := a.f.root.Rename(file(name+step[0]), file(name+step[1])); err != nil {
					return fmt.Errorf("authority: %w", err)
				}
			}
		}
	}
	return nil
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
