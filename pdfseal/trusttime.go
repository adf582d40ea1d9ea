package pdfseal

import (
	"fmt"
	"time"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// clockSkew is how far a claimed time may lie in the future, or behind a proven one, before it is called so.
const clockSkew = 10 * time.Minute

// party is one of the two certificates behind a seal signature, with the reasons that concern it.
type party struct {
	who            string // "signer" or "maker", for the sentence
	cert           *gm.Certificate
	purpose        trust.Purpose
	chain, ku, exp string
}

// judged is the time at which certificates and seal are judged (rule T3).
type judged struct {
	at     time.Time
	proven bool // by a timestamp or a receipt; else it is the signer's claim
}

// checkTrust applies rules T1–T5 and E7. What is revoked, lost or expired now cannot be shown to have been good at the time of sealing
// unless that time is proven; where it is, it decides (rule T3).
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
	c.happen(parties, s, o)
	j := c.timeOfSealing(s, o)
	if c.closed {
		return
	}
	for _, p := range parties {
		if c.checkParty(p, j, o.Now); c.closed {
			return
		}
	}
	if c.checkSealPeriod(s, j, o.Now); c.closed {
		return
	}
	if o.Trust == nil {
		c.unsure("T1", ReasonNoTrust, "no trust bundle", nil)
		c.skip("T4", "revocation not checked: no trust bundle")
	} else {
		c.checkStore(parties, s, j, o)
	}
	if !c.closed && !j.proven {
		c.notice("T3", ReasonTimeClaimed, "time of sealing is the signer's claim", nil)
	}
}

// checkParty applies T2 and the validity part of T3 to one certificate.
func (c *candidate) checkParty(p party, j judged, now time.Time) {
	if !p.cert.CanSign() {
		c.fail("T2", p.ku, p.who+": key usage has neither digitalSignature nor nonRepudiation, or is a CA", nil)
		return
	}
	c.pass("T2", p.who+": key usage")
	data := map[string]string{"who": p.who, "from": stamp(p.cert.NotBefore), "to": stamp(p.cert.NotAfter), "at": stamp(j.at)}
	switch {
	case j.at.Before(p.cert.NotBefore) || j.at.After(p.cert.NotAfter):
		c.fail("T3", p.exp, p.who+": certificate not valid at the time of sealing", data)
	case !now.After(p.cert.NotAfter):
		c.pass("T3", p.who+": certificate valid at the time of sealing and now")
	case j.proven:
		c.pass("T3", p.who+": certificate valid at the proven time of sealing, expired since")
	default:
		c.unsure("T3", ReasonOutOfBounds, p.who+": certificate has expired since, and the time of sealing is only claimed", data)
	}
}

// checkSealPeriod applies the part of rule E7 that the seal itself answers, and doubts times in the future.
func (c *candidate) checkSealPeriod(s *ses.Signature, j judged, now time.Time) {
	data := map[string]string{"who": "seal", "from": stamp(s.Seal.ValidFrom), "to": stamp(s.Seal.ValidTo), "at": stamp(j.at)}
	if j.at.After(now.Add(clockSkew)) {
		c.unsure("T3", ReasonTimeFuture, "time of sealing lies in the future", data)
	}
	switch {
	case j.at.Before(s.Seal.ValidFrom) || j.at.After(s.Seal.ValidTo):
		c.fail("E7", ReasonSealTime, "time of sealing outside the seal's validity", data)
	case !now.After(s.Seal.ValidTo):
		c.pass("E7", "seal valid at the time of sealing")
	case j.proven:
		c.pass("E7", "seal valid at the proven time of sealing, expired since")
	default:
		c.unsure("E7", ReasonOutOfBounds, "seal has expired since, and the time of sealing is only claimed", data)
	}
}

// checkStore applies what only a trust bundle can answer: chains, revocation, issuing hierarchy, seal status.
func (c *candidate) checkStore(parties []party, s *ses.Signature, j judged, o VerifyOptions) {
	switch exp := o.Trust.Expires(); {
	case !exp.IsZero() && o.Now.After(exp):
		c.unsure("T1", ReasonTrustExpired, "trust bundle has expired", map[string]string{"to": stamp(exp)})
	case o.Trust.Stale(o.Now):
		c.unsure("T1", ReasonTrustStale, "trust bundle is older than its policy allows", map[string]string{"days": fmt.Sprint(o.Trust.AgeDays(o.Now))})
	}
	for _, p := range parties {
		if c.checkChain(p, j, o); c.closed {
			return
		}
	}
	if c.checkIssue(parties[1].cert, s.Seal.ID, o.Trust); !c.closed {
		c.checkStatus(s.Seal.ID, j, o)
	}
}

// checkChain applies T1 and T4 to one certificate.
func (c *candidate) checkChain(p party, j judged, o VerifyOptions) {
	res := o.Trust.Chain(p.cert, p.purpose)
	data := map[string]string{"who": p.who, "subject": p.cert.Subject, "at": stamp(j.at)}
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
		if j.at.Before(ca.NotBefore) || j.at.After(ca.NotAfter) {
			c.fail("T1", p.chain, fmt.Sprintf("%s: issuer %s not valid at the time of sealing", p.who, ca.Subject), data)
			return
		}
	}
	c.pass("T1", p.who+": chain to a trusted "+string(p.purpose)+" anchor")
	for i, cert := range res.Path[:len(res.Path)-1] {
		if c.checkRevocation(p, cert, res.Path[i+1], j, o); c.closed {
			return
		}
	}
}

// checkRevocation applies rules T3 and T4 to one link of a chain.
func (c *candidate) checkRevocation(p party, cert, issuer *gm.Certificate, j judged, o VerifyOptions) {
	r := o.Trust.Revocation(cert, issuer, o.Now)
	data := map[string]string{"who": p.who, "at": stamp(r.Revocation.Time), "to": stamp(r.NextUpdate)}
	switch r.Status {
	case trust.RevocationGood:
		c.pass("T4", fmt.Sprintf("%s: not revoked by the list of %s", p.who, stamp(r.ThisUpdate)))
	case trust.RevocationRevoked:
		c.moment(r.Revocation.Time, MomentRevoked, map[string]string{"who": p.who})
		c.cutOff(cut{rule: "T3", at: r.Revocation.Time, compromise: trust.Compromised(r.Revocation.Reason), before: ReasonRevokedBefore, unproven: ReasonRevokedNoPOE,
			what: p.who + ": certificate revoked", data: data}, j, o)
	case trust.RevocationStale:
		if j.proven && !r.ThisUpdate.Before(cert.NotAfter) {
			c.pass("T4", p.who+": not revoked by the last list that speaks of it, of "+stamp(r.ThisUpdate))
			return
		}
		c.unsure("T4", ReasonTryLater, p.who+": "+r.Detail, data)
	default:
		c.unsure("T4", ReasonRevocation, p.who+": "+r.Detail, data)
	}
}

// cut is an instant from which a certificate or seal is good no more.
type cut struct {
	rule             string
	at               time.Time
	compromise       bool // use shortly before it is doubtful, too
	before, unproven string
	what             string
	data             map[string]string
}

// cutOff applies rule T3: sealed after the cut-off is invalid, before it good where the time is proven, and in doubt where it is not. The
// last hours before a loss came to be known are in doubt in any case, where the bundle's policy names them.
func (c *candidate) cutOff(x cut, j judged, o VerifyOptions) {
	grace := time.Duration(o.Trust.Policy().GraceHours) * time.Hour
	switch {
	case !x.at.After(j.at):
		c.fail(x.rule, x.before, x.what+" before the time of sealing", x.data)
	case !j.proven:
		c.unsure(x.rule, x.unproven, x.what+", and the time of sealing is only claimed", x.data)
	case x.compromise && j.at.After(x.at.Add(-grace)):
		c.unsure(x.rule, ReasonGrey, x.what+" so soon after the proven time of sealing that the use is in doubt",
			map[string]string{"who": x.data["who"], "hours": fmt.Sprint(o.Trust.Policy().GraceHours), "since": stamp(x.at), "at": stamp(j.at)})
	default:
		c.pass(x.rule, x.what+" after the proven time of sealing")
	}
}

// stamp writes a time for people, in Chinese local time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(time.FixedZone("CST", 8*3600)).Format("2006-01-02 15:04")
}
