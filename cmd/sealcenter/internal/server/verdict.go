package server

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"sealdesk/cmd/sealcenter/internal/desk"
	"sealdesk/cmd/sealcenter/internal/registry"
	"sealdesk/pdfseal/center/receipt"
	"sealdesk/pdfseal/cms"
	"sealdesk/pdfseal/cms/timestamp"
	"sealdesk/pdfseal/gm"
	"sealdesk/pdfseal/ses"
	"sealdesk/pdfseal/trust"
)

// skew is how far a claimed time may lie in the future.
const skew = 10 * time.Minute

// purposes of the authorities that the registry names.
var purposes = map[string]trust.Purpose{"signer": trust.PurposeSigner, "foreign": trust.PurposeSigner, "seal-maker": trust.PurposeMaker}

// verdict collects what is found; the worst finding decides.
type verdict struct {
	receipt.Receipt
	at     time.Time // of sealing
	proven bool      // by a timestamp or an earlier receipt; else at is the signatory's claim
	now    time.Time
	grace  time.Duration // before a loss, in which a use is in doubt
}

// invalid and unsure note a reason: rule and key as in the reports of the client.
func (v *verdict) invalid(reason string) { v.note(receipt.VerdictInvalid, reason) }

func (v *verdict) unsure(reason string) { v.note(receipt.VerdictIndeterminate, reason) }

func (v *verdict) note(word, reason string) {
	if v.Verdict != receipt.VerdictInvalid {
		v.Verdict = word
	}
	if !slices.Contains(v.Reasons, reason) {
		v.Reasons = append(v.Reasons, reason)
	}
}

// ending is when something ended, and the reasons that can follow.
type ending struct {
	at                     time.Time
	lost                   bool // the key may have been in other hands before
	before, unproven, rule string
}

// after notes what ended since: invalid where it ended before the sealing;
// where it ended later, the time of sealing has to be proven, and must not lie in the grey interval before a loss.
func (v *verdict) after(e ending) {
	switch {
	case !e.at.After(v.at):
		v.invalid(e.before)
	case !v.proven:
		v.unsure(e.unproven)
	case e.lost && v.at.After(e.at.Add(-v.grace)):
		v.unsure(e.rule + ":GREY_INTERVAL")
	}
}

// judge applies the rules C7, E1–E3, E7 and T1–T5 to a seal signature, with the
// registry as it is now. Its answer lacks only what names record and centre.
func (s *Server) judge(ctx context.Context, b *snapshot, o *order, now time.Time) (receipt.Receipt, error) {
	v := &verdict{Receipt: receipt.For(o.sig), at: o.sig.Time, now: now, grace: time.Duration(b.store.Policy().GraceHours) * time.Hour}
	v.Time, v.Verdict, v.Reasons, v.SealStatus = now, receipt.VerdictValid, []string{}, receipt.SealUnknown
	v.SignerStatus, v.MakerStatus = receipt.CertificateUnknown, receipt.CertificateUnknown
	if v.DataHash != o.dataHash {
		v.invalid("E3:HASH_MISMATCH")
	}
	if o.sig.VerifyValue() != nil {
		v.invalid("C7:SIG_VALUE")
	}
	if b.sealValue(gm.SM3(o.sig.Seal.Raw), o.sig.Seal.VerifyValue) != nil {
		v.invalid("E1:SEAL_SIG")
	}
	switch listed, usable := o.sig.Seal.Lists(o.sig.SignerCert); {
	case !usable:
		v.unsure("E2:SIGNER_LIST_UNUSABLE")
	case !listed:
		v.invalid("E2:CERT_NOT_IN_SEAL")
	}
	earlier, err := s.earlier(ctx, o)
	if err != nil {
		return v.Receipt, err
	}
	v.checkTime(b, o.sig, earlier)
	if err := s.checkSeal(ctx, v, o.sig.Seal); err != nil {
		return v.Receipt, err
	}
	return v.Receipt, s.checkParties(ctx, v, b, o.sig)
}

// earlier is when the centre first found this seal signature valid and seal and certificates in order, zero where it has not: its own
// receipt proves the time of sealing to itself as it does to every client (rule T3).
func (s *Server) earlier(ctx context.Context, o *order) (time.Time, error) {
	first, err := s.o.Desk.Store.FirstVerification(ctx, o.digest, receipt.VerdictValid)
	if errors.Is(err, registry.ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, errors.Join(errStore, err)
	}
	r, err := receipt.Parse(first.Receipt)
	if err != nil {
		return time.Time{}, err
	}
	if r.SealStatus != receipt.SealInForce || r.SignerStatus != receipt.CertificateGood || r.MakerStatus != receipt.CertificateGood {
		return time.Time{}, nil
	}
	return r.Time, nil
}

// checkTime takes the earliest proven time in the place of the signatory's claim: that of a trusted timestamp (rule T5), or of an
// earlier receipt. As in the client, a timestamp that is wrong in itself makes the seal signature invalid, and one of an authority that
// is not to be believed proves nothing.
func (v *verdict) checkTime(b *snapshot, sig *ses.Signature, earlier time.Time) {
	if sig.Timestamp != nil {
		t, err := timestamp.Parse(sig.Timestamp)
		if err == nil {
			err = t.CheckImprint(sig.Value)
		}
		var form *cms.Error
		switch {
		case errors.Is(err, timestamp.ErrUnsupported) || errors.As(err, &form) && form.Rule == "C3":
			v.unsure("T5:TIMESTAMP")
		case err != nil:
			v.invalid("T5:TIMESTAMP")
		case t.CheckAuthority() == nil && b.store.Vouches(t.SignerCert, trust.PurposeTimestamp, t.Time, v.now) == "":
			v.at, v.proven = t.Time, true
		}
	}
	if !earlier.IsZero() && (!v.proven || earlier.Before(v.at)) {
		v.at, v.proven = earlier, true
	}
	switch {
	case v.at.IsZero():
		v.unsure("T3:TIME_CLAIMED")
	case v.at.After(v.now.Add(skew)):
		v.unsure("T3:TIME_FUTURE")
	}
}

// checkSeal asks the registry for the seal: rule E7 and its status at the time of sealing and now.
func (s *Server) checkSeal(ctx context.Context, v *verdict, seal *ses.Seal) error {
	switch {
	case v.at.Before(seal.ValidFrom) || v.at.After(seal.ValidTo):
		v.invalid("E7:SIGN_TIME_OUTSIDE_SEAL")
	case v.now.After(seal.ValidTo):
		v.after(ending{at: seal.ValidTo, before: "E7:SIGN_TIME_OUTSIDE_SEAL", unproven: "E7:OUT_OF_BOUNDS_NO_POE"})
	}
	known, err := s.o.Desk.Store.Seal(ctx, seal.ID)
	switch {
	case errors.Is(err, registry.ErrNotFound):
		v.unsure("E7:SEAL_STATUS")
		return nil
	case err != nil:
		return errors.Join(errStore, err)
	case known.SM3 != v.SealSM3: // another seal under the identifier of a registered one
		v.invalid("E7:SEAL_STATUS")
		return nil
	}
	states, err := s.states(ctx, seal.ID)
	if err != nil {
		return err
	}
	v.checkStates(states)
	return nil
}

func (v *verdict) checkStates(states []registry.State) {
	if len(states) == 0 {
		v.unsure("E7:SEAL_STATUS")
		return
	}
	last := states[len(states)-1]
	v.SealStatus, v.SealSince = string(last.Status), last.Since
	then, issued := desk.StateAt(states, v.at)
	if !issued || then.Status != trust.StatusInForce {
		v.invalid("E7:SEAL_STATUS")
		return
	}
	for _, later := range states {
		if later.Since.After(v.at) && later.Status != trust.StatusInForce {
			v.after(ending{at: later.Since, lost: later.Status == trust.StatusReportedLost, before: "E7:SEAL_STATUS", unproven: "E7:SEAL_STATUS", rule: "E7"})
			return
		}
	}
}

// party is what was found about a certificate.
type party struct {
	chain   trust.ChainResult
	revoked *time.Time
	lost    bool   // revoked because the key may have been in other hands
	status  string // word of a receipt
	stale   bool   // a list of another authority is past its end
	unknown bool   // no list speaks of it
}

// revoke notes since when a link of the chain is revoked; the earliest counts.
func (p *party) revoke(at time.Time, reason int) {
	if p.revoked == nil || at.Before(*p.revoked) {
		p.revoked, p.lost = &at, trust.Compromised(reason)
	}
}

// listed notes what the list of its issuer says of a link of the chain.
func (p *party) listed(r trust.RevocationResult) {
	switch r.Status {
	case trust.RevocationRevoked:
		p.revoke(r.Revocation.Time, r.Revocation.Reason)
	case trust.RevocationStale:
		p.stale = true
	case trust.RevocationUnknown:
		p.unknown = true
	}
}

// judgeCertificate looks a certificate up: its chain, the revocations of the
// registry, which are newer than any list, and the lists of other authorities, for each link of the chain.
func (s *Server) judgeCertificate(ctx context.Context, b *snapshot, c *gm.Certificate, purpose trust.Purpose, now time.Time) (party, error) {
	p := party{chain: b.chain(c, purpose), status: receipt.CertificateGood}
	fingerprint := c.Fingerprint()
	own, revoked, err := s.o.Desk.Store.Revocation(ctx, hex.EncodeToString(fingerprint[:]))
	if err != nil {
		return p, errors.Join(errStore, err)
	}
	if revoked {
		p.revoke(own.Time, own.Reason)
	}
	for i := 1; i < len(p.chain.Path); i++ {
		if i > 1 || !revoked {
			p.listed(b.store.Revocation(p.chain.Path[i-1], p.chain.Path[i], now))
		}
	}
	switch {
	case p.revoked != nil:
		p.status = receipt.CertificateRevoked
	case p.chain.Status != trust.ChainTrusted || p.stale || p.unknown:
		p.status = receipt.CertificateUnknown
	case now.Before(c.NotBefore) || now.After(c.NotAfter):
		p.status = receipt.CertificateExpired
	}
	return p, nil
}
