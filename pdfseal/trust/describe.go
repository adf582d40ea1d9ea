package trust

import (
	"slices"
	"time"

	"sealdesk/pdfseal/gm"
)

// Centre names the verification centre that issued a bundle.
type Centre struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Number is the number of the bundle's issue; 0 without a bundle.
func (s *Store) Number() int {
	if s == nil {
		return 0
	}
	return s.head.number
}

// Name is the name of the centre that issued the bundle; empty without a bundle.
func (s *Store) Name() string { return s.Centre().Name }

// Centre is the centre that issued the bundle.
func (s *Store) Centre() Centre {
	if s == nil {
		return Centre{}
	}
	return s.head.centre
}

// Issued is when the bundle was made; zero without a bundle.
func (s *Store) Issued() time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.head.issued
}

// Expires is the end that the bundle states for itself; zero only without a bundle.
func (s *Store) Expires() time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.head.expires
}

// AgeDays is the number of whole days from the issue to now, 0 where now is earlier.
func (s *Store) AgeDays(now time.Time) int {
	if s == nil || now.Before(s.head.issued) {
		return 0
	}
	return int(now.Sub(s.head.issued) / (24 * time.Hour))
}

// Stale reports whether the bundle is older than its policy lets it be used:
// what it does not forbid can then no longer be judged.
func (s *Store) Stale(now time.Time) bool {
	if s == nil || s.policy.StaleAfterDays == 0 {
		return false
	}
	return now.After(s.head.issued.Add(time.Duration(s.policy.StaleAfterDays) * 24 * time.Hour))
}

// Policy is what the centre rules; the zero value without a bundle.
func (s *Store) Policy() Policy {
	if s == nil {
		return Policy{}
	}
	return s.policy.clone()
}

// Roots are the fingerprints of the roots whose update keys may sign the next
// bundle, sorted; none for a trust file.
func (s *Store) Roots() []string {
	if s == nil {
		return nil
	}
	return slices.Clone(s.signed.roots)
}

// SignedBy are the fingerprints of the roots under which this bundle is
// signed, sorted. They and Roots differ where the roots change.
func (s *Store) SignedBy() []string {
	if s == nil {
		return nil
	}
	return slices.Clone(s.signed.by)
}

// Root is the fingerprint of the root that vouches for the bundle: the pinned
// one, or without a pin the one that signed. Empty for a trust file.
func (s *Store) Root() string {
	if s == nil {
		return ""
	}
	return s.signed.root
}

// Pinned reports whether the bundle is signed under a root that was pinned.
func (s *Store) Pinned() bool { return s != nil && s.signed.pinned }

// Manifest is the SM3 of the signed manifest in hexadecimal digits: what the
// next bundle states as its former one. Empty for a trust file.
func (s *Store) Manifest() string {
	if s == nil {
		return ""
	}
	return s.signed.manifest
}

// Previous is the Manifest of the bundle before this one, as the centre states it; may be empty.
func (s *Store) Previous() string {
	if s == nil {
		return ""
	}
	return s.head.previous
}

// AnchorInfo describes an authority of the bundle.
type AnchorInfo struct {
	Purpose      Purpose
	Intermediate bool
	Certificate  *gm.Certificate
}

// Anchors lists the authorities by purpose, in the order of the bundle.
func (s *Store) Anchors() []AnchorInfo {
	if s == nil {
		return nil
	}
	var out []AnchorInfo
	for _, p := range []Purpose{PurposeSigner, PurposeMaker, PurposeTimestamp, PurposeCentre} {
		for _, a := range s.authority[p] {
			out = append(out, AnchorInfo{Purpose: p, Intermediate: !a.anchor, Certificate: a.cert})
		}
	}
	return out
}

// ListInfo describes a revocation list of the bundle.
type ListInfo struct {
	Issuer                 string
	ThisUpdate, NextUpdate time.Time // NextUpdate may be zero
	Revoked                int
}

// Lists describes the revocation lists.
func (s *Store) Lists() []ListInfo {
	if s == nil {
		return nil
	}
	var out []ListInfo
	for _, l := range s.lists {
		out = append(out, ListInfo{Issuer: l.crl.Issuer, ThisUpdate: l.crl.ThisUpdate, NextUpdate: l.crl.NextUpdate, Revoked: len(l.crl.Revoked)})
	}
	return out
}

// Path is the file of the bundle; empty where it is in memory.
func (s *Store) Path() string {
	if s == nil {
		return ""
	}
	return s.path
}

// Close ends the use of the bundle's file; seals can no longer be looked up.
func (s *Store) Close() error {
	if s == nil || s.closer == nil {
		return nil
	}
	return s.closer.Close()
}
