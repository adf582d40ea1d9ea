package trust

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"sealdesk/pdfseal/gm"
)

// Limits of path building.
const (
	maxPath   = 8  // certificates in a path, leaf and anchor included
	maxChecks = 64 // signatures checked for one answer
)

// ChainStatus is the outcome of path building.
type ChainStatus int

// The zero value is the one that proves nothing.
const (
	ChainUntrusted ChainStatus = iota // no anchor of this purpose is known: cannot be judged
	ChainTrusted                      // a path to an anchor of this purpose, all its signatures and rights in order
	ChainBroken                       // the issuer is known, and a signature or the right to issue is wrong
)

// String names the status.
func (s ChainStatus) String() string {
	switch s {
	case ChainTrusted:
		return "trusted"
	case ChainBroken:
		return "broken"
	}
	return "untrusted"
}

// ChainResult is the answer about one certificate.
type ChainResult struct {
	Status ChainStatus
	Path   []*gm.Certificate // where trusted: leaf first, anchor last; a pinned leaf stands alone
	Detail string            // English, for the report
}

// Chain looks for a path from leaf to an anchor of the purpose, through
// intermediates of the same purpose, all from the trust file alone. Each
// issuer must be a CA, allowed to sign certificates, within its path length
// (RFC 5280, 6.1.4), and its key must have signed the certificate below it.
// Validity periods, revocation and the leaf's own key usage are left to the
// caller. For timestamp and centre the trust file may name the leaf itself. A
// nil store answers ChainUntrusted.
func (s *Store) Chain(leaf *gm.Certificate, purpose Purpose) ChainResult {
	if s == nil {
		return ChainResult{Detail: "no trust file"}
	}
	if leaf == nil {
		return ChainResult{Detail: "no certificate"}
	}
	if len(leaf.UnknownCritical) > 0 {
		return ChainResult{Detail: unknownCritical(leaf)}
	}
	all := s.authority[purpose]
	if purpose.pinnable() {
		for _, a := range all {
			if a.anchor && bytes.Equal(a.cert.Raw, leaf.Raw) {
				return ChainResult{Status: ChainTrusted, Path: []*gm.Certificate{leaf}, Detail: "named by the trust file"}
			}
		}
	}
	b := &builder{all: all, path: []*gm.Certificate{leaf}}
	if b.climb(0) {
		return ChainResult{Status: ChainTrusted, Path: b.path, Detail: "to " + b.path[len(b.path)-1].Subject}
	}
	switch {
	case b.broken != "":
		return ChainResult{Status: ChainBroken, Detail: b.broken}
	case b.unclear != "":
		return ChainResult{Detail: b.unclear}
	}
	return ChainResult{Detail: s.unknownIssuer(leaf, purpose)}
}

// unknownIssuer says why no path begins, and for what the issuer is known.
func (s *Store) unknownIssuer(leaf *gm.Certificate, purpose Purpose) string {
	detail := fmt.Sprintf("no %s anchor for issuer %s", purpose, leaf.Issuer)
	var others []string
	for _, p := range []Purpose{PurposeSigner, PurposeMaker, PurposeTimestamp, PurposeCentre} {
		for _, a := range s.authority[p] {
			if p != purpose && bytes.Equal(a.cert.RawSubject, leaf.RawIssuer) {
				others = append(others, string(p))
				break
			}
		}
	}
	if len(others) > 0 {
		detail += "; it is known as " + strings.Join(others, ", ")
	}
	return detail
}

func unknownCritical(c *gm.Certificate) string {
	return fmt.Sprintf("%s has a critical extension that cannot be judged: %s", c.Subject, strings.Join(c.UnknownCritical, ", "))
}

// builder searches depth first. broken and unclear keep the first reason of their kind.
type builder struct {
	all             []authority
	path            []*gm.Certificate
	checks          int
	broken, unclear string
}

// climb extends the path from its last certificate to an anchor. below is the
// number of authorities in the path that count for a path length: those that
// are not self-issued.
func (b *builder) climb(below int) bool {
	child := b.path[len(b.path)-1]
	for _, a := range b.all {
		if !bytes.Equal(a.cert.RawSubject, child.RawIssuer) || b.used(a.cert) {
			continue
		}
		if len(b.path) == maxPath || b.checks == maxChecks {
			b.note(&b.unclear, "the search for a path was given up at its limit")
			return false
		}
		if !b.issued(a.cert, child, below) {
			continue
		}
		b.path = append(b.path, a.cert)
		if a.anchor {
			return true
		}
		next := below
		if !bytes.Equal(a.cert.RawSubject, a.cert.RawIssuer) {
			next++
		}
		if b.climb(next) {
			return true
		}
		if b.broken == "" {
			b.note(&b.unclear, "no anchor for issuer "+a.cert.Issuer)
		}
		b.path = b.path[:len(b.path)-1]
	}
	return false
}

// used keeps a certificate from standing twice in a path. Comparing keys and
// names also covers the same authority under another certificate.
func (b *builder) used(c *gm.Certificate) bool {
	for _, p := range b.path {
		if p.IsSM2 && p.Public == c.Public && bytes.Equal(p.RawSubject, c.RawSubject) {
			return true
		}
	}
	return false
}

// issued reports whether ca signed child and may do so.
func (b *builder) issued(ca, child *gm.Certificate, below int) bool {
	b.checks++
	switch err := child.CheckSignatureFrom(ca); {
	case err == nil:
	case errors.Is(err, gm.ErrUnsupported):
		b.note(&b.unclear, child.Subject+": "+err.Error())
		return false
	case otherKey(ca, child):
		b.note(&b.unclear, "issuer "+child.Issuer+" is known with another key only")
		return false
	default:
		b.note(&b.broken, fmt.Sprintf("%s is not signed by %s: %v", child.Subject, ca.Subject, err))
		return false
	}
	switch {
	case len(ca.UnknownCritical) > 0:
		b.note(&b.unclear, unknownCritical(ca))
	case !ca.IsCA:
		b.note(&b.broken, ca.Subject+" is not a CA")
	case !mayUse(ca, gm.KeyUsageKeyCertSign):
		b.note(&b.broken, ca.Subject+" may not sign certificates: key usage lacks keyCertSign")
	case ca.MaxPathLen >= 0 && below > ca.MaxPathLen:
		b.note(&b.broken, fmt.Sprintf("%s allows %d authorities below it, not %d", ca.Subject, ca.MaxPathLen, below))
	default:
		return true
	}
	return false
}

// otherKey reports whether the certificate says itself that another key of
// the same issuer signed it, as after a renewal of the authority's key.
func otherKey(ca, child *gm.Certificate) bool {
	return len(child.AuthorityKeyID) > 0 && len(ca.SubjectKeyID) > 0 && !bytes.Equal(child.AuthorityKeyID, ca.SubjectKeyID)
}

func (b *builder) note(where *string, text string) {
	if *where == "" {
		*where = text
	}
}
