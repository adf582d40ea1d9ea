package server

import (
	"context"
	"errors"

	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// role is one of the two certificates behind a seal signature, with the reasons that concern it.
type role struct {
	der               []byte
	purpose           trust.Purpose
	usage, chain, end string
	status            *string
}

// checkParties applies the rules T1 to T4 to signer and maker, and article 6 to the maker.
func (s *Server) checkParties(ctx context.Context, v *verdict, b *snapshot, sig *ses.Signature) error {
	for _, r := range []role{
		{sig.SignerCert, trust.PurposeSigner, "T2:SIGNER_KU", "T1:SIGNER_CHAIN", "T3:SIGNER_EXPIRED_AT_SIGNING", &v.SignerStatus},
		{sig.Seal.MakerCert, trust.PurposeMaker, "T2:MAKER_KU", "T1:MAKER_CHAIN", "T3:MAKER_EXPIRED", &v.MakerStatus},
	} {
		cert, err := gm.ParseCertificate(r.der)
		if err != nil {
			v.invalid("E8:CONTAINER_FORMAT")
			continue
		}
		p, err := s.judgeCertificate(ctx, b, cert, r.purpose, v.now)
		if err != nil {
			return err
		}
		*r.status = p.status
		v.checkCertificate(cert, p, r)
		if r.purpose == trust.PurposeMaker && p.chain.Status == trust.ChainTrusted {
			if err := v.checkIssuer(b, cert, sig.Seal.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verdict) checkCertificate(c *gm.Certificate, p party, r role) {
	if !c.CanSign() {
		v.invalid(r.usage)
	}
	switch {
	case v.at.Before(c.NotBefore) || v.at.After(c.NotAfter):
		v.invalid(r.end)
	case v.now.After(c.NotAfter):
		v.after(ending{at: c.NotAfter, before: r.end, unproven: "T3:OUT_OF_BOUNDS_NO_POE"})
	}
	switch p.chain.Status {
	case trust.ChainTrusted:
	case trust.ChainBroken:
		v.invalid(r.chain)
	default:
		v.unsure("T1:ISSUER_UNTRUSTED")
	}
	for i := 1; i < len(p.chain.Path); i++ {
		if ca := p.chain.Path[i]; v.at.Before(ca.NotBefore) || v.at.After(ca.NotAfter) {
			v.invalid(r.chain)
		}
	}
	switch {
	case p.revoked != nil:
		v.after(ending{at: *p.revoked, lost: p.lost, before: "T3:REVOKED_BEFORE_SIGNING", unproven: "T3:REVOKED_NO_POE", rule: "T3"})
	case p.stale:
		v.unsure("T4:TRY_LATER")
	case p.unknown:
		v.unsure("T4:REVOCATION_UNKNOWN")
	}
}

// issueReasons are the rules of article 6 that an issue can break. A maker
// that stands in no hierarchy, and a seal that names no division, cannot be judged.
var issueReasons = map[string]struct {
	reason string
	unsure bool
}{
	trust.RuleSkipLevel:     {"T1:SKIP_LEVEL", false},
	trust.RuleForeignRegion: {"T1:FOREIGN_REGION", false},
	trust.RuleOtherIssuer:   {"T1:OTHER_ISSUER", false},
	trust.RuleUnknownIssuer: {"T1:UNKNOWN_ISSUER", true},
	trust.RuleNoDivision:    {"T1:NO_DIVISION", true},
}

func (v *verdict) checkIssuer(b *snapshot, maker *gm.Certificate, sealID string) error {
	_, err := b.store.CheckIssue(maker, sealID)
	var broken *trust.IssueError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &broken):
		return err
	}
	r := issueReasons[broken.Rule]
	if r.unsure {
		v.unsure(r.reason)
	} else {
		v.invalid(r.reason)
	}
	return nil
}
