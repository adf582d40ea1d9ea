package trust

import (
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"sealdesk/pdfseal/gm"
)

// Store is a trust file that has been read and checked. It never changes and
// is safe for concurrent use. A nil *Store knows and trusts nothing.
type Store struct {
	file      File // without certificates, lists and seals
	authority map[Purpose][]authority
	lists     []list
	seals     map[string]SealStatus
}

// authority is an anchor or intermediate of one purpose.
type authority struct {
	cert   *gm.Certificate
	anchor bool
}

// list is a revocation list and the authority that signed it.
type list struct {
	crl    *gm.CRL
	issuer *gm.Certificate
}

// Load reads a trust file from disk. Errors of the file system come wrapped,
// those of the content are *FormatError.
func Load(path string) (*Store, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("trust: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("trust: read: %w", err)
	}
	return Parse(b)
}

// Parse reads a trust file. It is strict: unknown and repeated names, sizes
// beyond the limits, certificates or lists that cannot be read, authorities
// without an SM2 key or without the CA mark, lists that no authority of the
// file signed, and anything stated twice are refused. Errors are *FormatError.
func Parse(b []byte) (*Store, error) {
	if len(b) > MaxFile {
		return nil, refuse("file", "larger than %d bytes", MaxFile)
	}
	var f File
	if err := decodeStrict(b, &f); err != nil {
		return nil, refuse("file", "%w", err)
	}
	if err := f.checkHead(); err != nil {
		return nil, err
	}
	s := &Store{file: File{Format: f.Format, Name: f.Name, Number: f.Number, Issued: f.Issued, Expires: f.Expires},
		authority: map[Purpose][]authority{}, seals: make(map[string]SealStatus, len(f.Seals))}
	if err := s.addAnchors(f.Anchors); err != nil {
		return nil, err
	}
	if err := s.addLists(f.CRLs); err != nil {
		return nil, err
	}
	if err := s.addSeals(f.Seals); err != nil {
		return nil, err
	}
	return s, nil
}

func (f File) checkHead() error {
	switch {
	case f.Format != Format:
		return refuse("format", "%.40q, not %q", f.Format, Format)
	case f.Name == "" || !plain(f.Name):
		return refuse("name", "empty, too long or not plain text")
	case f.Number < 1:
		return refuse("number", "%d, less than 1", f.Number)
	case f.Issued.IsZero():
		return refuse("issued", "missing")
	case !f.Expires.IsZero() && !f.Expires.After(f.Issued):
		return refuse("expires", "not after the issue")
	case len(f.Anchors) == 0 || len(f.Anchors) > MaxAnchors:
		return refuse("anchors", "%d of them, not 1 to %d", len(f.Anchors), MaxAnchors)
	case len(f.CRLs) > MaxCRLs:
		return refuse("crls", "%d of them, more than %d", len(f.CRLs), MaxCRLs)
	case len(f.Seals) > MaxSeals:
		return refuse("seals", "%d of them, more than %d", len(f.Seals), MaxSeals)
	}
	return nil
}

// plain reports whether s is short text without control characters.
func plain(s string) bool {
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return false
		}
	}
	return utf8.RuneCountInString(s) <= maxText
}

func (s *Store) addAnchors(anchors []Anchor) error {
	type key struct {
		purpose     Purpose
		fingerprint [32]byte
	}
	seen := map[key]bool{}
	for i, a := range anchors {
		field := fmt.Sprintf("anchors[%d]", i)
		if !a.Purpose.known() {
			return refuse(field+".purpose", "%.40q is unknown", a.Purpose)
		}
		c, err := gm.ParseCertificate(a.Certificate)
		if err != nil {
			return refuse(field+".certificate", "%w", err)
		}
		if !c.IsSM2 {
			return refuse(field+".certificate", "%w", gm.ErrUnsupported)
		}
		if pinned := !a.Intermediate && a.Purpose.pinnable(); !c.IsCA && !pinned {
			return refuse(field+".certificate", "%s is not a CA", c.Subject)
		}
		k := key{a.Purpose, c.Fingerprint()}
		if seen[k] {
			return refuse(field+".certificate", "%s is listed twice for %s", c.Subject, a.Purpose)
		}
		seen[k] = true
		s.authority[a.Purpose] = append(s.authority[a.Purpose], authority{cert: c, anchor: !a.Intermediate})
	}
	for p, all := range s.authority {
		if !anyAnchor(all) {
			return refuse("anchors", "intermediates without an anchor for %s", p)
		}
	}
	return nil
}

func anyAnchor(all []authority) bool {
	for _, a := range all {
		if a.anchor {
			return true
		}
	}
	return false
}

func (s *Store) addSeals(seals []SealStatus) error {
	for i, x := range seals {
		field := fmt.Sprintf("seals[%d]", i)
		switch {
		case x.ID == "" || !plain(x.ID):
			return refuse(field+".id", "empty, too long or not plain text")
		case !x.Status.known():
			return refuse(field+".status", "%.40q is unknown", x.Status)
		case x.Since.IsZero() && x.Status != StatusInForce:
			return refuse(field+".since", "missing")
		}
		if _, twice := s.seals[x.ID]; twice {
			return refuse(field+".id", "%q is listed twice", x.ID)
		}
		s.seals[x.ID] = x
	}
	return nil
}

// Number is the number of the trust file's issue; 0 without a file.
func (s *Store) Number() int {
	if s == nil {
		return 0
	}
	return s.file.Number
}

// Name is the name of the trust file; empty without a file.
func (s *Store) Name() string {
	if s == nil {
		return ""
	}
	return s.file.Name
}

// Issued is when the trust file was made; zero without a file.
func (s *Store) Issued() time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.file.Issued
}

// Expires is the end that the trust file states for itself; zero where it states none.
func (s *Store) Expires() time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.file.Expires
}

// AgeDays is the number of whole days from the issue to now, 0 where now is earlier.
func (s *Store) AgeDays(now time.Time) int {
	if s == nil || now.Before(s.file.Issued) {
		return 0
	}
	return int(now.Sub(s.file.Issued) / (24 * time.Hour))
}

// HasSealStatus reports whether the trust file speaks of seals at all.
func (s *Store) HasSealStatus() bool { return s != nil && len(s.seals) > 0 }

// SealStatus is what the trust file says of a seal; false where it does not name it.
func (s *Store) SealStatus(id string) (SealStatus, bool) {
	if s == nil {
		return SealStatus{}, false
	}
	x, ok := s.seals[id]
	return x, ok
}
