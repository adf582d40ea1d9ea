package trust

import (
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/internal/strictjson"
)

// Store is a trust bundle that has been read and checked. It never changes and
// is safe for concurrent use. A nil *Store knows and trusts nothing.
type Store struct {
	head        head
	authority   map[Purpose][]authority
	lists       []list
	seals       sealList // nil: nothing is said about seals
	departments []Department
	makers      map[[32]byte]int // SM3 of a maker's certificate → department
	policy      Policy
	signed      signed // zero for a trust file
	path        string
	closer      io.Closer
}

// head is what names an issue.
type head struct {
	centre          Centre
	number          int
	issued, expires time.Time
	previous        string
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

// Parse reads a trust file. It is strict: unknown and repeated names, sizes
// beyond the limits, certificates or lists that cannot be read, authorities
// without an SM2 key or without the CA mark, lists that no authority of the
// file signed, and anything stated twice are refused. Errors are *FormatError.
// A trust file is not signed: only tests inside the program may use it.
func Parse(b []byte) (*Store, error) {
	if len(b) > MaxFile {
		return nil, refuse("file", "larger than %d bytes", MaxFile)
	}
	var f File
	if err := strictjson.Decode(b, &f, maxNesting); err != nil {
		return nil, refuse("file", "%w", err)
	}
	switch {
	case f.Format != Format:
		return nil, refuse("format", "%.40q, not %q", f.Format, Format)
	case len(f.Seals) > MaxSeals:
		return nil, refuse("seals", "%d of them, more than %d", len(f.Seals), MaxSeals)
	}
	s, err := newStore(head{centre: Centre{Name: f.Name}, number: f.Number, issued: f.Issued, expires: f.Expires}, f.Anchors, f.Departments, f.Policy)
	if err != nil {
		return nil, err
	}
	if err := s.addLists(f.CRLs); err != nil {
		return nil, err
	}
	if len(f.Seals) > 0 {
		if s.seals, err = newSealMap(f.Seals); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// maxNesting is how deep the JSON of trust material nests.
const maxNesting = 4

// newStore checks what trust files and bundles have in common; lists and seals are added later.
func newStore(h head, anchors []Anchor, departments []Department, policy Policy) (*Store, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	s := &Store{head: h, authority: map[Purpose][]authority{}, policy: policy}
	if err := s.addAnchors(anchors); err != nil {
		return nil, err
	}
	if err := s.addDepartments(departments); err != nil {
		return nil, err
	}
	if err := policy.check(); err != nil {
		return nil, err
	}
	return s, nil
}

func (h head) check() error {
	switch {
	case h.centre.Name == "" || !plain(h.centre.Name):
		return refuse("name", "empty, too long or not plain text")
	case !plain(h.centre.ID):
		return refuse("centre.id", "too long or not plain text")
	case h.number < 1:
		return refuse("number", "%d, less than 1", h.number)
	case h.issued.IsZero():
		return refuse("issued", "missing")
	case !h.expires.IsZero() && !h.expires.After(h.issued):
		return refuse("expires", "not after the issue")
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
	if len(anchors) == 0 || len(anchors) > MaxAnchors {
		return refuse("anchors", "%d of them, not 1 to %d", len(anchors), MaxAnchors)
	}
	type key struct {
		purpose     Purpose
		fingerprint [32]byte
	}
	seen := map[key]bool{}
	for i, a := range anchors {
		field := fmt.Sprintf("anchors[%d]", i)
		c, err := a.authority(field)
		if err != nil {
			return err
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

// authority reads the certificate and checks that it may stand for its purpose.
func (a Anchor) authority(field string) (*gm.Certificate, error) {
	if !a.Purpose.known() {
		return nil, refuse(field+".purpose", "%.40q is unknown", a.Purpose)
	}
	c, err := gm.ParseCertificate(a.Certificate)
	if err != nil {
		return nil, refuse(field+".certificate", "%w", err)
	}
	if !c.IsSM2 {
		return nil, refuse(field+".certificate", "%w", gm.ErrUnsupported)
	}
	if pinned := !a.Intermediate && a.Purpose.pinnable(); !c.IsCA && !pinned {
		return nil, refuse(field+".certificate", "%s is not a CA", c.Subject)
	}
	return c, nil
}

func anyAnchor(all []authority) bool {
	for _, a := range all {
		if a.anchor {
			return true
		}
	}
	return false
}
