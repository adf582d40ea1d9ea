package job

import (
	"errors"
	"strconv"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/rules"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// Policy holds what an office may relax. The zero value is the strict one.
type Policy struct {
	WithoutTrust bool          // seal although no trust bundle says that seal and certificates are in force
	Refuse       []rules.Check // checks before sealing that refuse although they would only warn
}

// CheckSeal verifies a seal and the certificate that is to use it, before any PIN is asked (standards.md, §7.1 and §7.2 a): the
// maker's signature value, the validity of the seal at now, the signer list, the certificate's use and validity, and, by the trust
// file, both chains, revocation and the seal's status. The answer is nil or an *Error.
func CheckSeal(seal *ses.Seal, cert []byte, store *trust.Store, policy Policy, now time.Time) error {
	if err := seal.VerifyValue(); err != nil {
		return situation("job.seal_value", err, "Name", seal.Name)
	}
	if now.Before(seal.ValidFrom) || now.After(seal.ValidTo) {
		return situation("job.seal_period", nil, "Name", seal.Name, "From", day(seal.ValidFrom), "To", day(seal.ValidTo))
	}
	if listed, usable := seal.Lists(cert); !listed || !usable {
		return situation("job.not_listed", nil, "Name", seal.Name)
	}
	signer, err := gm.ParseCertificate(cert)
	if err != nil {
		return situation("job.signer_usage", err, "Subject", "")
	}
	if !signer.IsSM2 || !signer.CanSign() {
		return situation("job.signer_usage", errors.New("key usage or key type"), "Subject", signer.Subject)
	}
	if now.Before(signer.NotBefore) || now.After(signer.NotAfter) {
		return situation("job.signer_period", nil, "Subject", signer.Subject, "From", day(signer.NotBefore), "To", day(signer.NotAfter))
	}
	if store == nil {
		if policy.WithoutTrust {
			return nil
		}
		return situation("job.no_trust", nil)
	}
	return checkStatus(seal, signer, store, now)
}

// checkStatus asks the trust bundle about the seal, its maker and its signer.
func checkStatus(seal *ses.Seal, signer *gm.Certificate, store *trust.Store, now time.Time) error {
	if exp := store.Expires(); !exp.IsZero() && now.After(exp) {
		return situation("job.trust_expired", nil, "To", day(exp))
	}
	if store.Stale(now) {
		return situation("job.trust_stale", nil, "Days", strconv.Itoa(store.Policy().StaleAfterDays), "Issued", day(store.Issued()))
	}
	maker, err := gm.ParseCertificate(seal.MakerCert)
	if err != nil {
		return situation("job.maker_chain", err, "Subject", "")
	}
	switch status, listed, err := store.StatusAt(seal.ID, now); {
	case err != nil:
		return &TrustError{store.Path(), err}
	case !listed && store.HasSealStatus():
		return situation("job.seal_unlisted", nil, "Name", seal.Name)
	case listed && status.Status != trust.StatusInForce:
		return situation("job.seal_status", nil, "Name", seal.Name, "status", string(status.Status), "Since", day(status.Since))
	}
	if err := checkChain(store, maker, trust.PurposeMaker, "job.maker_chain", "job.maker_revoked", now); err != nil {
		return err
	}
	return checkChain(store, signer, trust.PurposeSigner, "job.signer_chain", "job.signer_revoked", now)
}

// checkChain demands a chain to an anchor of the purpose and a good status of every link. "Unknown" is treated like a refusal: a
// file sealed now could not be verified as valid (rule T4).
func checkChain(store *trust.Store, leaf *gm.Certificate, purpose trust.Purpose, broken, revoked string, now time.Time) error {
	chain := store.Chain(leaf, purpose)
	if chain.Status != trust.ChainTrusted {
		return situation(broken, errors.New(chain.Detail), "Subject", leaf.Subject)
	}
	for i := 0; i+1 < len(chain.Path); i++ {
		cert := chain.Path[i]
		switch r := store.Revocation(cert, chain.Path[i+1], now); r.Status {
		case trust.RevocationGood:
		case trust.RevocationRevoked:
			return situation(revoked, nil, "Subject", cert.Subject, "Since", day(r.Revocation.Time))
		default:
			return situation("job.revocation_unknown", errors.New(r.Detail), "Subject", cert.Subject)
		}
	}
	return nil
}

// zone is the legal time of China, in which people read dates.
var zone = time.FixedZone("CST", 8*3600)

func day(t time.Time) string { return t.In(zone).Format("2006-01-02") }
