package trust

import (
	"time"

	"sealdesk/pdfseal/gm"
)

// Vouches says in English why a certificate (DER) that vouched at an instant, as a timestamp authority or a centre does, is not to be
// believed; "" where it is. It must be for signing and chain to an anchor of the purpose; it and its authorities must have been valid
// then, and, as far as is known now, not revoked: later revocations count too where the key may have been in other hands.
func (s *Store) Vouches(der []byte, purpose Purpose, at, now time.Time) string {
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		return err.Error()
	}
	if !cert.CanSign() {
		return "certificate is not for signing"
	}
	res := s.Chain(cert, purpose)
	if res.Status != ChainTrusted {
		return res.Detail
	}
	for i, link := range res.Path {
		if at.Before(link.NotBefore) || at.After(link.NotAfter) {
			return link.Subject + " was not valid then"
		}
		if i+1 == len(res.Path) {
			break
		}
		if msg := s.unrevoked(link, res.Path[i+1], at, now); msg != "" {
			return link.Subject + ": " + msg
		}
	}
	return ""
}

// unrevoked says why a link of the chain behind a proof of time does not hold; "" where it does.
func (s *Store) unrevoked(cert, issuer *gm.Certificate, at, now time.Time) string {
	r := s.Revocation(cert, issuer, now)
	switch r.Status {
	case RevocationGood:
		return ""
	case RevocationRevoked:
		if !Compromised(r.Revocation.Reason) && r.Revocation.Time.After(at) {
			return ""
		}
	case RevocationStale:
		if !r.ThisUpdate.Before(cert.NotAfter) {
			return ""
		}
	}
	return r.Detail
}

// Compromised tells whether a revocation reason (RFC 5280, 5.3.1) speaks of a key that others may have used before it was revoked. Without a
// reason that is assumed; affiliationChanged, superseded, cessationOfOperation and certificateHold are matters of procedure.
func Compromised(reason int) bool { return reason < 3 || reason > 6 }
