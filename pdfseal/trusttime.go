package pdfseal

import (
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// clockSkew is how far a claimed time may lie in the future before it is called so.
const clockSkew = 10 * time.Minute

// party is one of the two certificates behind a seal signature, with the reasons that concern it.
type party struct {
	who            string // "signer" or "maker", for the sentence
	cert           *gm.Certificate
	purpose        trust.Purpose
	chain, ku, exp string
}

// checkTrust applies rules T1–T4 and E7. The time of sealing is the signer's claim (trusted times come with timestamps and receipts),
// so what is expired or revoked now cannot be proven to have been good then (rule T3).
func (c *candidate) checkTrust(s *ses.Signature, o VerifyOptions) {
	signer, err := gm.ParseCertificate(s.SignerCert)
	if err != nil {
		c.fail("E8", ReasonContainer, err.Error(), nil)
		return
	}
	maker, err := gm.ParseCertificate(s.Seal.MakerCert)
	if err != nil {
		c.fail("E8", ReasonContainer, err.Error(), nil)
		return
	}
	parties := []party{
		{"signer", signer, trust.PurposeSigner, ReasonSignerChain, ReasonSignerKU, ReasonSignerExpired},
		{"maker", maker, trust.PurposeMaker, ReasonMakerChain, ReasonMakerKU, ReasonMakerExpired},
	}
	for _, p := range parties {
		if c.checkParty(p, s.Time, o.Now); c.closed {
			return
		}
	}
	if c.checkSealPeriod(s, o.Now); c.closed {
		return
	}
	if o.Trust == nil {
		c.unsure("T1", ReasonNoTrust, "no trust file", nil)
		c.skip("T4", "revocation not checked: no trust file")
	} else {
		c.checkStore(parties, s, o)
	}
	if c.closed {
		return
	}
	if s.Timestamp != nil {
		c.notice("T5", ReasonTimestamp, "timestamp present, not evaluated", nil)
	}
	c.notice("T3", ReasonTimeClaimed, "time of sealing is the signer's claim", nil)
}

// checkParty applies T2 and the validity part of T3 to one certificate.
func (c *candidate) checkParty(p party, at, now time.Time) {
	if !p.cert.CanSign() {
		c.fail("T2", p.ku, p.who+": key usage has neither digitalSignature nor nonRepudiation, or is a CA", nil)
		return
	}
	c.pass("T2", p.who+": key usage")
	data := map[string]string{"who": p.who, "from": stamp(p.cert.NotBefore), "to": stamp(p.cert.NotAfter), "at": stamp(at)}
	switch {
	case at.Before(p.cert.NotBefore) || at.After(p.cert.NotAfter):
		c.fail("T3", p.exp, p.who+": certificate not valid at the time of sealing", data)
	case now.After(p.cert.NotAfter):
		c.unsure("T3", ReasonOutOfBounds, p.who+": certificate has expired since, and the time of sealing is only claimed", data)
	default:
		c.pass("T3", p.who+": certificate valid at the time of sealing and now")
	}
}

// checkSealPeriod applies rule E7 and refuses times in the future.
func (c *candidate) checkSealPeriod(s *ses.Signature, now time.Time) {
	data := map[string]string{"who": "seal", "from": stamp(s.Seal.ValidFrom), "to": stamp(s.Seal.ValidTo), "at": stamp(s.Time)}
	if s.Time.After(now.Add(clockSkew)) {
		c.unsure("T3", ReasonTimeFuture, "claimed time lies in the future", data)
	}
	switch {
	case s.Time.Before(s.Seal.ValidFrom) || s.Time.After(s.Seal.ValidTo):
		c.fail("E7", ReasonSealTime, "time of sealing outside the seal's validity", data)
	case now.After(s.Seal.ValidTo):
		c.unsure("E7", ReasonOutOfBounds, "seal has expired since, and the time of sealing is only claimed", data)
	default:
		c.pass("E7", "seal valid at the time of sealing")
	}
}

// checkStore applies what only a trust file can answer: chains, revocation, seal status.
func (c *candidate) checkStore(parties []party, s *ses.Signature, o VerifyOptions) {
	if exp := o.Trust.Expires(); !exp.IsZero() && o.Now.After(exp) {
		c.unsure("T1", ReasonTrustExpired, "trust file has expired", map[string]string{"to": stamp(exp)})
	}
	for _, p := range parties {
		if c.checkChain(p, s.Time, o); c.closed {
			return
		}
	}
	st, listed := o.Trust.SealStatus(s.Seal.ID)
	data := map[string]string{"status": string(st.Status), "since": stamp(st.Since), "at": stamp(s.Time)}
	switch {
	case !listed && !o.Trust.HasSealStatus():
		c.skip("E7", "trust file carries no list of seal status")
	case !listed:
		data["status"] = "unknown"
		c.unsure("E7", ReasonSealStatus, "seal is not in the trust file's list", data)
	case st.Status == trust.StatusInForce:
		c.pass("E7", "seal in force by the trust file")
	case !st.Since.After(s.Time):
		c.fail("E7", ReasonSealStatus, "seal was not in force at the time of sealing", data)
	default:
		c.unsure("E7", ReasonSealStatus, "seal is no longer in force, and the time of sealing is only claimed", data)
	}
}

// checkChain applies T1 and T4 to one certificate.
func (c *candidate) checkChain(p party, at time.Time, o VerifyOptions) {
	res := o.Trust.Chain(p.cert, p.purpose)
	data := map[string]string{"who": p.who, "subject": p.cert.Subject, "at": stamp(at)}
	switch res.Status {
	case trust.ChainTrusted:
	case trust.ChainBroken:
		c.fail("T1", p.chain, p.who+": "+res.Detail, data)
		return
	default:
		c.unsure("T1", ReasonIssuerUntrusted, p.who+": "+res.Detail, data)
		return
	}
	for _, ca := range res.Path[1:] {
		if at.Before(ca.NotBefore) || at.After(ca.NotAfter) {
			c.fail("T1", p.chain, fmt.Sprintf("%s: issuer %s not valid at the time of sealing", p.who, ca.Subject), data)
			return
		}
	}
	c.pass("T1", p.who+": chain to a trusted "+string(p.purpose)+" anchor")
	for i, cert := range res.Path[:len(res.Path)-1] {
		if c.checkRevocation(p, cert, res.Path[i+1], at, o); c.closed {
			return
		}
	}
}

// checkRevocation applies rule T4 to one link of a chain.
func (c *candidate) checkRevocation(p party, cert, issuer *gm.Certificate, at time.Time, o VerifyOptions) {
	r := o.Trust.Revocation(cert, issuer, o.Now)
	data := map[string]string{"who": p.who, "at": stamp(r.Revocation.Time), "to": stamp(r.NextUpdate)}
	switch r.Status {
	case trust.RevocationGood:
		c.pass("T4", fmt.Sprintf("%s: not revoked by the list of %s", p.who, stamp(r.ThisUpdate)))
	case trust.RevocationRevoked:
		if !r.Revocation.Time.After(at) {
			c.fail("T3", ReasonRevokedBefore, p.who+": revoked before the time of sealing", data)
			return
		}
		c.unsure("T3", ReasonRevokedNoPOE, p.who+": revoked, and the time of sealing is only claimed", data)
	case trust.RevocationStale:
		c.unsure("T4", ReasonTryLater, p.who+": "+r.Detail, data)
	default:
		c.unsure("T4", ReasonRevocation, p.who+": "+r.Detail, data)
	}
}

// stamp writes a time for people, in Chinese local time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(time.FixedZone("CST", 8*3600)).Format("2006-01-02 15:04")
}
