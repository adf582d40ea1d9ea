package trust

import (
	"bytes"
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
)

// RevocationStatus is what the revocation lists of a trust file say of a certificate (rule T4).
type RevocationStatus int

// The zero value is the one that proves nothing.
const (
	RevocationUnknown RevocationStatus = iota // no list of the issuer, or none that speaks of all its certificates
	RevocationStale                           // the newest list is past its next update, and does not name the certificate
	RevocationGood
	RevocationRevoked
)

// String names the status.
func (s RevocationStatus) String() string {
	switch s {
	case RevocationStale:
		return "stale"
	case RevocationGood:
		return "good"
	case RevocationRevoked:
		return "revoked"
	}
	return "unknown"
}

// RevocationResult is the answer about one certificate.
type RevocationResult struct {
	Status                 RevocationStatus
	Revocation             gm.Revocation // where revoked: when and why
	ThisUpdate, NextUpdate time.Time     // of the list used; zero where there was none
	Age                    time.Duration // from ThisUpdate to now
	Detail                 string        // English, for the report
}

// Revocation looks cert up in the newest complete list of its issuer that is
// not from the future. A certificate that the list names is revoked, however
// old the list; one that it does not name is good only before NextUpdate. A
// nil store, or one without such a list, answers RevocationUnknown.
func (s *Store) Revocation(cert, issuer *gm.Certificate, now time.Time) RevocationResult {
	if s == nil || cert == nil || issuer == nil || !bytes.Equal(cert.RawIssuer, issuer.RawSubject) {
		return RevocationResult{Detail: "no revocation list"}
	}
	newest, future := s.newest(issuer, now)
	if newest == nil {
		if future {
			return RevocationResult{Detail: "the revocation list of " + issuer.Subject + " is from the future"}
		}
		return RevocationResult{Detail: "no revocation list of " + issuer.Subject}
	}
	r := RevocationResult{ThisUpdate: newest.ThisUpdate, NextUpdate: newest.NextUpdate, Age: now.Sub(newest.ThisUpdate)}
	if entry, named := newest.Revoked[cert.SerialHex]; named {
		r.Status, r.Revocation = RevocationRevoked, entry
		r.Detail = fmt.Sprintf("revoked at %s, reason %d", entry.Time.UTC().Format(time.RFC3339), entry.Reason)
		return r
	}
	switch {
	case newest.NextUpdate.IsZero():
		r.Status, r.Detail = RevocationStale, "the revocation list does not say when it ends"
	case now.After(newest.NextUpdate):
		r.Status, r.Detail = RevocationStale, "the revocation list ended at "+newest.NextUpdate.UTC().Format(time.RFC3339)
	default:
		r.Status, r.Detail = RevocationGood, "not in the revocation list of "+newest.ThisUpdate.UTC().Format(time.RFC3339)
	}
	return r
}

// newest answers the list of issuer with the latest ThisUpdate up to now, and
// whether a later one was left out.
func (s *Store) newest(issuer *gm.Certificate, now time.Time) (best *gm.CRL, future bool) {
	for _, l := range s.lists {
		if l.issuer.Public != issuer.Public || !bytes.Equal(l.issuer.RawSubject, issuer.RawSubject) {
			continue
		}
		switch {
		case l.crl.ThisUpdate.After(now):
			future = true
		case best == nil || l.crl.ThisUpdate.After(best.ThisUpdate):
			best = l.crl
		}
	}
	return best, future
}

// addLists reads the revocation lists and finds the authority behind each:
// same name, signature right, and allowed to sign lists. Lists that only
// change another one, or that speak of a part of the certificates, are refused.
func (s *Store) addLists(crls [][]byte) error {
	if len(crls) > MaxCRLs {
		return refuse("crls", "%d of them, more than %d", len(crls), MaxCRLs)
	}
	checks := maxListChecks
	for i, b := range crls {
		field := fmt.Sprintf("crls[%d]", i)
		crl, err := gm.ParseCRL(b)
		if err != nil {
			return refuse(field, "%w", err)
		}
		if crl.Delta || crl.Partial {
			return refuse(field, "not a complete list of its issuer")
		}
		issuer := s.listIssuer(crl, &checks)
		if issuer == nil {
			return refuse(field, "not signed by an authority of this file named %s", crl.Issuer)
		}
		s.lists = append(s.lists, list{crl: crl, issuer: issuer})
	}
	return nil
}

// maxListChecks bounds the signatures checked while the authorities behind lists are looked for.
const maxListChecks = 4 * MaxCRLs

// listIssuer finds the authority that signed a list; checks is what is left of the budget.
func (s *Store) listIssuer(crl *gm.CRL, checks *int) *gm.Certificate {
	tried := map[[32]byte]bool{}
	for _, all := range s.authority {
		for _, a := range all {
			if tried[a.cert.Fingerprint()] || !bytes.Equal(a.cert.RawSubject, crl.RawIssuer) {
				continue
			}
			tried[a.cert.Fingerprint()] = true
			if *checks--; *checks < 0 {
				return nil
			}
			if mayUse(a.cert, gm.KeyUsageCRLSign) && crl.CheckSignatureFrom(a.cert) == nil {
				return a.cert
			}
		}
	}
	return nil
}

// mayUse reports whether a certificate allows its key the use given. RFC 5280, 6.1.4 (n) and 6.3.3 (f):
// only a key usage extension that is present restricts.
func mayUse(c *gm.Certificate, use gm.KeyUsage) bool { return !c.HasKeyUsage || c.KeyUsage&use != 0 }
